/** The main files and the secrets files as one: each transaction with all of its statements. */
import { LogError, type Notice, type Place } from './log-error.ts';
import type { Base, Log } from './log.ts';
import { type Piece, readChain } from './read-chain.ts';

/** From a base on, or from the first file. Throws a `LogError` at the first place that does not fit. */
export async function* readLog(log: Log, from: Base | null, notice: Notice): AsyncGenerator<Piece> {
  const main = new Pieces(readChain(log, 'main', from?.file ?? null, notice));
  const secrets = log.hasSecrets ? new Pieces(readChain(log, 'secrets', from?.secrets ?? null, notice)) : null;
  let last = 0;
  try {
    for (let piece = await main.next(); piece; piece = await main.next()) {
      const { what } = piece;
      if (what !== 'base' && what !== 'transaction') throw new LogError('A file begins in the middle of a transaction');
      const order = orderOf(piece);
      const hasTwin = secrets !== null && (what === 'base' || piece.header.secrets === true);
      const twin = await secrets?.peek();
      const isNext = twin && orderOf(twin) === order;
      if (twin && (isNext ? !hasTwin : orderOf(twin) < order)) throw withoutMain(twin);
      if (hasTwin && !isNext) {
        await main.skipBody();
        // Its writer was stopped between the two files.
        if (!(await main.peek()) && !twin) {
          notice({ place: piece.place, why: 'has no secrets, since its writer was stopped' });
          return;
        }
        throw new LogError('The secrets files have no such transaction', piece.place);
      }
      yield piece;
      yield* main.body();
      if (hasTwin && secrets) {
        await secrets.next();
        yield* secrets.body();
      }
      yield { what: 'end', place: piece.place };
      last = order;
    }
    const rest = await secrets?.next();
    if (!rest) return;
    if (orderOf(rest) < last) throw withoutMain(rest);
    notice({ place: placeOf(rest), why: 'is not in the main file, since its writer was stopped' });
  } finally {
    await main.close();
    await secrets?.close();
  }
}

/** A base comes after the transaction whose number it has. */
function orderOf(piece: Piece): number {
  if (piece.what === 'base') return 2 * piece.head.commit + 1;
  return piece.what === 'transaction' ? 2 * piece.header.commit : 0;
}

function placeOf(piece: Piece): Place {
  return 'place' in piece ? piece.place : { file: piece.file, offset: 0 };
}

function withoutMain(piece: Piece): LogError {
  const what = piece.what === 'base' ? 'base' : 'transaction';
  return new LogError(`The main files have no such ${what}`, placeOf(piece));
}

/** Pieces of one kind of files, with a look at the next one. */
class Pieces {
  readonly #pieces: AsyncGenerator<Piece>;
  #peeked: Piece | null | undefined;

  constructor(pieces: AsyncGenerator<Piece>) {
    this.#pieces = pieces;
  }

  /** Null at the end. */
  async peek(): Promise<Piece | null> {
    if (this.#peeked === undefined) {
      const { done, value } = await this.#pieces.next();
      this.#peeked = done ? null : value;
    }
    return this.#peeked;
  }

  async next(): Promise<Piece | null> {
    const piece = await this.peek();
    if (piece) this.#peeked = undefined;
    return piece;
  }

  /** The statements of a transaction; its end is read and not yielded. */
  async *body(): AsyncGenerator<Piece> {
    for (let piece = await this.next(); piece?.what === 'statements'; piece = await this.next()) yield piece;
  }

  async skipBody(): Promise<void> {
    for await (const _ of this.body());
  }

  async close(): Promise<void> {
    await this.#pieces.return(undefined);
  }
}
