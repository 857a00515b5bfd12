/**
 * What streams read, of which there may be thousands: after a restart all come at once, and in a room each is woken by the same change.
 * They read a few at a time, so that a sent message does not wait behind all of them, and those who want the same
 * while they wait share one read. A read that has begun is not shared: it may have missed what a later hint announces.
 */
import pLimit from 'p-limit';

const MOST_AT_ONCE = 4;

/** A connection to the database that hangs is not to hold up those who wait for the others. */
const LONGEST_MS = 15_000;

const inTurn = pLimit(MOST_AT_ONCE);
const waiting = new Map<string, Promise<unknown>>();

/** `key` names all that the result depends on: what is read, for whom, and with which selection. */
export function shareRead<Result>(key: readonly unknown[], read: () => PromiseLike<Result>): Promise<Result> {
  const name = JSON.stringify(key);
  const others = waiting.get(name);
  if (others) return others as Promise<Result>;
  const result = inTurn(() => {
    waiting.delete(name);
    return inTime(read());
  });
  waiting.set(name, result);
  return result;
}

/** For a read that is shared in some other way, or not at all. It must not wait for another read in the queue. */
export function readInTurn<Result>(read: () => PromiseLike<Result>): Promise<Result> {
  return inTurn(() => inTime(read()));
}

function inTime<Result>(result: PromiseLike<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('The database hangs.')), LONGEST_MS);
  return Promise.race([result, late.promise]).finally(() => clearTimeout(timer));
}
