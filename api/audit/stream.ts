/** All changes from a transaction on, for collectors: each once and in order, as long as the reader takes them. */
import { GraphQLError } from 'graphql';

import { PersonStreams } from '../auth/person-streams.ts';
import { StreamGuard } from '../auth/stream-guard.ts';
import type { Viewer } from '../auth/viewer.ts';
import { mayAudit } from './may-audit.ts';
import { bus } from '../bus/bus.ts';
import { Waker } from '../bus/waker.ts';
import { db } from '../database/db.ts';
import { shareRead } from '../database/shared-reads.ts';
import { type Change, type Commit, loadChanges } from './change.ts';
import { type Cursor, entriesOf, LAST_SEQ, piecesOf } from './find.ts';
import { followCommits, readReach } from './follow.ts';

/** Whole transactions, but for those that are too large for one event. */
export interface ChangeBatch {
  /** All up to this transaction were sent. */
  readonly commit: number;
  readonly changes: readonly Change[];
}

/** Of one person on each node. */
const MOST_STREAMS = 10;
/** Of one event. */
const MOST_CHANGES = 200;
const MOST_BYTES = 1024 * 1024;
/** So many transactions, and numbers of entries, one statement looks at. */
const COMMITS = 100;
const SPAN = 10_000;

const streams = new PersonStreams('streams of changes', () => MOST_STREAMS);

/**
 * The first event comes at once and may be empty. `after`: all up to this transaction is there already; null: all that there is now. A
 * pull iterator: it holds a place and no queue.
 */
export async function* readChanges(
  viewer: Viewer,
  after: number | null,
  signal: AbortSignal,
): AsyncGenerator<ChangeBatch, void, undefined> {
  if (!mayAudit(viewer)) throw notFound();
  const waker = new Waker();
  signal.addEventListener('abort', waker.wake, { once: true });
  using guard = new StreamGuard(viewer, { streams, wake: waker.wake, refusal: () => refusalNow(viewer) });
  using _following = followCommits(waker.wake);
  await bus.ready();

  const { newest } = await readReach();
  if (after !== null && after > newest) throw badPosition(newest);
  let place: Cursor = [after ?? newest, LAST_SEQ];
  let isFirst = true;
  while (!signal.aborted) {
    guard.throwIfRefused();
    const { batch, reached } = await nextBatch(place);
    place = reached;
    if (batch || isFirst) yield batch ?? { commit: place[0], changes: [] };
    else await waker.sleep();
    isFirst = false;
  }
}

/** Null where there is no more. `reached`: from where on it goes on. */
async function nextBatch(place: Cursor): Promise<{ batch: ChangeBatch | null; reached: Cursor }> {
  const [done, seq] = place;
  const commits = await shareRead(['commits', place], () => readCommits(done, seq === LAST_SEQ));
  const first = commits[0];
  if (!first) {
    await throwIfGone(done);
    return { batch: null, reached: place };
  }
  const isNext = first.number === (seq === LAST_SEQ ? done + 1 : done);
  if (!isNext) throw goneUntil(first.number - 1);

  const range = { low: place, high: [Infinity, 0] as const, isBackward: false };
  const { list, rest } = piecesOf(commits, range, SPAN);
  const places = await entriesOf({}, list, false, MOST_CHANGES);
  const changes: Change[] = [];
  let bytes = 0;
  let isCut = places.length >= MOST_CHANGES;
  for await (const chunk of loadChanges(places, true)) {
    changes.push(...chunk);
    bytes += chunk.reduce((sum, change) => sum + change.bytes, 0);
    if (bytes > MOST_BYTES && changes.length < places.length) {
      isCut = true;
      break;
    }
  }
  const last = changes.at(-1);
  const end: Cursor =
    isCut && last ? [last.commit.number, last.seq] : (rest ?? [commits.at(-1)?.number ?? done, LAST_SEQ]);
  const reached = wholeOf(end, commits);
  return { batch: { commit: reached[1] === LAST_SEQ ? reached[0] : reached[0] - 1, changes }, reached };
}

/** The same place; after the last entry of a transaction, or before its first, that of the whole transaction. */
function wholeOf([number, seq]: Cursor, commits: readonly Commit[]): Cursor {
  if (seq === 0) return [number - 1, LAST_SEQ];
  const commit = commits.find((each) => each.number === number);
  return commit && seq >= commit.lastSeq ? [number, LAST_SEQ] : [number, seq];
}

function readCommits(done: number, isWhole: boolean): PromiseLike<Commit[]> {
  return db.$queryRaw<Commit[]>`
    SELECT number::float8 AS number, xid::text AS xid, began, first_seq::float8 AS "firstSeq", last_seq::float8 AS "lastSeq",
      actor, request_id AS "requestId"
    FROM change_commit WHERE number >= ${isWhole ? done + 1 : done}::bigint ORDER BY number LIMIT ${COMMITS}::int`;
}

/** What is not in the database any more cannot be sent, and must not be left out silently. */
async function throwIfGone(done: number): Promise<void> {
  const { oldest } = await readReach();
  if (done + 1 < oldest) throw goneUntil(oldest - 1);
}

async function refusalNow({ id }: Viewer): Promise<Error | null> {
  const isAdministrator = { id, role: 'ADMIN', disabledAt: null } as const;
  const count = await shareRead(['administrator', id], () => db.user.count({ where: isAdministrator }));
  return count === 0 ? notFound() : null;
}

/** To everybody but administrators it is not there. */
function notFound(): GraphQLError {
  return new GraphQLError('No such thing.', { extensions: { code: 'NOT_FOUND' } });
}

function goneUntil(commit: number): GraphQLError {
  const message = `Changes up to transaction ${commit} are no longer in the database: read them from the files of the change log, and go on after it.`;
  return new GraphQLError(message, { extensions: { code: 'CHANGES_GONE', commit } });
}

function badPosition(newest: number): GraphQLError {
  const message = `The newest transaction is ${newest}: a later one was told by a database that was put back since, or by another one.`;
  return new GraphQLError(message, { extensions: { code: 'BAD_POSITION', commit: newest, http: { status: 400 } } });
}
