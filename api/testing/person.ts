/** People for tests: each signs up through the front door and does what people do. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type ExecutionResult, print } from 'graphql';
import { createClient } from 'graphql-sse';

import { testServer } from './server.ts';
import { ActiveRuns, CreateChat, Feed, RunEvents, SendMessage, StopRun } from './documents.ts';
import type {
  FeedSubscription,
  FeedSubscriptionVariables,
  RunEventsSubscription,
} from '../generated/graphql/graphql.ts';

export type FeedEvent = FeedSubscription['feed'];

export type FollowedEvent = RunEventsSubscription['runEvents'];

export interface PersonOptions {
  email?: string;
  password?: string;
}

/** A new account, signed in. The first one of a file is the administrator. */
export async function person(name: string, options: PersonOptions = {}): Promise<Person> {
  const email = options.email ?? `${name}-${crypto.randomUUID().slice(0, 8)}@example.org`;
  const password = options.password ?? 'correct horse battery';
  const someone = new Person(name, email, password);
  const response = await someone.post('/api/auth/sign-up/email', { name, email, password });
  if (!response.ok) throw new Error(`${name} could not sign up: ${await response.text()}`);
  return someone;
}

/** A client that never signed in. */
export function stranger(): Person {
  return new Person('stranger', 'stranger@example.org', '');
}

export class Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  #cookies = new Map<string, string>();
  #url: string | undefined;

  constructor(name: string, email: string, password: string) {
    this.name = name;
    this.email = email;
    this.password = password;
  }

  /** The same person in the same session, at another server of the same installation. */
  at(url: string): Person {
    const there = new Person(this.name, this.email, this.password);
    there.#cookies = this.#cookies;
    there.#url = url;
    return there;
  }

  get url(): string {
    return this.#url ?? testServer().url;
  }

  get headers(): Record<string, string> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return { 'content-type': 'application/json', 'x-graphql-yoga-csrf': '1', ...(cookie && { cookie }) };
  }

  /** Posts JSON and keeps the cookies. A browser's `Origin` goes with it, as better-auth wants it. */
  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const { url } = this;
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { ...this.headers, origin: url, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (name && value !== undefined) this.#cookies.set(name, value);
    }
    return response;
  }

  get(path: string): Promise<Response> {
    return fetch(this.url + path, { headers: this.headers });
  }

  /** The whole answer, top-level errors included. */
  async askFor<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<ExecutionResult<Data>> {
    const response = await this.post('/graphql', { query: print(document), variables });
    return (await response.json()) as ExecutionResult<Data>;
  }

  /** The data; a top-level error is thrown. */
  async ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
    const { data, errors } = await this.askFor(document, variables);
    if (errors || !data) throw new Error(`${this.name} asked in vain: ${JSON.stringify(errors)}`);
    return data;
  }

  async createsChat(title?: string) {
    const { createChat } = await this.ask(CreateChat, { input: title === undefined ? {} : { title } });
    if (createChat.__typename !== 'CreateChatPayload') throw new Error(JSON.stringify(createChat));
    return createChat.chat;
  }

  /** Sends, into a new chat where none is named. */
  async sends(
    content: string,
    chatId?: string,
    more: { parentId?: string | null; agentId?: string; clientId?: string } = {},
  ) {
    const { sendMessage } = await this.ask(SendMessage, {
      input: { chatId: chatId ?? (await this.createsChat()).id, content, clientId: crypto.randomUUID(), ...more },
    });
    if (sendMessage.__typename !== 'SendMessagePayload') throw new Error(JSON.stringify(sendMessage));
    return { ...sendMessage, ...onlyAnswer(sendMessage) };
  }

  /** Sends, and reads the answer to its end. */
  async asks(content: string, chatId?: string, more: Parameters<Person['sends']>[2] = {}) {
    const sent = await this.sends(content, chatId, more);
    const events = await Array.fromAsync(this.follows(sent.run.id));
    return { ...sent, events };
  }

  async stops(runId: string) {
    const { stopRun } = await this.ask(StopRun, { input: { id: runId } });
    return stopRun;
  }

  /** Until nothing is being written in that chat. */
  async waitsForAnswers(chatId: string): Promise<void> {
    const { chat } = await this.ask(ActiveRuns, { chatId });
    for (const { id } of chat?.activeRuns ?? []) await Array.fromAsync(this.follows(id));
  }

  /** The events from the beginning on, the ticks too, until the reader is done with it. */
  async *feeds(chats: FeedSubscriptionVariables['chats'] = [], agentsVersion?: string): AsyncGenerator<FeedEvent> {
    const client = createClient({ url: `${this.url}/graphql`, headers: () => this.headers, retryAttempts: 0 });
    try {
      for await (const { data, errors } of client.iterate<FeedSubscription>({
        query: print(Feed),
        variables: { chats, ...(agentsVersion !== undefined && { agentsVersion }) },
      })) {
        if (errors || !data) throw new Error(JSON.stringify(errors));
        yield data.feed;
      }
    } finally {
      client.dispose();
    }
  }

  /** The events of any subscription, until the reader is done with it. */
  async *subscribes<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): AsyncGenerator<Data> {
    const client = createClient({ url: `${this.url}/graphql`, headers: () => this.headers, retryAttempts: 0 });
    try {
      for await (const { data, errors } of client.iterate<Data>({ query: print(document), variables })) {
        if (errors || !data) throw new Error(JSON.stringify(errors));
        yield data;
      }
    } finally {
      client.dispose();
    }
  }

  /** With the stock client, as any integrator would. Ends after the run's end. */
  async *follows(runId: string, from = 0): AsyncGenerator<FollowedEvent> {
    const client = createClient({ url: `${this.url}/graphql`, headers: () => this.headers, retryAttempts: 0 });
    try {
      for await (const { data, errors } of client.iterate<RunEventsSubscription>({
        query: print(RunEvents),
        variables: { runId, from },
      })) {
        if (errors || !data) throw new Error(JSON.stringify(errors));
        yield data.runEvents;
      }
    } finally {
      client.dispose();
    }
  }
}

/** The words that the events bring, in one string. */
export function wordsOf(events: readonly FollowedEvent[]): string {
  return events.map((event) => (event.__typename === 'ContentDelta' ? event.text : '')).join('');
}

/** Reads on until the words so far are these. */
export async function readUntil(events: AsyncGenerator<FollowedEvent>, words: string): Promise<void> {
  let read = '';
  while (read !== words) {
    const { value, done } = await events.next();
    if (done) throw new Error(`The run ended with ${JSON.stringify(read)}.`);
    if (value.__typename === 'ContentDelta') read += value.text;
  }
}

/** The words read until the stream breaks or ends. */
export async function readWhileItLasts(
  events: AsyncGenerator<FollowedEvent>,
  onWords: (words: string) => void,
): Promise<string> {
  const read: FollowedEvent[] = [];
  try {
    for await (const event of events) {
      read.push(event);
      onWords(wordsOf(read));
    }
  } catch {
    // The process died: what was read is what counts.
  }
  return wordsOf(read);
}

/** The one answer that is asked for in a private chat, and its run. */
export function onlyAnswer<Answer, Run>({
  answers,
  runs,
}: {
  answers: Answer[];
  runs: Run[];
}): { answer: Answer; run: Run } {
  const [answer, run] = [answers[0], runs[0]];
  if (!answer || !run || answers.length + runs.length > 2) throw new Error(JSON.stringify({ answers, runs }));
  return { answer, run };
}
