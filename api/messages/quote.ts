/** A message can quote another one of its room: “in reply to”. */
import DataLoader from 'dataloader';

import { batched } from '../database/batched.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Change } from '../chats/change.ts';
import { requireRoom } from '../chats/require.ts';
import { messageVisibleTo } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import { NotFoundError } from '../errors.ts';
import type { Message } from '../generated/prisma/client.ts';

/** What was deleted can be quoted: a reply may have been begun before. */
export async function findQuotable(change: Change, viewer: Viewer, id: string): Promise<Message> {
  requireRoom(change);
  const message = await change.tx.message.findFirst({
    where: { ...messageVisibleTo(viewer), chatId: change.chat.id, id, role: { not: 'SYSTEM' } },
  });
  if (!message) throw new NotFoundError('No such message to reply to.');
  return message;
}

/** The replies show the words of what they quote, so they change with it. */
export async function touchReplies({ tx, revision }: Change, id: string): Promise<void> {
  await tx.message.updateMany({ where: { replyToId: id }, data: { revision } });
}

interface Quote {
  id: string;
  viewerId: string;
}

/** Null where the viewer may not see it. `query` says which columns and relations are loaded. */
export async function quotedMessage(quote: Quote, query: object): Promise<Message | null> {
  const [isVisible, message] = await Promise.all([sight.load(quote), quoted.load({ id: quote.id, query })]);
  return isVisible ? message : null;
}

/** All readers of a change ask by one statement whether they see what it quotes. */
const sight = new DataLoader<Quote, boolean>(async (quotes) => {
  const rows = await db.$queryRaw<Quote[]>`
    SELECT DISTINCT reader.message_id::text AS id, reader.user_id::text AS "viewerId"
    FROM unnest(${quotes.map(({ id }) => id)}::uuid[], ${quotes.map(({ viewerId }) => viewerId)}::uuid[])
      AS quote (id, viewer_id)
    JOIN reader ON reader.message_id = quote.id AND reader.user_id = quote.viewer_id`;
  const visible = new Set(rows.map(({ id, viewerId }) => `${id} ${viewerId}`));
  return quotes.map(({ id, viewerId }) => visible.has(`${id} ${viewerId}`));
}, batched);

/** Those of a page, and of all who read the same page, are loaded by one statement. */
const quoted = new DataLoader<{ id: string; query: object }, Message | null>(async (wanted) => {
  const byQuery = Map.groupBy(wanted, ({ query }) => JSON.stringify(query));
  const found = new Map<string, Message>();
  for (const [name, group] of byQuery) {
    const ids = [...new Set(group.map(({ id }) => id))];
    const rows = await db.message.findMany({ ...group[0]?.query, where: { id: { in: ids } } });
    for (const row of rows) found.set(`${row.id} ${name}`, row);
  }
  return wanted.map(({ id, query }) => found.get(`${id} ${JSON.stringify(query)}`) ?? null);
}, batched);
