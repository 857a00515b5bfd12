import type { Viewer } from '../auth/viewer.ts';
import { db, type Tx } from '../database/db.ts';
import { NotFoundError } from '../errors.ts';
import { bus, type Hint } from '../bus/bus.ts';
import type { Chat } from '../generated/prisma/client.ts';
import { visibleTo } from './visible.ts';

/** What the work inside a chat is given. */
export interface Change {
  readonly tx: Tx;
  /** As it was before this change. */
  readonly chat: Chat;
  /** For every row that is touched, and for the `seq` of a message that is created. */
  readonly revision: number;
  /** Another revision in the same change: `seq` is unique, so a second message needs one of its own. */
  readonly nextRevision: () => number;
  /** The time, by the database's clock: nodes' clocks differ. */
  readonly now: Date;
  /** A hint that goes out with the change, after its commit. */
  readonly announce: (...hint: Hint) => void;
  /** Hands on what the work returns where it has written nothing: there is no new revision then, and no tab is told to look. */
  readonly withoutChange: <Result>(result: Result) => Result;
}

/**
 * The only way to write inside a chat: the viewer is a member, nobody else changes the chat meanwhile,
 * every touched row carries the new revision, and listeners hear of it once it is committed.
 */
export function changeChat<T>(viewer: Viewer, chatId: string, work: (change: Change) => Promise<T>): Promise<T> {
  return commitChange(chatId, (tx) => tx.chat.findFirst({ where: { ...visibleTo(viewer), id: chatId } }), work);
}

/** The same for the server itself, which writes an answer into a chat that it is no member of. */
export function changeChatAsServer<T>(chatId: string, work: (change: Change) => Promise<T>): Promise<T> {
  return commitChange(chatId, (tx) => tx.chat.findUnique({ where: { id: chatId } }), work);
}

async function commitChange<T>(
  chatId: string,
  find: (tx: Tx) => Promise<Chat | null>,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  const { result, revision, isChanged, members, hints } = await db.$transaction(async (tx) => {
    // Locked before it is read, so that what `work` checks stays true until we commit.
    const [locked] = await tx.$queryRaw<{ now: Date; members: string[] }[]>`
      SELECT now(), ARRAY(SELECT user_id::text FROM chat_member WHERE chat_id = chat.id) AS members
      FROM chat WHERE id = ${chatId}::uuid FOR UPDATE`;
    const chat = await find(tx);
    if (!locked || !chat) throw new NotFoundError('No such chat.');

    let revision = chat.revision + 1;
    let isChanged = true;
    const hints: Hint[] = [];
    const result = await work({
      tx,
      chat,
      revision,
      nextRevision: () => ++revision,
      now: locked.now,
      announce: (...hint) => hints.push(hint),
      withoutChange(outcome) {
        isChanged = false;
        return outcome;
      },
    });
    // Feeds look for what changed lately (feed/open-feeds.ts).
    if (isChanged)
      await tx.$executeRaw`UPDATE chat SET revision = ${revision}, updated_at = now() WHERE id = ${chatId}::uuid`;
    return { result, revision, isChanged, members: locked.members, hints };
  });

  if (isChanged) bus.publish('chatChanged', chatId, revision, members);
  for (const [name, ...identifiers] of hints) bus.publish(name, ...(identifiers as never));
  return result;
}
