/**
 * Counts the times when somebody's access ended: a sign-out, a revoked session, a changed password. Whoever serves a long stream
 * compares it with what it was, and asks the database again where it differs.
 */
let endings = 0;

export function accessEndings(): number {
  return endings;
}

export function noteAccessEnding(): void {
  endings += 1;
}
