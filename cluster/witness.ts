/**
 * Clients that keep what they receive. They connect as the web app does, with its own `makeSubscription`: over as many connections as
 * it takes, each from what they have.
 */
import { EventEmitter } from 'node:events';

import { type ExecutionResult, print } from 'graphql';

import type { WatchChatSubscription, WatchRunSubscription } from '../api/generated/graphql/graphql.ts';
import { type Feeding, type History, hasEnded, type Picture, type Reading } from '../api/testing/chaos.ts';
import type { Person } from '../api/testing/person.ts';
import { makeSubscription, type Platform } from '../web/feed/sse';
import { WatchChat, WatchRun } from './documents.ts';

/** What a history is made of while it happens. */
export class Chronicle {
  readonly sent: History['sent'] = [];
  readonly edited: History['edited'] = [];
  readonly readings: Reading[] = [];
  readonly feedings: Feeding[] = [];
}

/** Something that a client has more and more of; `until` waits for its next piece, and for no time. */
abstract class Watch implements Disposable {
  readonly #pieces = new EventEmitter().setMaxListeners(0);
  /** How often it has connected. */
  connections = 0;
  isClosed = false;
  protected close: () => void = () => undefined;

  /** Resolves when `holds` does; rejects after `withinMs`, with what it has by then. */
  async until(holds: () => boolean, what: string, withinMs = 30_000): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`Not within ${withinMs} ms: ${what}. ${this.describe()}`)),
      withinMs,
    );
    const look = () => holds() && resolve();
    this.#pieces.on('more', look);
    look();
    await promise.finally(() => {
      clearTimeout(timer);
      this.#pieces.off('more', look);
    });
  }

  [Symbol.dispose](): void {
    this.isClosed = true;
    this.close();
  }

  protected received(): void {
    this.#pieces.emit('more');
  }

  protected abstract describe(): string;
}

export class RunWatch extends Watch {
  readonly runId: string;
  text = '';
  end: Reading['end'] = null;
  readonly #name: string;
  #reading: Reading | undefined;

  constructor(who: Person, runId: string, chronicle: Chronicle, name = who.name) {
    super();
    this.runId = runId;
    this.#name = name;
    this.close = makeSubscription<ExecutionResult<WatchRunSubscription>>(
      {
        url: '/graphql',
        body: () => {
          this.connections += 1;
          const from = this.text.length;
          this.#reading = { reader: name, through: 'runEvents', runId, from, pieces: [], end: null };
          chronicle.readings.push(this.#reading);
          return { query: print(WatchRun), variables: { runId, from } };
        },
        isEnd: () => this.end !== null,
        onResult: ({ data }) => {
          if (data) this.#receive(data.runEvents);
          this.received();
        },
        onClose: () => {
          this.isClosed = true;
          this.received();
        },
      },
      platformOf(who),
    );
  }

  #receive(event: WatchRunSubscription['runEvents']): void {
    if (event.__typename === 'MessageStart' || !this.#reading) return;
    if (event.__typename === 'ContentDelta') {
      const { from, to, text } = event;
      this.#reading.pieces.push({ from, to, text });
      this.text += text.slice(Math.max(0, this.text.length - from));
      return;
    }
    this.end = { status: event.run.status, text: event.message.parts.map(({ text }) => text).join('') };
    this.#reading.end = this.end;
  }

  /** Resolves when it received the end, or was refused. */
  ended(withinMs?: number): Promise<void> {
    return this.until(() => this.end !== null || this.isClosed, 'the end', withinMs);
  }

  protected describe(): string {
    return `${this.#name} at ${this.runId}, on connection ${this.connections}: ${JSON.stringify(this.text.slice(-80))}`;
  }
}

type ToldChange = Extract<WatchChatSubscription['feed'], { __typename: 'ChatChange' }>;

export class ChatWatch extends Watch {
  readonly chatId: string;
  /** Whether the present connection has said that nothing is missed from here on. */
  isOpen = false;
  readonly #name: string;
  readonly #chronicle: Chronicle;
  #revision = 0;
  #headId: string | null = null;
  #title = '';
  readonly #messages = new Map<string, ToldChange['messages'][number]>();
  readonly #runs = new Map<string, ToldChange['runs'][number]>();
  readonly #texts = new Map<string, string>();
  #feeding: Feeding;
  #readings = new Map<string, Reading>();
  /** The last of each run, in which its end is noted. */
  readonly #lastReadings = new Map<string, Reading>();

  constructor(who: Person, chatId: string, chronicle: Chronicle, name = `${who.name}’s feed`) {
    super();
    this.chatId = chatId;
    this.#name = name;
    this.#chronicle = chronicle;
    this.#feeding = { reader: name, chatId, after: 0, changes: [] };
    this.close = makeSubscription<ExecutionResult<WatchChatSubscription>>(
      {
        url: '/graphql',
        body: () => this.#connect(),
        isEnd: ({ data }) => data?.feed.__typename === 'ChatGone',
        hasTicks: true,
        onResult: ({ data }) => {
          if (data) this.#receive(data.feed);
          this.received();
        },
        onClose: () => {
          this.isClosed = true;
          this.received();
        },
        onState: (state) => {
          if (state !== 'open') this.isOpen = false;
        },
      },
      platformOf(who),
    );
  }

  /** The words so far of a run that goes on. */
  textOf(runId: string): string {
    return this.#texts.get(runId) ?? '';
  }

  statusOf(runId: string): string | undefined {
    return this.#runs.get(runId)?.status;
  }

  /** Whether it knows of runs, and of none that goes on. */
  get isAtRest(): boolean {
    const runs = [...this.#runs.values()];
    return runs.length > 0 && runs.every(({ status }) => hasEnded(status));
  }

  get picture(): Picture & { reader: string } {
    return {
      reader: this.#name,
      chatId: this.chatId,
      headId: this.#headId,
      title: this.#title,
      messages: [...this.#messages.values()].map(({ id, seq, parent, content, editedContent, deletedAt }) => ({
        id,
        seq,
        parentId: parent?.id ?? null,
        content: editedContent ?? content,
        isDeleted: deletedAt !== null,
      })),
      runs: [...this.#runs.values()].map(({ id, status }) => ({ id, status })),
    };
  }

  /** To be called when all is over: the ends of runs, as the last state of the chat has them. */
  noteEnds(): void {
    for (const [runId, reading] of this.#lastReadings) {
      const run = this.#runs.get(runId);
      const answer = run?.message && this.#messages.get(run.message.id);
      if (!answer || !hasEnded(run.status)) continue;
      reading.end = { status: run.status, text: answer.parts.map(({ text }) => text).join('') };
    }
  }

  #connect(): unknown {
    this.connections += 1;
    this.#feeding = { reader: this.#name, chatId: this.chatId, after: this.#revision, changes: [] };
    this.#chronicle.feedings.push(this.#feeding);
    this.#readings = new Map();
    const runs = [...this.#texts]
      .filter(([id]) => !hasEnded(this.statusOf(id) ?? 'RUNNING'))
      .map(([id, text]) => ({ id, from: text.length }));
    return {
      query: print(WatchChat),
      variables: { chats: [{ id: this.chatId, after: this.#revision, runs }] },
    };
  }

  #receive(event: WatchChatSubscription['feed']): void {
    if (event.__typename === 'Tick') this.isOpen = true;
    if (event.__typename === 'ChatChange') this.#apply(event);
    if (event.__typename !== 'RunDelta') return;
    const { runId, delta } = event;
    const known = this.textOf(runId);
    this.#readingOf(runId).pieces.push({ from: delta.from, to: delta.to, text: delta.text });
    this.#texts.set(runId, known + delta.text.slice(Math.max(0, known.length - delta.from)));
  }

  #apply({ revision, headId, chat, messages, runs }: ToldChange): void {
    this.#feeding.changes.push({ revision, messages: messages.map(({ id, seq }) => ({ id, seq })) });
    this.#revision = revision;
    this.#headId = headId ?? null;
    this.#title = chat.title ?? '';
    for (const message of messages) this.#messages.set(message.id, message);
    for (const run of runs) this.#runs.set(run.id, run);
  }

  #readingOf(runId: string): Reading {
    const known = this.#readings.get(runId);
    if (known) return known;
    const from = this.textOf(runId).length;
    const reading: Reading = { reader: this.#name, through: 'feed', runId, from, pieces: [], end: null };
    this.#readings.set(runId, reading);
    this.#lastReadings.set(runId, reading);
    this.#chronicle.readings.push(reading);
    return reading;
  }

  protected describe(): string {
    return `${this.#name} at ${this.chatId}, on connection ${this.connections}: ${JSON.stringify(this.picture).slice(-400)}`;
  }
}

/** Node in place of a browser: it sends the person's cookie, and nothing ever wakes it. */
function platformOf(who: Person): Platform {
  return {
    fetch: (path, init) =>
      fetch(new URL(path as string, who.url), {
        ...init,
        headers: { ...(init?.headers as Record<string, string>), ...who.headers },
      }),
    now: () => performance.now(),
    random: () => Math.random(),
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
    onWake: () => () => undefined,
  };
}
