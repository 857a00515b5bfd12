/**
 * The visible thread of a chat, read as a page: in a private chat the path from its head up to the root, in a room all that was said.
 * A walk goes up `parentId`, so it costs what the page costs, however long the chat is.
 */
import { db, type Tx } from '../database/db.ts';
import type { Chat, Message } from '../generated/prisma/client.ts';
import { Prisma } from '../generated/prisma/client.ts';
import {
  decodeCursor,
  encodeCursor,
  isPositionNumber,
  type Page,
  type PageRequest,
  pageOf,
  withRows,
} from '../paging/pages.ts';

type Step = Pick<Message, 'id' | 'seq'>;

interface TreeChat extends Pick<Chat, 'id' | 'headId' | 'kind'> {
  /** No message up to this `seq` is in the thread: its reader joined the room later. */
  hiddenUntil: number;
}

interface PageReads {
  /** Cuts a page that has more than the answer may hold. */
  fit: (page: Page<Step>) => Promise<Page<Step>>;
  /** Fetches the messages of a page in one go, in whatever order, with all that is asked of them. */
  load: (ids: string[]) => Promise<Message[]>;
}

export async function threadPage(
  chat: TreeChat,
  request: PageRequest & { around?: string | undefined },
  { fit, load }: PageReads,
): Promise<Page<Message>> {
  const found =
    request.around === undefined
      ? await pageAlong(chat, request)
      : await pageAround(chat, request.size, request.around);
  const page = await fit(found);
  return withRows(page, await load(page.edges.map(({ node }) => node.id)));
}

async function pageAlong(chat: TreeChat, request: PageRequest): Promise<Page<Step>> {
  const steps = await stepsAlong(chat, request);
  return pageOf(
    request,
    steps.map((step) => ({ node: step, cursor: cursorOf(step) })),
  );
}

function stepsAlong(chat: TreeChat, request: PageRequest): Promise<Step[]> {
  const { size, isBackward, after, before } = request;
  if (chat.kind === 'ROOM')
    return stepsOfLine(chat, {
      limit: size + 1,
      isBackward,
      ...(after !== undefined && { after: seqOf(after) }),
      ...(before !== undefined && { before: seqOf(before) }),
    });
  return request.isBackward ? stepsBack(chat, request) : stepsForward(chat, request);
}

/** The ids of the path from the root to `leafId`, that one included: what a model may be sent. */
export async function pathTo(tx: Tx, leafId: string): Promise<string[]> {
  const steps = await walkUp(tx, leafId);
  return steps.map(({ id }) => id).reverse();
}

/** Newest first: from the head, or from above the cursor, up. */
async function stepsBack(chat: TreeChat, { size, before, after }: PageRequest): Promise<Step[]> {
  const start = before === undefined ? chat.headId : await parentOf(chat, seqOf(before));
  if (!start) return [];
  return walkUp(db, start, { limit: size + 1, downTo: after === undefined ? undefined : seqOf(after) });
}

/** Oldest first, from the root or from below the cursor. */
async function stepsForward(chat: TreeChat, { size, after, before }: PageRequest): Promise<Step[]> {
  const steps = await stepsBelow(chat, after === undefined ? ABOVE_ALL : seqOf(after), size + 1);
  const end = before === undefined ? Number.POSITIVE_INFINITY : seqOf(before);
  return steps.filter(({ seq }) => seq < end).slice(0, size + 1);
}

/** A room is one line: its messages in the order of their `seq`, those between two places. */
function stepsOfLine(
  chat: TreeChat,
  { limit, isBackward, after, before }: { limit: number; isBackward: boolean; after?: number; before?: number },
): Promise<Step[]> {
  const seq = { gt: Math.max(chat.hiddenUntil, after ?? ABOVE_ALL), ...(before !== undefined && { lt: before }) };
  return db.message.findMany({
    where: { chatId: chat.id, seq },
    orderBy: { seq: isBackward ? 'desc' : 'asc' },
    take: limit,
    select: { id: true, seq: true },
  });
}

/** Half a page above the message, itself, and the rest below; nothing where the message is not in this chat, or hidden. */
async function pageAround(chat: TreeChat, size: number, aroundId: string): Promise<Page<Step>> {
  const half = Math.ceil(size / 2);
  const { above, below } = await (chat.kind === 'ROOM' ? aroundInLine : aroundInTree)(chat, aroundId, size);
  const upper = above.slice(0, half).reverse();
  const room = size - upper.length;
  const edges = [...upper, ...below.slice(0, room)].map((step) => ({ node: step, cursor: cursorOf(step) }));
  const page = pageOf({ size, isBackward: false }, edges);
  const [hasPreviousPage, hasNextPage] = [above.length > half, below.length > room];
  return { ...page, pageInfo: { ...page.pageInfo, hasPreviousPage, hasNextPage } };
}

interface Around {
  /** The message first, then what is before it, one more than half a page at most. */
  above: Step[];
  /** What follows it, at least one more than the page has room for, where there are so many. */
  below: Step[];
}

/** One statement: this is how a room is opened. */
async function aroundInLine({ id: chatId, hiddenUntil }: TreeChat, aroundId: string, size: number): Promise<Around> {
  const steps = await db.$queryRaw<(Step & { isAbove: boolean })[]>`
    WITH around AS (
      SELECT seq FROM message WHERE chat_id = ${chatId}::uuid AND id = ${aroundId}::uuid AND seq > ${hiddenUntil}::int
    )
    SELECT step.id::text, step.seq, step.seq <= around.seq AS "isAbove" FROM around CROSS JOIN LATERAL (
      (SELECT id, seq FROM message WHERE chat_id = ${chatId}::uuid AND seq > ${hiddenUntil}::int AND seq <= around.seq
        ORDER BY seq DESC LIMIT ${Math.ceil(size / 2) + 1}::int)
      UNION ALL
      (SELECT id, seq FROM message WHERE chat_id = ${chatId}::uuid AND seq > around.seq ORDER BY seq LIMIT ${size + 1}::int)
    ) step`;
  const above = steps.filter(({ isAbove }) => isAbove).sort((a, b) => b.seq - a.seq);
  return { above, below: steps.filter(({ isAbove }) => !isAbove).sort((a, b) => a.seq - b.seq) };
}

async function aroundInTree(chat: TreeChat, aroundId: string, size: number): Promise<Around> {
  const around = await db.message.findFirst({
    where: { chatId: chat.id, id: aroundId, seq: { gt: chat.hiddenUntil } },
    select: { id: true, seq: true },
  });
  if (!around) return { above: [], below: [] };
  const half = Math.ceil(size / 2);
  const above = await walkUp(db, around.id, { limit: half + 1 });
  const room = size - Math.min(above.length, half);
  return { above, below: await stepsBelow(chat, around.seq, room + 1) };
}

/** From a message to the root, or as far as asked; the message first. */
function walkUp(tx: Tx, fromId: string, bounds: { limit?: number; downTo?: number | undefined } = {}): Promise<Step[]> {
  const { limit, downTo = -1 } = bounds;
  return tx.$queryRaw<Step[]>`
    WITH RECURSIVE path AS (
      SELECT id, seq, parent_id FROM message WHERE id = ${fromId}::uuid AND seq > ${downTo}
      UNION ALL
      SELECT above.id, above.seq, above.parent_id FROM path JOIN message above ON above.id = path.parent_id
      WHERE above.seq > ${downTo}
    )
    SELECT id, seq FROM path ${limit === undefined ? Prisma.empty : Prisma.sql`LIMIT ${limit}`}`;
}

/** Below every message's `seq`: where the root's own place is. */
const ABOVE_ALL = -1;

/**
 * Down from a place, on its own branch. At a fork before the page is full only the head knows which way is the visible one; off
 * the visible thread nobody does, and the page ends there.
 */
async function stepsBelow(chat: TreeChat, fromSeq: number, limit: number): Promise<Step[]> {
  const plain = await walkDown(chat, fromSeq, limit);
  const isWhole = plain.length >= limit || plain.at(-1)?.id === chat.headId;
  if (isWhole || !chat.headId) return plain;

  const visible = (await walkUp(db, chat.headId, { downTo: fromSeq - 1 })).reverse();
  if (fromSeq === ABOVE_ALL) return visible;
  return visible[0]?.seq === fromSeq ? visible.slice(1) : plain;
}

/** Down from a place while the way is plain, which it is where no message was edited or asked again. */
function walkDown(chat: TreeChat, fromSeq: number, limit: number): Promise<Step[]> {
  return db.$queryRaw<Step[]>`
    WITH RECURSIVE path AS (
      SELECT child.id, child.seq, child.siblings, 1 AS depth FROM (
        SELECT id, seq, count(*) OVER () AS siblings FROM message
        WHERE chat_id = ${chat.id}::uuid AND CASE WHEN ${fromSeq} < 0 THEN parent_id IS NULL
          ELSE parent_id = (SELECT id FROM message WHERE chat_id = ${chat.id}::uuid AND seq = ${fromSeq}) END
      ) child WHERE child.siblings = 1
      UNION ALL
      SELECT child.id, child.seq, child.siblings, path.depth + 1
      FROM path CROSS JOIN LATERAL (
        SELECT id, seq, count(*) OVER () AS siblings FROM message WHERE parent_id = path.id
      ) child
      WHERE path.id <> ${chat.headId}::uuid AND path.depth < ${limit} AND child.siblings = 1
    )
    SELECT id, seq FROM path ORDER BY depth`;
}

async function parentOf(chat: TreeChat, seq: number): Promise<string | null> {
  const message = await db.message.findUnique({
    where: { chatId_seq: { chatId: chat.id, seq } },
    select: { parentId: true },
  });
  return message?.parentId ?? null;
}

function cursorOf({ seq }: Pick<Message, 'seq'>): string {
  return encodeCursor(seq);
}

function seqOf(cursor: string): number {
  return decodeCursor(cursor, isPositionNumber);
}
