import { assertInterfaceType } from 'graphql';
import { afterAll, expect, test } from 'vitest';

import { env } from '../env.ts';
import { useConfab } from '../testing/confab.ts';
import { costsByChance } from '../testing/costs-by-chance.ts';
import { schema } from './schema.ts';

const { COST_PER_USER } = env;
Object.assign(env, { COST_PER_USER: 1_000_000_000 });
afterAll(() => void Object.assign(env, { COST_PER_USER }));

useConfab();

test('none of 10,000 documents is charged less than its answer amounts to', async () => {
  const { cheap, count, types } = await costsByChance(10_000, Date.now());
  expect(cheap).toEqual([]);
  expect(count).toBeGreaterThan(5_000);
  const nodes = schema.getPossibleTypes(assertInterfaceType(schema.getType('Node'))).map(({ name }) => name);
  const errors = ['NotFoundError', 'InvalidInputError', 'ConflictError'];
  expect([...types]).toEqual(expect.arrayContaining([...nodes, ...errors, 'PinChatPayload', 'UpdateRoomPayload']));
}, 600_000);
