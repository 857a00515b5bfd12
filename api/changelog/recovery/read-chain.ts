/** The files of one kind, one after the other: whether each goes on where the one before it ended. */
import type { BaseHead, ChangesHead, CommitHeader } from '../format.ts';
import { type LogFile } from './files.ts';
import type { Line } from './lines.ts';
import { isGivenUp, type Log } from './log.ts';
import { LogError, type Notice, type Place } from './log-error.ts';
import { readFile } from './read-file.ts';

export type Piece =
  | { what: 'base'; head: BaseHead; place: Place }
  | { what: 'transaction'; header: CommitHeader; place: Place }
  /** Statements of what was named last, each with its newline. */
  | { what: 'statements'; lines: readonly Line[]; file: string }
  /** It was whole, and its digest is right. */
  | { what: 'end'; place: Place };

/** Where a chain is: null before the first file. */
interface Position {
  readonly chain: string;
  /** The last transaction; of secrets, the last one that has any. */
  readonly commit: number;
  readonly hash: string;
}

/**
 * From the file `from` on, or from the first. The start of the first file is not checked, and all else must follow from it. Transactions that
 * were given up are checked and left out. Throws a `LogError` at the first place that does not fit.
 */
export async function* readChain(
  log: Log,
  kind: 'main' | 'secrets',
  from: LogFile | null,
  notice: Notice,
): AsyncGenerator<Piece> {
  const files = log[kind];
  let position: Position | null = null;
  for (const file of files.slice(from ? files.indexOf(from) : 0)) {
    let isLeftOut = false;
    for await (const piece of readFile(file, notice)) {
      switch (piece.what) {
        case 'head':
          position = followHead(position, piece.head, kind, piece.place);
          break;
        case 'base':
          position = followBase(position, piece.head, kind, piece.place);
          isLeftOut = isGivenUp(log, file, piece.head.commit);
          if (!isLeftOut) yield piece;
          break;
        case 'transaction': {
          const { header, place } = piece;
          position = follow(position, header, kind, place);
          const wasLeftOut = isLeftOut;
          isLeftOut = isGivenUp(log, file, header.commit);
          if (!isLeftOut) yield piece;
          else if (!wasLeftOut && kind === 'main')
            notice({ place, why: 'and those after it of this file were given up where a branch began' });
          break;
        }
        case 'statements':
          if (!isLeftOut) yield piece;
          break;
        case 'end':
          if (!isLeftOut) yield { what: 'end', place: piece.place };
          break;
      }
    }
  }
}

type Kind = 'main' | 'secrets';

function followHead(position: Position | null, head: ChangesHead, kind: Kind, place: Place): Position {
  if (!position) return { chain: head.chain, commit: head.first - 1, hash: head.previous };
  requireChain(position, head.chain, place);
  if (kind === 'main') requireNext(position, head.first, place);
  requireLink(position, head.previous, place);
  return position;
}

function followBase(position: Position | null, head: BaseHead, kind: Kind, place: Place): Position {
  const { chain, commit, continues } = head;
  // Secrets have no number of their own for each transaction.
  if (position && kind === 'main') requireNext(position, commit + 1, place);
  if (continues === undefined) return { chain, commit, hash: head.sha256 };
  if (position) {
    requireChain(position, chain, place);
    requireLink(position, continues, place);
  }
  return { chain, commit, hash: continues };
}

function follow(position: Position | null, header: CommitHeader, kind: Kind, place: Place): Position {
  if (!position) throw new LogError('A transaction has no head of a file before it', place);
  const { commit, previous, sha256 } = header;
  if (kind === 'main') requireNext(position, commit, place);
  else if (commit <= position.commit) throw new LogError('A transaction of the secrets is there twice', place);
  requireLink(position, previous, place);
  return { chain: position.chain, commit, hash: sha256 };
}

function requireNext({ commit }: Position, next: number, place: Place): void {
  if (next === commit + 1) return;
  throw new LogError(
    next <= commit
      ? `Transaction ${commit + 1} should follow, and ${next} does, which was there before`
      : next === commit + 2
        ? `Transaction ${commit + 1} is missing`
        : `Transactions ${commit + 1} to ${next - 1} are missing`,
    place,
  );
}

function requireChain({ chain }: Position, given: string, place: Place): void {
  if (given !== chain)
    throw new LogError('The file belongs to another chain: a base is missing, or it is of another log', place);
}

function requireLink({ hash }: Position, previous: string, place: Place): void {
  if (previous !== hash)
    throw new LogError('What is before it is not what was there when it was written: `previous` differs', place);
}
