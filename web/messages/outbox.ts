import { createStore, produce } from 'solid-js/store';
import { visibleThread } from '../store/reduce';
import type { Feed } from '../feed/create-feed';
import { graphql } from '../generated';
import { hasSessionEnded } from '../graphql/client';
import { makeClientId } from '../browser/client-id';
import { perform } from '../graphql/perform';
import { threadWords } from './words';
import { isActive } from '../store/run';
import type { AutomaticQueue } from './create-automatic-sending';
import { returnToDraft, takeFromDraft } from './drafts';
import type { Message } from '../store/message-fragments';
import {
  forgetSending,
  rememberSending,
  takeLeftSendings,
  takeOrphanSendings,
  type LeftSending,
  type Sending,
  type SentReply,
} from './sendings';

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
        answers {
          ...MessageFields
        }
      }
      ...FailureFields
    }
  }
`);

/** A message that stands in the thread already but that the server has not confirmed yet. */
export interface OutgoingMessage extends Sending {
  /** Why it was not sent, in words; null while nothing is known to be wrong. */
  problem: string | null;
  /** It is sent by itself as soon as that is possible. */
  isWaiting: boolean;
}

const SENT_BY_ITSELF_MS = 24 * 60 * 60 * 1_000;

const [outbox, setOutbox] = createStore<OutgoingMessage[]>([]);

export function outgoingIn(chatId: string): OutgoingMessage[] {
  return outbox.filter((each) => each.chatId === chatId);
}

/** The feed may bring it before the server's answer does, or instead of it. */
export function hasArrived({ clientId }: OutgoingMessage, messages: readonly Message[]): boolean {
  return messages.some((message) => message.clientId === clientId);
}

/** Sends a message from the box, after those of its chat that still wait. Returns why it belongs back into the box, in words. */
export async function send(
  feed: Feed,
  viewerId: string,
  chatId: string,
  content: string,
  { clientId = makeClientId(), reply }: { clientId?: string; reply?: SentReply | undefined } = {},
): Promise<string | null> {
  const before = outgoingIn(chatId).findLast((each) => each.isWaiting);
  const parentId = before ? undefined : lastAnswerOf(feed, chatId);
  const sending = { clientId, viewerId, chatId, content, sentAt: Date.now(), parentId, reply };
  rememberSending(sending);
  takeFromDraft(viewerId, chatId, content);
  setOutbox(outbox.length, { ...sending, problem: before?.problem ?? null, isWaiting: !!before });
  if (before) return null;
  const { isAnswering, words } = await attempt(feed, sending);
  if (!isAnswering) return null;
  takeBack(sending.clientId);
  return words;
}

/** What waits in this person's chats. */
export function outboxQueue(feed: Feed, viewerId: string): AutomaticQueue {
  const waiting = () => outbox.filter((each) => each.isWaiting && each.viewerId === viewerId);

  /** One after the other: the next one goes out when the answer to this one is complete. */
  function sendNext(chatId: string): Promise<boolean>[] {
    const next = waiting().find((each) => each.chatId === chatId);
    const isBusy = outgoingIn(chatId).some((each) => !each.problem && !each.isWaiting) || isAnswering(feed, chatId);
    return next && !isBusy ? [sendRow(feed, next).then(({ isSent }) => isSent)] : [];
  }

  function takeOver(left: readonly LeftSending[]) {
    for (const { isRefused, ...sending } of left) {
      if (outbox.some((each) => each.clientId === sending.clientId)) continue;
      if (isRefused || !isSentByItself(sending)) {
        returnToDraft(viewerId, sending.chatId, sending.content);
        continue;
      }
      rememberSending(sending);
      const problem = navigator.onLine ? null : threadWords().sentWhenConnected;
      setOutbox(outbox.length, { ...sending, problem, isWaiting: true });
    }
  }

  return {
    waitingCount: () => waiting().length,
    obstacles: () => {
      const chats = new Set(outbox.map((each) => each.chatId));
      return [...chats].filter((chatId) => isAnswering(feed, chatId)).join(' ');
    },
    sendAll: () => [...new Set(waiting().map((each) => each.chatId))].flatMap(sendNext),
    takeLeft: () => takeOver(takeLeftSendings(viewerId)),
    takeOrphans: async () => takeOver(await takeOrphanSendings(viewerId)),
  };
}

/** What was left unsent for too long stays a draft: its person may have changed their mind. */
export function isSentByItself({ sentAt }: Pick<Sending, 'sentAt'>): boolean {
  return Date.now() - sentAt < SENT_BY_ITSELF_MS;
}

/** From its row in the thread, at the end of what is seen by now. There it stays where it cannot be sent yet. */
export async function sendAgain(feed: Feed, clientId: string): Promise<void> {
  const message = outbox.find((each) => each.clientId === clientId);
  if (message) await sendRow(feed, message);
}

async function sendRow(feed: Feed, message: OutgoingMessage): Promise<Attempt> {
  const { problem: _problem, isWaiting: _isWaiting, ...old } = message;
  const isKnown = feed.state().threads.has(old.chatId);
  const sending = { ...old, parentId: isKnown ? lastAnswerOf(feed, old.chatId) : old.parentId };
  setOutbox((each) => each.clientId === sending.clientId, { ...sending, problem: null, isWaiting: false });
  const tried = await attempt(feed, sending);
  if (tried.isAnswering) keepUnsent(sending, tried.words, true);
  return tried;
}

export function takeBack(clientId: string): void {
  const message = outbox.find((each) => each.clientId === clientId);
  if (!message) return;
  forgetSending(message);
  setOutbox(produce((all) => all.splice(0, all.length, ...all.filter((each) => each.clientId !== clientId))));
}

function isAnswering(feed: Feed, chatId: string): boolean {
  return [...(feed.state().threads.get(chatId)?.runs.values() ?? [])].some(({ row }) => isActive(row));
}

/**
 * What is asked follows what is seen, not what the server has by then for the end of the thread. Null in an empty chat; undefined
 * where we do not know: then the server does.
 */
function lastAnswerOf(feed: Feed, chatId: string): string | null | undefined {
  const { threads, chats } = feed.state();
  const thread = threads.get(chatId);
  // A room is one line: what is said comes at its end.
  if (!thread || chats.get(chatId)?.kind === 'ROOM') return undefined;
  if (thread.tipId === null) return null;
  const last = visibleThread(thread).at(-1);
  return last?.role === 'ASSISTANT' ? last.id : undefined;
}

/** Asks a reworded question, beside the original. Returns what went wrong, in words. */
export async function sendVersion(
  feed: Feed,
  input: { chatId: string; parentId: string | null; content: string; clientId: string },
): Promise<string | null> {
  const sent = await perform(feed.client, SendMessage, { input });
  if (!sent.payload) return sent.words;
  const { chat, message, answers } = sent.payload;
  feed.putMutation(chat, [message, ...answers], answers.at(-1)?.id);
  return null;
}

interface Attempt {
  isSent: boolean;
  /** It was not taken because an answer is being written in the chat. */
  isAnswering: boolean;
  words: string;
}

/** Any problem stands in the row, but for an answer that is in the way: that is the caller's to say. */
async function attempt(feed: Feed, sending: Sending): Promise<Attempt> {
  const { viewerId: _viewerId, sentAt: _sentAt, reply, ...message } = sending;
  const input = { ...message, ...(reply && { replyToId: reply.id }) };
  rememberSending(sending);
  const sent = await perform(feed.client, SendMessage, { input });
  if (sent.payload) {
    const { chat, message: said, answers } = sent.payload;
    // In a room there may be no answer: then the message itself is the end.
    feed.putMutation(chat, [said, ...answers], (answers.at(-1) ?? said).id);
    takeBack(sending.clientId);
    return { isSent: true, isAnswering: false, words: '' };
  }
  const isAnswering = sent.failure?.__typename === 'RunInProgressError';
  if (!isAnswering) keepUnsent(sending, sent.canPass ? sayWait() : sent.words, sent.canPass);
  return { isSent: false, isAnswering, words: sent.words };
}

/** When it is sent by itself, in words. */
export function sayWait(): string {
  return hasSessionEnded() ? threadWords().sentAfterSignIn : threadWords().sentWhenConnected;
}

function keepUnsent(sending: Sending, problem: string, isWaiting: boolean) {
  // Meanwhile the feed may have brought it after all.
  if (!outbox.some((each) => each.clientId === sending.clientId)) return;
  rememberSending(sending, !isWaiting);
  setOutbox((each) => each.clientId === sending.clientId, { problem, isWaiting });
}
