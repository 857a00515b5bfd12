import { expect, test } from 'vitest';

import { person } from '../api/testing/person.ts';
import { programOf, revoke } from '../api/testing/tokens.ts';
import { testCluster, useCluster } from '../api/testing/use-cluster.ts';

const LIMIT = 25_000;

useCluster({ nodes: 2, settings: { COST_PER_TOKEN: `${LIMIT}` } });

test('a token that is revoked at one node is of no use at the other, and its streams there end', async () => {
  const [here, there] = testCluster().nodes;
  if (!here || !there) throw new Error('There are not two nodes.');
  const ann = (await person('ann')).at(here.url);
  const made = await programOf(ann, { scopes: ['READ_CHATS'] });
  const program = made.at(there.url);
  const ask = async () => (await program.post('/graphql', { query: '{ chats { nodes { id } } }' })).status;
  expect(await ask()).toBe(200);
  const feed = program.feeds();
  await feed.next();
  const end = Array.fromAsync(feed).then(String, String);

  await revoke(ann, made);
  expect(await end).toContain('INVALID_TOKEN');
  expect(await ask()).toBe(401);
  // Long before the rows are read again, which is every 15 s.
}, 12_000);

test('of many requests to two nodes at once, those that are done cost no more than the limit of the token', async () => {
  const program = await programOf(await person('bob'), { scopes: ['READ_CHATS'] });
  const query = '{ chats(first: 100) { nodes { id title } } }';
  const ask = async (place: number) => {
    const there = program.at(testCluster().node(place).url);
    const response = await there.post('/graphql', { query }, { 'x-confab-cost': '1' });
    const { extensions } = (await response.json()) as { extensions?: { cost: { requested: number } } };
    return { status: response.status, cost: extensions?.cost.requested ?? 0 };
  };
  // Each node knows the token before the many come.
  const first = [await ask(0), await ask(1)];
  const many = await Promise.all(Array.from({ length: 200 }, (_, index) => ask(index % 2)));
  const answers = [...first, ...many];
  const done = answers.filter(({ status }) => status === 200);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  // Two nodes that counted apart would do more than one limit, and refuse some.
  expect(200 * (done[0]?.cost ?? 0)).toBeGreaterThan(2 * LIMIT);
  expect(done.length * (done[0]?.cost ?? 0)).toBeLessThanOrEqual(LIMIT);
});
