/**
 * Counts the times when somebody's access ended, on whichever node: a sign-out, a revoked session, a changed password. Whoever serves
 * a long stream compares it with what it was, and asks the database again where it differs.
 */
import { bus } from '../feed/bus.ts';

let endings = 0;

bus.listen('accessEnded', () => {
  endings += 1;
});
// One of them may be what was lost.
bus.onGap(() => {
  endings += 1;
});

export function accessEndings(): number {
  return endings;
}

export function noteAccessEnding(): void {
  bus.publish('accessEnded');
}
