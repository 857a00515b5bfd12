/** The operations that GraphiQL opens with, run from left to right. */
import { getOperationAST, parse } from 'graphql';
import { expect, test } from 'vitest';

import { useConfab } from '../testing/confab.ts';
import { says } from '../testing/model-server.ts';
import { person } from '../testing/person.ts';
import { asks } from '../testing/plain-requests.ts';
import { roomOf } from '../testing/rooms.ts';
import { testServer } from '../testing/server.ts';
import { graphiqlTabs } from './graphiql-tabs.ts';

useConfab();

/** By the name of its operation, which is the tab's title. */
function operation(name: string): { query: string; variables: Record<string, unknown> } {
  const tab = graphiqlTabs.find(({ query }) => query.includes(` ${name}`));
  if (!tab) throw new Error(`There is no tab ${name}.`);
  return { query: tab.query, variables: JSON.parse(tab.variables) as Record<string, unknown> };
}

test('its tabs show the history, send a message, stream the answer and show a room', async () => {
  expect(graphiqlTabs.map(({ query }) => getOperationAST(parse(query))?.name?.value)).toEqual([
    'History',
    'Send',
    'Stream',
    'Room',
  ]);
  const ann = await person('ann');
  const { id } = await ann.createsChat('Plans');
  await roomOf(ann, { title: 'A room' });
  testServer().model.next(says('Hello ', 'Ann.'));

  const history = operation('History');
  expect(await asks(ann, history.query, history.variables)).toMatchObject({
    viewer: { name: 'ann' },
    chats: { nodes: expect.arrayContaining([expect.objectContaining({ id, title: 'Plans' })]) },
  });

  const send = operation('Send');
  const input = { ...(send.variables['input'] as object), chatId: id };
  const { sendMessage } = await asks<{ sendMessage: { runs: { id: string }[] } }>(ann, send.query, { input });
  const runId = sendMessage.runs[0]?.id;

  const stream = operation('Stream');
  const response = await ann.post(
    '/graphql',
    { query: stream.query, variables: { ...stream.variables, runId } },
    { accept: 'text/event-stream' },
  );
  const told = await response.text();
  expect(told).toContain('Hello ');
  expect(told).toContain('"status":"COMPLETED"');

  const room = operation('Room');
  expect(await asks(ann, room.query, room.variables)).toMatchObject({
    chats: { nodes: [{ title: 'A room', members: { nodes: [{ role: 'OWNER', person: { name: 'ann' } }] } }] },
  });
});
