import { createStore, produce } from 'solid-js/store';
import type { Feed } from '../feed/create-feed';
import { graphql } from '../generated';
import { makeClientId } from '../graphql/client-id';
import { perform } from '../graphql/perform';
import { returnToDraft, setDown, setOut, setOutAgain } from './drafts';
import type { Message } from './fragments';
import { forgetSending, rememberSending, sendingsOf } from './sendings';

const SendMessage = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessagePayload {
        chat {
          ...ChatFields
        }
        message {
          ...MessageFields
        }
        answer {
          ...MessageFields
        }
      }
      ... on InvalidInputError {
        issues {
          reason
        }
      }
      ... on RunLimitError {
        limit
      }
      ... on Error {
        reason
      }
    }
  }
`);

/** A message that stands in the thread already but that the server has not confirmed yet. */
export interface OutgoingMessage {
  /** The same over every attempt, so that the server recognises a repeated one. */
  clientId: string;
  chatId: string;
  content: string;
  /** What we knew of the chat when it was sent; the message comes later than that. */
  after: number;
  /** Why it was not sent, in words; null while it is on its way. */
  problem: string | null;
}

let isLeaving = false;
window.addEventListener('beforeunload', () => (isLeaving = true));

const [outbox, setOutbox] = createStore<OutgoingMessage[]>([]);

export function outgoingIn(chatId: string): OutgoingMessage[] {
  return outbox.filter((each) => each.chatId === chatId);
}

/** The feed may tell of it before the server's answer does. */
export function hasArrived({ content, after }: OutgoingMessage, messages: readonly Message[]): boolean {
  return messages.some((message) => message.role === 'USER' && message.seq > after && message.content === content);
}

/**
 * Sends what stood in the person's box for a chat. Returns words where the message came back because an answer is still
 * being written: then it was not kept here.
 */
export async function send(feed: Feed, viewerId: string, chatId: string, content: string): Promise<string | null> {
  const message: OutgoingMessage = {
    clientId: makeClientId(),
    chatId,
    content,
    after: revisionOf(feed, chatId),
    problem: null,
  };
  setOut(message.clientId, viewerId, chatId, content);
  setOutbox(outbox.length, message);
  rememberSending({ clientId: message.clientId, viewerId, chatId, content });
  return attempt(feed, message);
}

/** What was on its way when the page was left may have arrived: sent again under the same name, it is not said twice. */
export function goOnSending(feed: Feed, viewerId: string): void {
  for (const { clientId, chatId, content } of sendingsOf(viewerId)) {
    if (outbox.some((each) => each.clientId === clientId)) continue;
    const message: OutgoingMessage = { clientId, chatId, content, after: 0, problem: null };
    setOutAgain(clientId, viewerId, chatId, content);
    setOutbox(outbox.length, message);
    void attempt(feed, message).then((words) => words && returnToDraft(viewerId, chatId, content));
  }
}

export function sendAgain(feed: Feed, clientId: string): void {
  const message = outbox.find((each) => each.clientId === clientId);
  if (!message) return;
  setOutbox((each) => each.clientId === clientId, 'problem', null);
  void attempt(feed, message);
}

export function takeBack(clientId: string): void {
  setOutbox(produce((all) => all.splice(0, all.length, ...all.filter((each) => each.clientId !== clientId))));
  setDown(clientId);
  forgetSending(clientId);
}

function revisionOf(feed: Feed, chatId: string): number {
  return feed.known().chats.get(chatId)?.revision ?? 0;
}

/** Asks a question anew, beside the one that it is another wording of. Returns what went wrong, in words. */
export async function sendBeside(
  feed: Feed,
  input: { chatId: string; parentId: string | null; content: string; clientId: string },
): Promise<string | null> {
  const sent = await perform(feed.client, SendMessage, { input });
  if (!sent.payload) return sent.words;
  const { chat, message, answer } = sent.payload;
  feed.learnDone(chat, [message, answer], answer.id);
  return null;
}

async function attempt(feed: Feed, { clientId, chatId, content }: OutgoingMessage): Promise<string | null> {
  const sent = await perform(feed.client, SendMessage, { input: { chatId, content, clientId } });
  if (sent.payload) {
    const { chat, message, answer } = sent.payload;
    feed.learnDone(chat, [message, answer], answer.id);
    takeBack(clientId);
    return null;
  }
  if (sent.failure?.__typename === 'RunInProgressError') {
    takeBack(clientId);
    return sent.words;
  }
  // Whoever leaves the page now finds it in the box; but a request that the leaving itself ended may have arrived.
  if (!isLeaving) forgetSending(clientId);
  setOutbox((each) => each.clientId === clientId, 'problem', sent.words);
  return null;
}
