/** For tests against a real server: a signed-in person, and a tab of theirs without a page. */
import { stringifyDocument, type TypedDocumentNode } from '@urql/core';

import { ThreadPageDocument, type ThreadPageQuery } from '../generated/graphql';
import type { Platform } from '../feed/sse';
import { applyChats, applyFeedEvent, applyPage, cursorOf, emptyState, type FeedState, isOld } from '../store/reduce';
import { makeFeedConnection } from '../feed/connection';
import { Feed } from '../feed/feed-document';

export interface Person {
  url: string;
  cookie: string;
  ask: <Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) => Promise<Data>;
}

export async function signUp(url: string, name: string): Promise<Person> {
  const response = await fetch(`${url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({
      name,
      email: `${name}-${crypto.randomUUID()}@example.org`,
      password: 'correct horse battery',
    }),
  });
  if (!response.ok) throw new Error(await response.text());
  const cookie = response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  return {
    url,
    cookie,
    async ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) {
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-graphql-yoga-csrf': '1', cookie },
        body: JSON.stringify({ query: stringifyDocument(document), variables }),
      });
      const { data, errors } = (await answer.json()) as { data?: Data; errors?: unknown };
      if (!data || errors) throw new Error(JSON.stringify(errors));
      return data;
    },
  };
}

/** The browser's part in a connection, with a cookie, and with a way to cut the line. */
export function linePlatform(
  cookie: string,
  own: Partial<Platform> = {},
  headers: Record<string, string> = {},
): Platform & { cut: () => void } {
  const lines = new Set<AbortController>();
  return {
    now: () => Date.now(),
    random: () => 0,
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
    onWake: () => () => {},
    fetch: (input, init) => {
      const line = new AbortController();
      lines.add(line);
      const signals = [line.signal, ...(init?.signal ? [init.signal] : [])];
      return fetch(input, {
        ...init,
        headers: { ...(init?.headers as Record<string, string>), cookie, ...headers },
        signal: AbortSignal.any(signals),
      });
    },
    ...own,
    cut() {
      for (const line of lines) line.abort();
      lines.clear();
    },
  };
}

/** A clock that runs so many times faster, so that time limits of hours pass in a moment. */
export function fastClock(speed: number): Pick<Platform, 'now' | 'after'> {
  return {
    now: () => Date.now() * speed,
    after: (ms, call) => {
      const timer = setTimeout(call, ms / speed);
      return () => clearTimeout(timer);
    },
  };
}

/** What a tab knows of one chat, and how it keeps that up. */
export function openTab(person: Person, chatId: string, platform = linePlatform(person.cookie), url = person.url) {
  let state: FeedState = emptyState;
  let woken = Promise.withResolvers<void>();
  const learn = (next: FeedState) => {
    state = next;
    woken.resolve();
    woken = Promise.withResolvers();
  };
  const tab = {
    id: crypto.randomUUID(),
    channel: null,
    now: platform.now,
    after: platform.after,
    isVisible: () => true,
    onLook: () => () => {},
    onLeave: () => () => {},
  };
  const connection = makeFeedConnection(
    {
      url: `${url}/graphql`,
      body: () => ({
        query: stringifyDocument(Feed),
        variables: {
          chats: [cursorOf(state, chatId)].filter((cursor) => cursor !== null),
          agentsVersion: state.agents.version,
        },
      }),
      onEvent(event) {
        const next = applyFeedEvent(state, event);
        if (next === 'gap') return 'gap';
        learn(next);
        // As the page does (messages/create-thread.ts).
        if (isOld(next, chatId)) void fetchPage(person, chatId).then((page) => learn(withPage(state, page)));
      },
      onRefusal: () => {
        throw new Error('The feed was refused.');
      },
    },
    tab,
    platform,
  );

  return {
    state: () => state,
    learn,
    async load() {
      learn(await freshState(person, chatId, state));
      connection.renew();
    },
    cut: platform.cut,
    close: () => connection.close(),
    /** Resolves when it knows enough. */
    async until(isEnough: (state: FeedState) => boolean) {
      while (!isEnough(state)) await woken.promise;
    },
  };
}

/** What a fresh fetch gives. */
export async function freshState(person: Person, chatId: string, from: FeedState = emptyState): Promise<FeedState> {
  return withPage(from, await fetchPage(person, chatId));
}

type Page = NonNullable<ThreadPageQuery['chat']>;

async function fetchPage(person: Person, chatId: string): Promise<Page> {
  const { chat } = await person.ask(ThreadPageDocument, { chatId, last: 100 });
  if (!chat) throw new Error('No such chat.');
  return chat;
}

function withPage(from: FeedState, { messages, activeRuns, ...chat }: Page): FeedState {
  return applyPage(applyChats(from, [chat]), chat, messages.nodes, { isNewest: true, activeRuns });
}
