/** What was said in a room, as far as a model may be sent it: the newest messages, as their askers see them. */
import type { Tx } from '../database/db.ts';
import type { RoomMessage } from '../contexts/assemble-room.ts';
import { type Message, Prisma, type UserRole } from '../generated/prisma/client.ts';

/** More messages than that are not read, however many would fit. */
const MOST_MESSAGES = 500;

export interface RoomHistory {
  /** Oldest first. */
  messages: RoomMessage[];
  question: RoomMessage;
  /** How many before those were not read. */
  unreadCount: number;
}

interface HistoryRequest {
  chatId: string;
  /** A model is sent what the one who asked may see. */
  askerId: string;
  triggerId: string;
  /** The `seq` of the answer that is to be written. */
  before: number;
  /** Of all texts together, as much as the model could hold. */
  mostBytes: number;
}

export async function readRoomHistory(
  tx: Tx,
  { chatId, askerId, triggerId, before, mostBytes }: HistoryRequest,
): Promise<RoomHistory> {
  const hiddenUntil = await hiddenFrom(tx, chatId, askerId);
  const sendable = Prisma.sql`
    message.chat_id = ${chatId}::uuid AND message.seq < ${before} AND message.deleted_at IS NULL
    AND message.seq > ${hiddenUntil}
    AND message.role <> 'SYSTEM' AND coalesce(message.edited_content, message.content) ~ '\\S'
    AND (message.role = 'USER' OR EXISTS (
      SELECT FROM run WHERE run.message_id = message.id AND run.status IN ('COMPLETED', 'STOPPED')))`;
  const found = await tx.$queryRaw<{ id: string }[]>`
    SELECT id::text FROM (
      SELECT id, seq, sum(bytes) OVER (ORDER BY seq DESC) - bytes AS newer FROM (
        SELECT id, seq, octet_length(coalesce(edited_content, content)) AS bytes FROM message
        WHERE ${sendable} ORDER BY seq DESC LIMIT ${MOST_MESSAGES}
      ) newest
    ) counted WHERE newer <= ${mostBytes}`;
  const ids = found.map(({ id }) => id);
  const rows = await tx.message.findMany({
    where: { id: { in: [...ids, triggerId] } },
    orderBy: { seq: 'asc' },
    include: {
      author: { select: { id: true, name: true, role: true, handle: { select: { name: true } } } },
      agent: { select: { id: true, name: true, handle: true } },
      replyTo: { select: { seq: true } },
    },
  });
  const read = new Set(ids);
  const messages = rows.filter(({ id }) => read.has(id)).map(asSaid);
  const trigger = rows.find(({ id }) => id === triggerId);
  if (!trigger) throw new Error('The question of a run is gone.');
  const oldest = messages[0]?.seq ?? before;
  // By the index alone, since the chat is locked meanwhile: what is deleted counts too.
  const unreadCount = await tx.message.count({ where: { chatId, seq: { lt: oldest, gt: hiddenUntil } } });
  return { messages, question: asSaid(trigger), unreadCount };
}

/** The largest number where they are no member. */
async function hiddenFrom(tx: Tx, chatId: string, userId: string): Promise<number> {
  const sight = await tx.sight.findUnique({ where: { chatId_userId: { chatId, userId } } });
  return sight?.hiddenUntil ?? 2 ** 31 - 1;
}

type Row = Message & {
  author: { id: string; name: string; role: UserRole; handle: { name: string } | null } | null;
  agent: { id: string; name: string; handle: string } | null;
  replyTo: { seq: number } | null;
};

function asSaid({ id, seq, content, editedContent, createdAt, author, agent, replyTo }: Row): RoomMessage {
  const person = author && {
    id: author.id,
    name: author.name,
    kind: author.role === 'AGENT' ? ('AGENT' as const) : ('PERSON' as const),
    handle: author.handle?.name ?? '',
  };
  const speaker = agent ? { ...agent, kind: 'AGENT' as const } : person;
  return { id, seq, content: editedContent ?? content, createdAt, speaker, replyToSeq: replyTo?.seq ?? null };
}
