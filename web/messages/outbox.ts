import { createStore, produce } from 'solid-js/store';
import { visibleThread } from '../feed/apply-change';
import type { Feed } from '../feed/create-feed';
import { graphql } from '../generated';
import { makeClientId } from '../graphql/client-id';
import { perform } from '../graphql/perform';
import { returnToDraft, setDown, setOut, setOutAgain } from './drafts';
import type { Message } from './fragments';
import { forgetSending, rememberSending, sendingsOf, type Sending } from './sendings';

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
export interface OutgoingMessage extends Sending {
  /** Why it was not sent, in words; null while it is on its way. */
  problem: string | null;
}

let isLeaving = false;
window.addEventListener('beforeunload', () => (isLeaving = true));

const [outbox, setOutbox] = createStore<OutgoingMessage[]>([]);

export function outgoingIn(chatId: string): OutgoingMessage[] {
  return outbox.filter((each) => each.chatId === chatId);
}

/** The feed may tell of it before the server's answer does, or instead of it. */
export function hasArrived({ clientId }: OutgoingMessage, messages: readonly Message[]): boolean {
  return messages.some((message) => message.clientId === clientId);
}

/**
 * Sends what stood in the person's box for a chat. Returns words where the message came back because an answer is still
 * being written: then it was not kept here.
 */
export async function send(feed: Feed, viewerId: string, chatId: string, content: string): Promise<string | null> {
  const sending = { clientId: makeClientId(), viewerId, chatId, content, parentId: lastAnswerOf(feed, chatId) };
  setOut(sending.clientId, viewerId, chatId, content);
  return sendFromBox(feed, sending);
}

/** What was on its way when the page was left may have arrived: sent again under the same name, it is not said twice. */
export function goOnSending(feed: Feed, viewerId: string): void {
  for (const sending of sendingsOf(viewerId)) {
    const { clientId, chatId, content } = sending;
    if (outbox.some((each) => each.clientId === clientId)) continue;
    setOutAgain(clientId, viewerId, chatId, content);
    void sendFromBox(feed, sending).then((words) => words && returnToDraft(viewerId, chatId, content));
  }
}

async function sendFromBox(feed: Feed, sending: Sending): Promise<string | null> {
  setOutbox(outbox.length, { ...sending, problem: null });
  const words = await attempt(feed, sending);
  if (words) takeBack(sending.clientId);
  return words;
}

/** From its row in the thread, at the end of what is seen by now. There it stays where it cannot be sent yet. */
export async function sendAgain(feed: Feed, clientId: string): Promise<void> {
  const message = outbox.find((each) => each.clientId === clientId);
  if (!message) return;
  const { problem: _solved, ...old } = message;
  const sending = { ...old, parentId: lastAnswerOf(feed, old.chatId) };
  setOutbox((each) => each.clientId === clientId, { ...sending, problem: null });
  const words = await attempt(feed, sending);
  if (words) keepUnsent(clientId, words);
}

export function takeBack(clientId: string): void {
  setOutbox(produce((all) => all.splice(0, all.length, ...all.filter((each) => each.clientId !== clientId))));
  setDown(clientId);
  forgetSending(clientId);
}

/**
 * What is asked follows what is seen, not what the server has by then for the end of the thread. Null in an empty chat; undefined
 * where we do not know: then the server does.
 */
function lastAnswerOf(feed: Feed, chatId: string): string | null | undefined {
  const thread = feed.known().threads.get(chatId);
  if (!thread) return undefined;
  if (thread.tipId === null) return null;
  const last = visibleThread(thread).at(-1);
  return last?.role === 'ASSISTANT' ? last.id : undefined;
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

/** Returns words where an answer is still being written; any other problem stands in the row. */
async function attempt(feed: Feed, sending: Sending): Promise<string | null> {
  const { viewerId: _ours, ...input } = sending;
  rememberSending(sending);
  const sent = await perform(feed.client, SendMessage, { input });
  if (sent.payload) {
    const { chat, message, answer } = sent.payload;
    feed.learnDone(chat, [message, answer], answer.id);
    takeBack(sending.clientId);
    return null;
  }
  if (sent.failure?.__typename === 'RunInProgressError') return sent.words;
  keepUnsent(sending.clientId, sent.words);
  return null;
}

function keepUnsent(clientId: string, problem: string) {
  // Whoever leaves the page now finds it in the box; but a request that the leaving itself ended may have arrived.
  if (!isLeaving) forgetSending(clientId);
  setOutbox((each) => each.clientId === clientId, 'problem', problem);
}
