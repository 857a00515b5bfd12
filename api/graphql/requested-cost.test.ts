import { afterAll, expect, test } from 'vitest';

import { env } from '../env.ts';
import { useConfab } from '../testing/confab.ts';
import { costsByChance } from '../testing/costs-by-chance.ts';

const { COST_PER_USER } = env;
Object.assign(env, { COST_PER_USER: 1_000_000_000 });
afterAll(() => void Object.assign(env, { COST_PER_USER }));

useConfab();

test('none of 300 documents is charged less than its answer amounts to', async () => {
  const { cheap, count } = await costsByChance(300, 20_261_129);
  expect(cheap).toEqual([]);
  expect(count).toBeGreaterThan(150);
}, 120_000);
