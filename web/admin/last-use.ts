interface UsedToken {
  lastUsedAt: string | null;
  lastUsedAddress: string | null;
}

/** When one of these tokens was used last, and from where; null where none ever was. */
export function lastUse(tokens: readonly UsedToken[]): { at: string; address: string } | null {
  let last: { at: string; address: string } | null = null;
  for (const { lastUsedAt, lastUsedAddress } of tokens)
    if (lastUsedAt && (!last || Date.parse(lastUsedAt) > Date.parse(last.at)))
      last = { at: lastUsedAt, address: lastUsedAddress ?? '' };
  return last;
}
