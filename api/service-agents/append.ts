import { actorOf, reaches, type Viewer } from '../auth/viewer.ts';
import { changeChat } from '../chats/change.ts';
import { runVisibleTo } from '../chats/visible.ts';
import type { Tx } from '../database/db.ts';
import { write } from '../database/write.ts';
import { ForbiddenError, NotFoundError, OffsetError } from '../errors.ts';
import { log } from '../log.ts';
import type { PartKind } from '../providers/provider.ts';
import { addToText } from '../texts/texts.ts';

export interface AppendRequest {
  runId: string;
  /** Where they begin, in UTF-16 code units over all parts. */
  from: number;
  kind: PartKind;
  /** Empty: the service agent is there still. */
  text: string;
}

/** UTF-16 code units of a whole answer, and its parts. */
const MOST_UNITS = 400_000;
const MOST_PARTS = 200;
/** A checkpoint grows until then, so that an answer that comes letter by letter is no row for each. */
const LARGEST_PIECE = 4_000;
/** One request's words are one checkpoint at least. */
const LONGEST_PIECE = 16_000;

/** What is known of an answer, as its row has it. */
interface Known {
  chatId: string;
  length: number;
  parts: number;
  kind: PartKind | null;
  pieceFrom: number;
  pieceLength: number;
  isStopped: boolean;
}

/**
 * Stores more text of an answer and sends it to the readers. Idempotent by the offset, on any node: text that is stored already is ignored. Throws
 * an `OffsetError` where text before it is missing, and a `ForbiddenError` where other text is stored there or the answer is over or too long.
 * Returns how much is known, in UTF-16 code units.
 */
export async function appendToAnswer(viewer: Viewer, words: AppendRequest): Promise<number> {
  const stored = await write(actorOf(viewer), ({ tx }) => store(tx, viewer, words));
  const { known, part, text, from } = stored;
  if (text) addToText(words.runId, { from, first: part, parts: [{ kind: words.kind, text }] });
  if (text && from === 0) await noteFirstWords(viewer, known.chatId, words.runId);
  return from + text.length;
}

async function store(tx: Tx, viewer: Viewer, { runId, from, kind, text: given }: AppendRequest) {
  const known = await lockKnown(tx, viewer, runId);
  if (from > known.length) throw new OffsetError(known.length);
  // PostgreSQL stores no NUL, and an answer must not be lost for one.
  const words = given.replaceAll('\0', '\uFFFD');
  const again = words.slice(0, known.length - from);
  if (again !== (await storedFrom(tx, runId, from, again.length))) throw new ForbiddenError('TEXT_DIFFERS');
  const text = words.slice(again.length);
  const isNewPart = text !== '' && kind !== known.kind;
  const parts = known.parts + (isNewPart ? 1 : 0);
  if (known.length + text.length > MOST_UNITS || parts > MOST_PARTS) throw new ForbiddenError('ANSWER_TOO_LONG');

  const isNewPiece = text !== '' && (isNewPart || known.pieceLength + text.length > LARGEST_PIECE);
  const part = Math.max(0, parts - 1);
  if (isNewPiece) {
    await tx.runCheckpoint.create({ data: { runId, from: known.length, part, kind, text } });
  } else if (text) {
    await tx.$executeRaw`
      UPDATE run_checkpoint SET text = text || ${text} WHERE run_id = ${runId}::uuid AND "from" = ${known.pieceFrom}::int`;
  }
  const piece = isNewPiece
    ? { pieceFrom: known.length, pieceLength: text.length }
    : { pieceFrom: known.pieceFrom, pieceLength: known.pieceLength + text.length };
  await tx.$executeRaw`
    UPDATE external_answer SET length = ${known.length + text.length}::int, parts = ${parts}::int, kind = ${text ? kind : known.kind},
      piece_from = ${piece.pieceFrom}::int, piece_length = ${piece.pieceLength}::int, appended_at = clock_timestamp()
    WHERE run_id = ${runId}::uuid`;
  return { known, part, text, from: known.length };
}

/** What is stored from an offset on, so many code units of it. */
async function storedFrom(tx: Tx, runId: string, from: number, length: number): Promise<string> {
  if (length === 0) return '';
  const pieces = await tx.runCheckpoint.findMany({
    where: { runId, from: { gt: from - LONGEST_PIECE, lt: from + length } },
    orderBy: { from: 'asc' },
  });
  const start = from - (pieces[0]?.from ?? 0);
  return pieces
    .map(({ text }) => text)
    .join('')
    .slice(start, start + length);
}

/** Its author's, where they are a member still. Throws where the answer is over, or never was theirs. */
async function lockKnown(tx: Tx, viewer: Viewer, runId: string): Promise<Known> {
  const [known] = await tx.$queryRaw<Known[]>`
    SELECT answer.chat_id::text AS "chatId", length, parts, kind, piece_from AS "pieceFrom", piece_length AS "pieceLength",
      run.stop_requested_at IS NOT NULL AS "isStopped"
    FROM external_answer answer JOIN run ON run.id = answer.run_id
    JOIN chat_member member ON member.chat_id = answer.chat_id AND member.user_id = answer.author_id AND member.left_at IS NULL
    WHERE answer.run_id = ${runId}::uuid AND answer.author_id = ${viewer.id}::uuid AND run.status = 'RUNNING' FOR UPDATE OF answer`;
  if (known && reaches(viewer, known.chatId)) {
    if (known.isStopped) throw new ForbiddenError('ANSWER_ENDED');
    return known;
  }
  await requireOwnRun(tx, viewer, runId);
  throw new ForbiddenError('ANSWER_ENDED');
}

/** Throws `NotFoundError` where it is no answer of the viewer's that they may see. Returns the id of its chat. */
export async function requireOwnRun(tx: Pick<Tx, 'run'>, viewer: Viewer, runId: string): Promise<string> {
  const run = await tx.run.findFirst({
    where: { AND: [runVisibleTo(viewer), { message: { authorId: viewer.id } }], id: runId },
    select: { chatId: true },
  });
  if (!run) throw new NotFoundError('No such run.');
  return run.chatId;
}

/** For the members' status lines. An answer that is over already has it too. */
async function noteFirstWords(viewer: Viewer, chatId: string, runId: string): Promise<void> {
  await changeChat(viewer, chatId, async ({ tx, revision, now, withoutChange }) => {
    const { count } = await tx.run.updateMany({
      where: { id: runId, firstTokenAt: null },
      data: { firstTokenAt: now, revision },
    });
    if (count === 0) withoutChange(undefined);
  }).catch((error: unknown) => {
    // The words are stored, and the end of the answer has the time too.
    if (!(error instanceof NotFoundError))
      log.warn({ runId, error }, 'Announcing the first words failed; readers get them at the next poll');
  });
}
