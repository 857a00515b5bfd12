import { expect, test } from 'vitest';

import { Uptime } from './uptime.ts';

test('the time starts with the process, and again with the first poll after an outage', () => {
  const uptime = new Uptime(0);
  expect(uptime.isLongerThan(2_500, 2_000)).toBe(false);
  for (let now = 1_000; now <= 4_000; now += 1_000) {
    uptime.begin(now);
    uptime.complete(now);
  }
  expect(uptime.isLongerThan(2_500, 4_000)).toBe(true);
  // Looks that fail are not completed.
  for (let now = 5_000; now <= 20_000; now += 1_000) uptime.begin(now);
  uptime.begin(21_000);
  expect(uptime.isLongerThan(2_500, 21_000)).toBe(false);
  uptime.complete(21_000);
  uptime.begin(22_000);
  uptime.complete(22_000);
  expect(uptime.isLongerThan(2_500, 24_000)).toBe(true);
});
