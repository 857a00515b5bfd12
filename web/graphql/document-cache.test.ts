import { Client, fetchExchange, gql } from '@urql/core';
import { subscribe } from 'wonka';
import { expect, onTestFinished, test } from 'vitest';

import { fetchFresh } from './client';
import { documentCache } from './document-cache';
import { perform } from './perform';

const Agents = gql('query Agents { agents { id } }');
const Rename = gql('mutation Rename { rename { agent { id } } }');
const Threads = gql('query Threads { agents { id } }');

test('a mutation that names the type of its rows makes their answers be fetched again, and no other does', async () => {
  const { client, sent, show } = open();
  await show();
  expect(sent()).toEqual(['Agents']);

  await perform(client, Rename, {});
  expect(sent()).toEqual(['Agents', 'Rename']);

  await perform(client, Rename, {}, { additionalTypenames: ['Agent'] });
  await expect.poll(sent, { timeout: 30_000 }).toEqual(['Agents', 'Rename', 'Rename', 'Agents']);
});

test('what was asked for once is there at once the next time', async () => {
  const { client, sent, show } = open();
  await show();
  const again = await client.query(Agents, {}, { requestPolicy: 'cache-first' }).toPromise();
  expect([again.data, sent()]).toEqual([{ agents: [{ __typename: 'Agent', id: '1' }] }, ['Agents']]);
});

test('what is fetched for the store is neither taken from the cache nor left in it', async () => {
  const { client, sent } = open();
  await fetchFresh(client, Threads, {});
  await fetchFresh(client, Threads, {});
  await client.query(Threads, {}, { requestPolicy: 'cache-first' }).toPromise();
  expect(sent()).toEqual(['Threads', 'Threads', 'Threads']);
  await client.query(Threads, {}, { requestPolicy: 'cache-first' }).toPromise();
  expect(sent()).toHaveLength(3);
});

/** A client whose server knows one agent and writes down what it is asked. */
function open() {
  const sent: string[] = [];
  const agent = { __typename: 'Agent', id: '1' };
  const client = new Client({
    url: 'http://confab.test/graphql',
    preferGetMethod: false,
    exchanges: [documentCache, fetchExchange],
    fetch: (_url, init) => {
      const { operationName } = JSON.parse(init?.body as string) as { operationName: string };
      sent.push(operationName);
      const data = operationName === 'Rename' ? { rename: { agent } } : { agents: [agent] };
      return Promise.resolve(Response.json({ data }));
    },
  });
  return {
    client,
    sent: () => [...sent],
    /** Shows the agents until the end of the test. */
    show: () =>
      new Promise<void>((resolve) => {
        const shown = subscribe(() => resolve())(client.query(Agents, {}));
        onTestFinished(() => shown.unsubscribe());
      }),
  };
}
