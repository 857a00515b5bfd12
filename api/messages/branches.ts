/** A chat is a tree: messages beside each other follow the same one, and the head says which way is looked at. */
import DataLoader from 'dataloader';

import type { Viewer } from '../auth/viewer.ts';
import { type Change, changeChat } from '../chats/change.ts';
import { requirePrivate } from '../chats/require.ts';
import { batched } from '../database/batched.ts';
import { db } from '../database/db.ts';
import { NotFoundError } from '../errors.ts';
import type { Message } from '../generated/prisma/client.ts';

type Place = Pick<Message, 'id' | 'chatId' | 'parentId'>;
/** The long texts are loaded where they are asked for (texts.ts). */
type WithoutTexts = Omit<Message, 'content' | 'editedContent' | 'parts'>;

/** The visible thread then goes through this message, down to the newest one below it. */
export function selectBranch(viewer: Viewer, chatId: string, messageId: string): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, chat, withoutChange } = change;
    requirePrivate(change);
    // A message comes after the one it follows, so the newest below is a tip.
    const [tip] = await tx.$queryRaw<{ id: string }[]>`
      WITH RECURSIVE below AS (
        SELECT id, seq FROM message WHERE id = ${messageId}::uuid AND chat_id = ${chatId}::uuid
        UNION ALL
        SELECT child.id, child.seq FROM below JOIN message child ON child.parent_id = below.id
      )
      SELECT id FROM below ORDER BY seq DESC LIMIT 1`;
    if (!tip) throw new NotFoundError('No such message.');
    if (tip.id === chat.headId) return withoutChange(undefined);
    await tx.chat.update({ where: { id: chatId }, data: { headId: tip.id } });
  });
}

/** A message that comes beside others changes what those show of themselves: “1 of 2” has become “1 of 3”. */
export async function touchSiblings({ tx, revision }: Change, { id, chatId, parentId }: Place): Promise<void> {
  await tx.message.updateMany({ where: { chatId, parentId, id: { not: id } }, data: { revision } });
}

/** All that follow the same message, itself among them, the oldest first. */
export function siblingsOf(message: Place): Promise<WithoutTexts[]> {
  return siblings.load(message);
}

/** A page asks for the siblings of each of its messages: all share one statement. Nothing is kept for the next request. */
const siblings = new DataLoader<Place, WithoutTexts[]>(loadSiblings, batched);

async function loadSiblings(places: readonly Place[]): Promise<WithoutTexts[][]> {
  const rows = await db.message.findMany({
    where: {
      OR: [
        { parentId: { in: [...new Set(places.flatMap(({ parentId }) => parentId ?? []))] } },
        {
          parentId: null,
          chatId: { in: [...new Set(places.flatMap(({ parentId, chatId }) => (parentId ? [] : chatId)))] },
        },
      ],
    },
    orderBy: { seq: 'asc' },
    omit: { content: true, editedContent: true, parts: true },
  });
  const found = Map.groupBy(rows, (row) => keyOf(row));
  return places.map((place) => found.get(keyOf(place)) ?? []);
}

function keyOf({ parentId, chatId }: Pick<Message, 'parentId' | 'chatId'>): string {
  return parentId ?? chatId;
}
