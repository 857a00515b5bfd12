/** What a feed sends of agents, which belong to no chat. */
import { beforeAll, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person, type FeedEvent } from '../testing/person.ts';
import { rowId } from '../ids.ts';
import { pollDatabase } from './open-feeds.ts';

useConfab();

const Agents = graphql(`
  query AgentsToldOf {
    agents {
      id
      name
      isDefault
    }
  }
`);

const RenameAgent = graphql(`
  mutation RenameAgentWatched($id: ID!, $name: String!) {
    updateAgent(input: { id: $id, name: $name }) {
      __typename
    }
  }
`);

const SetDefaultAgent = graphql(`
  mutation SetDefaultAgentWatched($id: ID!) {
    setDefaultAgent(input: { id: $id }) {
      __typename
    }
  }
`);

let admin: Person;
let bob: Person;
let ids: string[];

beforeAll(async () => {
  admin = await person('ada');
  bob = await person('bob');
  ids = (await admin.ask(Agents, {})).agents.map(({ id }) => id);
});

const rename = (name: string) => admin.ask(RenameAgent, { id: ids[0] ?? '', name });

/** The events of a feed until such a one; the feed is closed then. */
async function until(feed: AsyncIterable<FeedEvent>, isLast: (event: FeedEvent) => unknown): Promise<FeedEvent[]> {
  const told: FeedEvent[] = [];
  for await (const event of feed) {
    told.push(event);
    if (await isLast(event)) break;
  }
  return told;
}

const isAgents = ({ __typename }: FeedEvent) => __typename === 'AgentsChange';
const isTick = ({ __typename }: FeedEvent) => __typename === 'Tick';

test('a feed that has no agents receives all before the first tick, and none twice', async () => {
  const [first, second] = await until(bob.feeds([], ''), isTick);
  expect([first?.__typename, second?.__typename]).toEqual(['AgentsChange', 'Tick']);
  if (first?.__typename !== 'AgentsChange') throw new Error('Nothing was told.');
  expect(first.agents).toEqual((await bob.ask(Agents, {})).agents);
  expect((await until(bob.feeds([], first.version), isTick)).length).toBe(1);

  // What changed while no feed was open.
  await rename('While you were away');
  const [missed] = await until(bob.feeds([], first.version), isTick);
  expect(missed).toMatchObject({
    agents: expect.arrayContaining([expect.objectContaining({ name: 'While you were away' })]),
  });
});

test('another name and another default agent are sent at once, to all feeds', async () => {
  const changes: (() => Promise<unknown>)[] = [
    () => rename('Renamed'),
    () => admin.ask(SetDefaultAgent, { id: ids.at(-1) ?? '' }),
  ];
  for (const change of changes) {
    // A feed that does not say what it knows receives what changes from now on.
    const told = await until(bob.feeds(), async (event) => {
      if (isTick(event)) await change();
      return isAgents(event);
    });
    expect(told.map(({ __typename }) => __typename)).toEqual(['Tick', 'AgentsChange']);
    expect(told.at(-1)).toMatchObject({ agents: (await bob.ask(Agents, {})).agents });
  }
}, 12_000);

test('a lost hint is made up for by the next look', async () => {
  const told = await until(bob.feeds(), async (event) => {
    if (isTick(event)) {
      await db.agent.update({ where: { id: rowId('Agent', ids[0] ?? '') }, data: { name: 'Behind our back' } });
      await pollDatabase();
    }
    return isAgents(event);
  });
  expect(told.at(-1)).toMatchObject({ agents: (await bob.ask(Agents, {})).agents });
}, 12_000);
