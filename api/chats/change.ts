import { actorOf, type Viewer } from '../auth/viewer.ts';
import type { Tx } from '../database/db.ts';
import { type Actor, write, type Writing } from '../database/write.ts';
import { NotFoundError } from '../errors.ts';
import type { Hint } from '../bus/hints.ts';
import { type Chat, Prisma } from '../generated/prisma/client.ts';
import { inReach, visibleTo } from './visible.ts';

/** What the work inside a chat is given. */
export interface Change {
  readonly tx: Tx;
  /** As it was before this change. */
  readonly chat: Chat;
  /** For every row that is touched, and for the `seq` of a message that is created. */
  readonly revision: number;
  /** Another revision in the same change: `seq` is unique, so that a second message needs its own. */
  readonly nextRevision: () => number;
  /** The time, by the database's clock: nodes' clocks differ. */
  readonly now: Date;
  /** This message becomes the end of the visible thread, with the change's revision: by one statement, and not before `work` is done. */
  readonly moveHead: (messageId: string) => void;
  /** A hint that is published after the commit, behind the change's own. */
  readonly announce: (...hint: Hint) => void;
  /** Returns `result`, for work that has written nothing: then there is no new revision, and no feed is notified. */
  readonly withoutChange: <Result>(result: Result) => Result;
}

/**
 * The only way to write inside a chat. Checks that the viewer is a member, locks the chat, gives every touched row the next revision,
 * and notifies the members, those who were just added too, once the transaction is committed. Throws `NotFoundError` for outsiders.
 */
export function changeChat<T>(viewer: Viewer, chatId: string, work: (change: Change) => Promise<T>): Promise<T> {
  return changeFoundChat(
    actorOf(viewer),
    chatId,
    (tx) => tx.chat.findFirst({ where: { ...visibleTo(viewer), id: chatId } }),
    work,
  );
}

/** The same for a person who need not be a member, in a chat that `where` allows. */
export function changeChatWhere<T>(
  viewer: Viewer,
  chatId: string,
  where: Prisma.ChatWhereInput,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  const allowed = { AND: [where, inReach(viewer, 'id')], id: chatId };
  return changeFoundChat(actorOf(viewer), chatId, (tx) => tx.chat.findFirst({ where: allowed }), work);
}

/** The same for the server itself or an agent, who writes an answer into a chat that it is no member of. */
export function changeChatAs<T>(actor: Actor, chatId: string, work: (change: Change) => Promise<T>): Promise<T> {
  return changeFoundChat(actor, chatId, (tx) => tx.chat.findUnique({ where: { id: chatId } }), work);
}

function changeFoundChat<T>(
  actor: Actor,
  chatId: string,
  find: (tx: Tx) => Promise<Chat | null>,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  const changing = async ({ tx, announce, now }: Writing) => {
    const chat = now && (await find(tx));
    if (!chat) throw new NotFoundError('No such chat.');

    let revision = chat.revision + 1;
    let headId: string | null = null;
    let isChanged = true;
    const hints: Hint[] = [];
    const result = await work({
      tx,
      chat,
      revision,
      nextRevision: () => ++revision,
      now,
      moveHead: (messageId) => (headId = messageId),
      announce: (...hint) => hints.push(hint),
      withoutChange(outcome) {
        isChanged = false;
        return outcome;
      },
    });
    if (isChanged) {
      for (const { userId, isMember } of await raiseRevision(tx, chat, { revision, headId, now }))
        announce(isMember ? 'memberAdded' : 'memberGone', chatId, userId);
      announce('chatChanged', chatId, revision);
    }
    for (const hint of hints) announce(...hint);
    return result;
  };
  // Locked before it is read, so that what `work` checks stays true until the commit.
  return write(actor, changing, Prisma.sql`FROM chat WHERE id = ${chatId}::uuid FOR UPDATE`);
}

/** Returns whose membership may have begun or ended by this change: none in a private chat. */
function raiseRevision(
  tx: Tx,
  chat: Chat,
  { revision, headId, now }: { revision: number; headId: string | null; now: Date },
): Promise<{ userId: string; isMember: boolean }[]> {
  // `now` and not now(), which PostgreSQL rounds to milliseconds: the chat would be 1 ms later than its message.
  const head = headId ? Prisma.sql`, head_id = ${headId}::uuid, last_message_at = ${now}::timestamptz` : Prisma.empty;
  // Feeds look for what changed lately (feed/open-feeds.ts).
  return tx.$queryRaw`
    WITH raised AS (UPDATE chat SET revision = ${revision}::int, updated_at = now() ${head} WHERE id = ${chat.id}::uuid RETURNING kind)
    SELECT user_id::text AS "userId", left_at IS NULL AS "isMember" FROM raised, chat_member
    WHERE raised.kind = 'ROOM' AND chat_id = ${chat.id}::uuid AND chat_member.revision > ${chat.revision}::int`;
}
