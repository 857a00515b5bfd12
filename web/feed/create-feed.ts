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
  type FeedEvent,
  type FeedState,
} from '../store/reduce';
import { browserTab } from './browser-tab';
import { makeFeedConnection, type FeedConnection } from './connection';
import { createDrawnState } from './create-drawn-state';
import { Feed as FeedDocument } from './feed-document';
import type { FeedConnectionState } from './feed-line';

/** What this tab knows of its person's chats, kept up by one connection. */
export interface Feed {
  /** For queries and mutations whose answers go to the store. */
  client: Client;
  state: Accessor<FeedState>;
  connection: Accessor<FeedConnectionState>;
  /** How often it connected and received all that it had missed: what only queries return is then asked for again. */
  reconnected: Accessor<number>;
  /** The version of the web app that the server has; null: unknown. */
  serverPageVersion: Accessor<string | null>;
  /** How often the text of a run was dropped because its deltas did not follow: the page is then asked for again. */
  textLost: Accessor<number>;
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

/** For all components under FeedProvider; connected while a person is signed in. */
export function createFeed(isSignedIn: Accessor<boolean>): Feed {
  const client = useClient();
  const { drawn: state, latest, draw, drawInFrame, drawLater } = createDrawnState();
  const [connection, setConnection] = createSignal<FeedConnectionState>('closed');
  const [reconnected, setReconnected] = createSignal(0);
  const [textLost, setTextLost] = createSignal(0);
  const [serverPageVersion, setServerPageVersion] = createSignal<string | null>(null);
  const isActive = createActivity();
  const watched = new Map<string, number>();
  let link: FeedConnection | null = null;

  createEffect(
    on(isSignedIn, (isIn) => {
      if (!isIn) return;
      const onReconnected = () => void setReconnected((times) => times + 1);
      const request = {
        url,
        body,
        onEvent: receive,
        onReconnected,
        onTextLost,
        onState: setConnection,
        onRefusal: refuse,
      };
      link = makeFeedConnection(request, browserTab());
      onCleanup(() => {
        link?.close();
        link = null;
      });
    }),
  );
  createEffect(on(isActive, () => link?.renew(), { defer: true }));

  function body() {
    const chats = [...watched.keys()].flatMap((chatId) => cursorOf(latest(), chatId) ?? []);
    drawLater(withoutWriters(latest()));
    const variables = { chats, agentsVersion: latest().agents.version, isActive: isActive() };
    // As urql sends it: a server may know documents by their text.
    return { query: stringifyDocument(createRequest(FeedDocument, variables).query), variables };
  }

  function receive(event: FeedEvent): 'gap' | void {
    if (event.__typename === 'Tick') setServerPageVersion(event.pageVersion);
    const next = applyFeedEvent(latest(), event);
    if (next === 'gap') return 'gap';
    // Words come in many pieces.
    (event.__typename === 'RunDelta' ? drawInFrame : draw)(next);
  }

  function onTextLost(runId: string) {
    draw(resetText(latest(), runId));
    setTextLost((times) => times + 1);
  }

  function refuse(isUnauthenticated: boolean) {
    if (isUnauthenticated) endSession();
  }

  function isFollowed(chatId: string): boolean {
    return watched.has(chatId) && latest().threads.has(chatId);
  }

  return {
    client,
    state,
    connection,
    reconnected,
    serverPageVersion,
    textLost,
    watch(chatId) {
      watched.set(chatId, (watched.get(chatId) ?? 0) + 1);
      if (isFollowed(chatId)) link?.renew();
      onCleanup(() => {
        const left = (watched.get(chatId) ?? 1) - 1;
        if (left > 0) watched.set(chatId, left);
        else watched.delete(chatId);
      });
    },
    putChats: (chats) => draw(applyChats(latest(), chats)),
    putPage(chat, messages, place) {
      const wasFollowed = isFollowed(chat.id);
      draw(applyPage(latest(), chat, messages, place));
      if (isFollowed(chat.id) && !wasFollowed) link?.renew();
    },
    putMutation: (chat, messages, headId) => draw(applyMutation(latest(), chat, messages, headId)),
    forgetMissing(expected, answered) {
      // The feed itself sends what is watched.
      const doubtful = expected.filter(({ id }) => !watched.has(id));
      draw(forgetMissing(latest(), doubtful, answered));
    },
    putPresence: (people) => draw(applyPresence(latest(), people)),
  };
}
