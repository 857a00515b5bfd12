import { expect, test } from 'vitest';

import { lastUse } from './last-use';

const used = (lastUsedAt: string | null, lastUsedAddress: string | null = null) => ({ lastUsedAt, lastUsedAddress });

test('the last use is that of the token that was used last, wherever it stands in the list', () => {
  const tokens = [
    used('2026-11-20T10:00:00.000Z', '10.0.0.1'),
    used(null),
    used('2026-11-21T09:00:00.000Z', '10.0.0.2'),
    used('2026-11-19T23:00:00.000Z', '10.0.0.3'),
  ];
  expect(lastUse(tokens)).toEqual({ at: '2026-11-21T09:00:00.000Z', address: '10.0.0.2' });
});

test('an unused token has no last use', () => {
  expect(lastUse([used(null), used(null)])).toBeNull();
});
