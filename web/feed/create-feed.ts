import { createRequest, stringifyDocument, type Client } from '@urql/core';
import { useClient } from '@urql/solid';
import { createContext, createEffect, createSignal, on, onCleanup, useContext, type Accessor } from 'solid-js';

import type { Chat } from '../store/chat-fragments';
import { createActivity } from '../browser/activity';
import type { Presence } from '../generated/graphql';
import { endSession, url } from '../graphql/client';
import type { Message } from '../store/message-fragments';
import type { Run } from '../store/run';
import {
  applyChats,
  applyMutation,
  applyFeedEvent,
  applyPage,
  applyPresence,
  cursorOf,
  forgetMissing,
  resetText,
  withoutWriters,
  emptyState,
  type FeedEvent,
  type FeedState,
} from '../store/reduce';
import { browserTab } from './browser-tab';
import { makeFeedConnection, type FeedConnection } from './connection';
import { Feed as FeedDocument } from './feed-document';
import type { FeedConnectionState } from './feed-line';

/** What this tab knows of its person's chats, kept up by one connection. */
export interface Feed {
  /** For queries and mutations whose answers go to the store. */
  client: Client;
  known: Accessor<FeedState>;
  connection: Accessor<FeedConnectionState>;
  /** How often it has caught up: what only a query tells is to be asked for again. */
  caughtUp: Accessor<number>;
  /** The version of the web app that the server has; null: unknown. */
  serverPageVersion: Accessor<string | null>;
  /** How often it could not go on from what it had of a thread's words: the page is to be asked for again. */
  stuck: Accessor<number>;
  /** Follows a chat as long as its owner lives. */
  watch: (chatId: string) => void;
  putChats: (chats: readonly Chat[]) => void;
  putPage: (
    chat: Chat,
    messages: readonly Message[],
    place: { isNewest: boolean; activeRuns?: readonly Run[] },
  ) => void;
  putMutation: (chat: Chat, messages?: readonly Message[], headId?: string | null) => void;
  forgetMissing: (expected: readonly Chat[], answered: readonly Chat[]) => void;
  putPresence: (people: readonly { personId: string; presence: Presence }[]) => void;
}

const Context = createContext<Feed>();

export const FeedProvider = Context.Provider;

export function useFeed(): Feed {
  const feed = useContext(Context);
  if (!feed) throw new Error('useFeed is called outside of FeedProvider.');
  return feed;
}

/** For everyone under FeedProvider; connected while somebody is signed in. */
export function createFeed(isSignedIn: Accessor<boolean>): Feed {
  const client = useClient();
  const [known, show] = createSignal<FeedState>(emptyState);
  const [connection, setConnection] = createSignal<FeedConnectionState>('closed');
  const [caughtUp, setCaughtUp] = createSignal(0);
  const [stuck, setStuck] = createSignal(0);
  const [serverPageVersion, setServerPageVersion] = createSignal<string | null>(null);
  const isActive = createActivity();
  const watched = new Map<string, number>();
  let state = emptyState;
  let frame = 0;
  let link: FeedConnection | null = null;

  createEffect(
    on(isSignedIn, (isIn) => {
      if (!isIn) return;
      const onCaughtUp = () => void setCaughtUp((times) => times + 1);
      const request = { url, body, onEvent: hear, onCaughtUp, onStuck, onState: setConnection, onRefusal: refuse };
      link = makeFeedConnection(request, browserTab());
      onCleanup(() => {
        link?.close();
        link = null;
      });
    }),
  );
  createEffect(on(isActive, () => link?.renew(), { defer: true }));
  onCleanup(() => cancelAnimationFrame(frame));

  function body() {
    const chats = [...watched.keys()].flatMap((chatId) => cursorOf(state, chatId) ?? []);
    state = withoutWriters(state);
    const variables = { chats, agentsVersion: state.agents.version, isActive: isActive() };
    // As urql sends it: a server may know documents by their text.
    return { query: stringifyDocument(createRequest(FeedDocument, variables).query), variables };
  }

  function hear(event: FeedEvent): 'gap' | void {
    if (event.__typename === 'Tick') setServerPageVersion(event.pageVersion);
    const next = applyFeedEvent(state, event);
    if (next === 'gap') return 'gap';
    // Words are drawn once a frame, whatever the number of pieces they come in.
    if (event.__typename !== 'RunDelta') return learn(next);
    state = next;
    frame ||= requestAnimationFrame(() => learn(state));
  }

  function onStuck(runId: string) {
    learn(resetText(state, runId));
    setStuck((times) => times + 1);
  }

  function refuse(isUnauthenticated: boolean) {
    if (isUnauthenticated) endSession();
  }

  function learn(next: FeedState) {
    cancelAnimationFrame(frame);
    frame = 0;
    state = next;
    show(next);
  }

  function isFollowed(chatId: string): boolean {
    return watched.has(chatId) && state.threads.has(chatId);
  }

  return {
    client,
    known,
    connection,
    caughtUp,
    serverPageVersion,
    stuck,
    watch(chatId) {
      watched.set(chatId, (watched.get(chatId) ?? 0) + 1);
      if (isFollowed(chatId)) link?.renew();
      onCleanup(() => {
        const left = (watched.get(chatId) ?? 1) - 1;
        if (left > 0) watched.set(chatId, left);
        else watched.delete(chatId);
      });
    },
    putChats: (chats) => learn(applyChats(state, chats)),
    putPage(chat, messages, place) {
      const wasFollowed = isFollowed(chat.id);
      learn(applyPage(state, chat, messages, place));
      if (isFollowed(chat.id) && !wasFollowed) link?.renew();
    },
    putMutation: (chat, messages, headId) => learn(applyMutation(state, chat, messages, headId)),
    forgetMissing(expected, answered) {
      // What is watched is told of by the feed itself.
      const doubtful = expected.filter(({ id }) => !watched.has(id));
      learn(forgetMissing(state, doubtful, answered));
    },
    putPresence: (people) => learn(applyPresence(state, people)),
  };
}
