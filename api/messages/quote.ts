/** A message can quote another one of its room: “in reply to”. */
import DataLoader from 'dataloader';

import type { Viewer } from '../auth/viewer.ts';
import type { Change } from '../chats/change.ts';
import { inVisibleChat } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import { NotFoundError } from '../errors.ts';
import type { Message } from '../generated/prisma/client.ts';

/** What was deleted can be quoted: a reply may have been begun before. */
export async function requireQuotable({ tx, chat }: Change, viewer: Viewer, id: string): Promise<void> {
  const where = { ...inVisibleChat(viewer), chatId: chat.id, id, role: { not: 'SYSTEM' as const } };
  if ((await tx.message.count({ where })) === 0) throw new NotFoundError('No such message to reply to.');
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

const batched = { cache: false, batchScheduleFn: (load: () => void) => void setImmediate(load) } as const;

/** All readers of a change ask by one statement whether they see what it quotes. */
const sight = new DataLoader<Quote, boolean>(async (quotes) => {
  const rows = await db.$queryRaw<Quote[]>`
    SELECT DISTINCT message.id::text AS id, member.user_id::text AS "viewerId"
    FROM unnest(${quotes.map(({ id }) => id)}::uuid[], ${quotes.map(({ viewerId }) => viewerId)}::uuid[])
      AS quote (id, viewer_id)
    JOIN message ON message.id = quote.id
    JOIN chat_member member ON member.chat_id = message.chat_id AND member.user_id = quote.viewer_id
      AND member.left_at IS NULL`;
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
