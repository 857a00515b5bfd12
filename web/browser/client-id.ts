/** A random UUID (version 4), also over plain http, where browsers have no `crypto.randomUUID`. */
export function makeClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The same over every attempt at the same, so that what was done, and only its confirmation got lost, is not done twice. */
export function makeIdempotencyKeys(): (what: string) => string {
  let last: { what: string; clientId: string } | undefined;
  return (what) => {
    if (last?.what !== what) last = { what, clientId: makeClientId() };
    return last.clientId;
  };
}
