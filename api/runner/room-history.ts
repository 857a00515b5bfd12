/** What was said in a room, as far as a model may be sent it: the newest messages, as their askers see them. */
import type { Tx } from '../database/db.ts';
import type { RoomMessage } from '../contexts/assemble-room.ts';
import { type Message, Prisma } from '../generated/prisma/client.ts';

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
  const sendable = Prisma.sql`
    message.chat_id = ${chatId}::uuid AND message.seq < ${before} AND message.deleted_at IS NULL
    AND message.seq > coalesce((
      SELECT hidden_until FROM sight WHERE sight.chat_id = ${chatId}::uuid AND sight.user_id = ${askerId}::uuid), 2147483647)
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
  const [{ count = 0 } = {}] = await tx.$queryRaw<{ count?: number }[]>`
    SELECT count(*)::int AS count FROM message WHERE ${sendable}`;
  const rows = await tx.message.findMany({
    where: { id: { in: [...ids, triggerId] } },
    orderBy: { seq: 'asc' },
    include: {
      author: { select: { id: true, name: true, handle: { select: { name: true } } } },
      agent: { select: { id: true, name: true, handle: true } },
      replyTo: { select: { seq: true } },
    },
  });
  const read = new Set(ids);
  const messages = rows.filter(({ id }) => read.has(id)).map(asSaid);
  const trigger = rows.find(({ id }) => id === triggerId);
  if (!trigger) throw new Error('The question of a run is gone.');
  return { messages, question: asSaid(trigger), unreadCount: count - messages.length };
}

type Row = Message & {
  author: { id: string; name: string; handle: { name: string } | null } | null;
  agent: { id: string; name: string; handle: string } | null;
  replyTo: { seq: number } | null;
};

function asSaid({ id, seq, content, editedContent, createdAt, author, agent, replyTo }: Row): RoomMessage {
  const person = author && { ...author, kind: 'PERSON' as const, handle: author.handle?.name ?? '' };
  const speaker = agent ? { ...agent, kind: 'AGENT' as const } : person;
  return { id, seq, content: editedContent ?? content, createdAt, speaker, replyToSeq: replyTo?.seq ?? null };
}
