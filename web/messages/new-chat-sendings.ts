/** First messages of chats that the server has not confirmed yet, as this browser remembers them over a reload or a crash. */
import { pageRecords, type PageRecord } from './page-records';

export interface NewChatSending {
  viewerId: string;
  /** The same over every attempt, as is that of the message, so that the server makes one chat with one message of them. */
  createClientId: string;
  messageClientId: string;
  /** Who is to answer; null: the default agent. */
  agentId: string | null;
  content: string;
  /** When its person sent it, in milliseconds since 1970. */
  sentAt: number;
}

const keyOf = (viewerId: string) => `confab.new-chat.${viewerId}`;

export function rememberNewChat(sending: NewChatSending): void {
  const { viewerId, createClientId, messageClientId, agentId, content, sentAt } = sending;
  const value = { viewerId, createClientId, messageClientId, agentId, content, sentAt };
  pageRecords.save(`${keyOf(viewerId)}.${createClientId}`, value);
}

export function forgetNewChat({ viewerId, createClientId }: NewChatSending): void {
  pageRecords.remove(`${keyOf(viewerId)}.${createClientId}`);
}

/** Takes over what pages that are no longer there have left unsent, in the order in which it was sent. */
export function takeLeftNewChats(viewerId: string): NewChatSending[] {
  return inOrder(pageRecords.takeFree(keyOf(viewerId)));
}

/** The same of pages that crashed. */
export async function takeOrphanNewChats(viewerId: string): Promise<NewChatSending[]> {
  return inOrder(await pageRecords.takeOrphans(keyOf(viewerId)));
}

function inOrder(records: readonly PageRecord[]): NewChatSending[] {
  return records.flatMap(parsed).toSorted((one, other) => one.sentAt - other.sentAt);
}

function parsed({ value }: PageRecord): NewChatSending[] {
  const { viewerId, createClientId, messageClientId, agentId, content, sentAt } = (value ??
    {}) as Partial<NewChatSending>;
  const isWhole = [viewerId, createClientId, messageClientId, content].every((each) => typeof each === 'string');
  if (!isWhole) return [];
  const sending = { viewerId, createClientId, messageClientId, agentId: agentId ?? null, content };
  return [{ ...sending, sentAt: Number(sentAt) } as NewChatSending];
}
