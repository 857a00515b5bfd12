import { expect, test } from 'vitest';

import { person } from '../api/testing/person.ts';
import { programOf, revoke } from '../api/testing/tokens.ts';
import { testCluster, useCluster } from '../api/testing/use-cluster.ts';

useCluster({ nodes: 2 });

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
