/** Messages that left the box and that the server has not confirmed, as this browser remembers them over a reload or a crash. */
import { pageRecords, type PageRecord } from './page-records';

export interface Sending {
  /** The same over every attempt, so that the server recognises a repeated one. */
  clientId: string;
  viewerId: string;
  chatId: string;
  content: string;
  /** When its person sent it, in milliseconds since 1970. */
  sentAt: number;
  /** The answer that it follows: the last answer that its person saw. */
  parentId?: string | null | undefined;
  /** Of a room: what it replies to, and how that is shown until it is sent. */
  reply?: SentReply | undefined;
}

export interface SentReply {
  id: string;
  name: string;
  words: string;
}

/** A message as an earlier page has left it. */
export interface LeftSending extends Sending {
  /** The server did not take it: sent again as it is, it would be refused again. */
  isRefused: boolean;
}

const keyOf = (viewerId: string) => `confab.sending.${viewerId}`;

export function rememberSending(sending: Sending, isRefused = false): void {
  const { clientId, viewerId, chatId, content, sentAt, parentId, reply } = sending;
  const value = { clientId, viewerId, chatId, content, sentAt, parentId, reply, isRefused };
  pageRecords.save(`${keyOf(viewerId)}.${clientId}`, value);
}

export function forgetSending({ viewerId, clientId }: Pick<Sending, 'viewerId' | 'clientId'>): void {
  pageRecords.remove(`${keyOf(viewerId)}.${clientId}`);
}

/** Takes over what pages that are no longer there had on its way, in the order in which it was sent. */
export function takeLeftSendings(viewerId: string): LeftSending[] {
  return inOrder(pageRecords.takeFree(keyOf(viewerId)));
}

/** The same of pages that ended without a chance to say so. */
export async function takeOrphanSendings(viewerId: string): Promise<LeftSending[]> {
  return inOrder(await pageRecords.takeOrphans(keyOf(viewerId)));
}

function inOrder(records: readonly PageRecord[]): LeftSending[] {
  return records.flatMap(parsed).toSorted((one, other) => one.sentAt - other.sentAt);
}

function parsed({ value }: PageRecord): LeftSending[] {
  const { clientId, viewerId, chatId, content, sentAt, parentId, reply, isRefused } = (value ??
    {}) as Partial<LeftSending>;
  if ([clientId, viewerId, chatId, content].some((each) => typeof each !== 'string')) return [];
  const sending = { clientId, viewerId, chatId, content, sentAt: Number(sentAt), parentId, isRefused: !!isRefused };
  return [{ ...sending, ...(isReply(reply) && { reply }) } as LeftSending];
}

function isReply(reply: Partial<SentReply> | undefined): reply is SentReply {
  return [reply?.id, reply?.name, reply?.words].every((each) => typeof each === 'string');
}
