/** A chat is a tree: messages beside each other follow the same one, and the head says which way is looked at. */
import type { Viewer } from '../auth/viewer.ts';
import { type Change, changeChat } from '../chats/change.ts';
import { db } from '../database/db.ts';
import { NotFoundError } from '../errors.ts';
import type { Message } from '../generated/prisma/client.ts';

type Place = Pick<Message, 'id' | 'chatId' | 'parentId'>;
/** The long texts are loaded where they are asked for (texts.ts). */
type WithoutTexts = Omit<Message, 'content' | 'editedContent' | 'parts'>;

/** The visible thread then goes through this message, down to the newest one below it. */
export function selectBranch(viewer: Viewer, chatId: string, messageId: string): Promise<void> {
  return changeChat(viewer, chatId, async ({ tx, chat, withoutChange }) => {
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

/** All that follow the same message, itself among them, the oldest first. A page asks for each of its own: all share one query. */
export async function siblingsOf(message: Place): Promise<WithoutTexts[]> {
  asked ??= [];
  asked.push(message);
  loading ??= Promise.resolve().then(loadAsked);
  const found = await loading;
  return found.get(keyOf(message)) ?? [];
}

let asked: Place[] | null = null;
let loading: Promise<Map<string, WithoutTexts[]>> | null = null;

async function loadAsked(): Promise<Map<string, WithoutTexts[]>> {
  // The other fields of the page come first in this turn: whoever asks meanwhile is served with the rest.
  await new Promise((resolve) => setImmediate(resolve));
  const places = asked ?? [];
  [asked, loading] = [null, null];
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
  return Map.groupBy(rows, (row) => keyOf(row));
}

function keyOf({ parentId, chatId }: Pick<Message, 'parentId' | 'chatId'>): string {
  return parentId ?? chatId;
}
