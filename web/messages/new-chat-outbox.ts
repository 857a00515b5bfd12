import { onCleanup } from 'solid-js';
import { createStore, produce } from 'solid-js/store';
import type { Feed } from '../feed/create-feed';
import { graphql } from '../generated';
import { makeClientId } from '../browser/client-id';
import { perform } from '../graphql/perform';
import { threadWords } from './words';
import type { AutomaticQueue } from './create-automatic-sending';
import { draftOf, returnToDraft, takeFromDraft, takeOrphanDrafts } from './drafts';
import {
  forgetNewChat,
  rememberNewChat,
  takeLeftNewChats,
  takeOrphanNewChats,
  type NewChatSending,
} from './new-chat-sendings';
import { isSentByItself, sayWait, send } from './outbox';

const CreateChat = graphql(`
  mutation CreateChat($input: CreateChatInput!) {
    createChat(input: $input) {
      __typename
      ... on CreateChatPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

/** The place of the new chat's draft. A first message stays in it until its chat is made. */
export const newChatDraft = 'new';

/** A first message whose chat is not made yet. */
export interface NewChat extends NewChatSending {
  /** What to say about the last attempt; null while nothing is known to be wrong. */
  problem: string | null;
  isSending: boolean;
  /** It is sent by itself as soon as that is possible. */
  isWaiting: boolean;
  /** Its person typed while it was being sent: if that fails, they decide again when it is sent. */
  isEdited: boolean;
}

const [newChats, setNewChats] = createStore<NewChat[]>([]);
const listeners = new Set<(viewerId: string, chatId: string) => void>();

export function newChatsOf(viewerId: string): NewChat[] {
  return newChats.filter((each) => each.viewerId === viewerId);
}

/** Calls back with each chat that is made, for as long as the caller's owner lives. */
export function createNewChatListener(viewerId: string, call: (chatId: string) => void): void {
  const listen = (id: string, chatId: string) => {
    if (id === viewerId) call(chatId);
  };
  listeners.add(listen);
  onCleanup(() => listeners.delete(listen));
}

/** Begins a chat with what stands in the box, which replaces what was sent from there before and failed. */
export function beginChat(feed: Feed, viewerId: string, agentId: string | null, content: string): void {
  const failed = newChatsOf(viewerId).filter((each) => !each.isSending);
  const same = failed.find((each) => each.content === content);
  const sending: NewChatSending = {
    viewerId,
    // A chat that was made, and only its confirmation got lost, is not made twice.
    createClientId: (same ?? failed[0])?.createClientId ?? makeClientId(),
    messageClientId: same?.messageClientId ?? makeClientId(),
    agentId,
    content,
    sentAt: Date.now(),
  };
  for (const each of failed) remove(each);
  add({ ...sending, isWaiting: false });
  void attempt(feed, sending.createClientId);
}

/** The text in the box has changed: from now on its person decides when it is sent. */
export function holdBackNewChats(viewerId: string): void {
  for (const each of newChatsOf(viewerId)) {
    if (each.isSending) change(each, { isEdited: true });
    else if (each.isWaiting) keepUnsent(each, threadWords().notSent, false);
  }
}

export function changeAgentOfNewChats(viewerId: string, agentId: string | null): void {
  for (const each of newChatsOf(viewerId)) {
    change(each, { agentId });
    if (each.isSending || each.isWaiting) rememberNewChat({ ...each, agentId });
  }
}

/** Takes over what earlier pages of this browser have left unsent. */
export function takeOverLeftNewChats(viewerId: string): void {
  takeOver(viewerId, takeLeftNewChats(viewerId));
}

export function newChatQueue(feed: Feed, viewerId: string): AutomaticQueue {
  const waiting = () => newChatsOf(viewerId).filter((each) => each.isWaiting && !each.isSending);
  return {
    waitingCount: () => waiting().length,
    sendAll: () => waiting().map((each) => attempt(feed, each.createClientId)),
    takeLeft: () => takeOverLeftNewChats(viewerId),
    takeOrphans: async () => {
      const [orphans] = await Promise.all([takeOrphanNewChats(viewerId), takeOrphanDrafts(viewerId, newChatDraft)]);
      takeOver(viewerId, orphans);
    },
  };
}

function takeOver(viewerId: string, left: readonly NewChatSending[]): void {
  for (const sending of left) {
    if (newChats.some((each) => each.createClientId === sending.createClientId)) continue;
    // The draft may not have been stored before the page crashed.
    if (!draftOf(viewerId, newChatDraft).includes(sending.content))
      returnToDraft(viewerId, newChatDraft, sending.content);
    if (isSentByItself(sending)) add({ ...sending, isWaiting: true });
  }
}

function add(sending: NewChatSending & Pick<NewChat, 'isWaiting'>): void {
  rememberNewChat(sending);
  setNewChats(newChats.length, { ...sending, problem: null, isSending: false, isEdited: false });
}

function change({ createClientId }: NewChatSending, changes: Partial<NewChat>): void {
  setNewChats((each) => each.createClientId === createClientId, changes);
}

function remove(sending: NewChatSending): void {
  forgetNewChat(sending);
  const { createClientId } = sending;
  setNewChats(
    produce((all) => all.splice(0, all.length, ...all.filter((each) => each.createClientId !== createClientId))),
  );
}

/** Makes the chat and hands its message over to the outbox. Returns whether that was done. */
async function attempt(feed: Feed, createClientId: string): Promise<boolean> {
  const newChat = newChats.find((each) => each.createClientId === createClientId);
  if (!newChat) return true;
  const { viewerId, agentId, content, messageClientId } = newChat;
  change(newChat, { isSending: true });
  const created = await perform(feed.client, CreateChat, { input: { agentId, clientId: createClientId } });
  if (!created.payload) {
    const canWait = created.canPass && !newChat.isEdited;
    const notSent = canWait ? `${threadWords().notSent} ${sayWait()}` : threadWords().notSent;
    keepUnsent(newChat, created.canPass ? notSent : created.words, canWait);
    return false;
  }
  const { chat } = created.payload;
  // An earlier attempt may have got as far as the message: then the page of the chat asks for what is there.
  if (chat.lastMessageAt === null) feed.putPage(chat, [], { isNewest: true });
  else feed.putChats([chat]);
  const sending = send(feed, viewerId, chat.id, content, { clientId: messageClientId });
  // Only now: what was typed is never without a place where it is remembered.
  takeFromDraft(viewerId, newChatDraft, content);
  remove(newChat);
  for (const listen of listeners) listen(viewerId, chat.id);
  void sending.then((words) => words && returnToDraft(viewerId, chat.id, content));
  return true;
}

/** What does not wait is a draft again. */
function keepUnsent(newChat: NewChat, problem: string, isWaiting: boolean): void {
  if (isWaiting) rememberNewChat(newChat);
  else forgetNewChat(newChat);
  change(newChat, { problem, isWaiting, isSending: false, isEdited: false });
}
