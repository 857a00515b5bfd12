/** A room whose members are at different nodes: its queue and its line survive the node that writes. */
import { beforeAll, expect, test } from 'vitest';

import { differencesOf } from '../api/testing/chaos.ts';
import { testCluster, useCluster } from '../api/testing/use-cluster.ts';
import { ListAgents } from '../api/testing/documents.ts';
import { says as answers } from '../api/testing/model-server.ts';
import { type Person, person } from '../api/testing/person.ts';
import { personIdOf, roomOf, says } from '../api/testing/rooms.ts';
import { storedIn } from './stored.ts';
import { ChatWatch, Chronicle } from './witness.ts';

// Deaths are noticed after four beats.
useCluster({ nodes: 3, settings: { NODE_BEAT_MS: '1000' } });

let ann: Person;
let bob: Person;
let claude: string;

beforeAll(async () => {
  [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  const { agents } = await ann.ask(ListAgents, {});
  claude = agents.find(({ handle }) => handle === 'claude')?.id ?? '';
});

const at = (place: number, who: Person) => who.at(testCluster().node(place).url);

async function makeRoom(): Promise<string> {
  return roomOf(ann, { personIds: [await personIdOf(bob)], agentIds: [claude] });
}

/** In the end everybody has the same as the database, and each question of the queue was answered once. */
async function agree(watches: readonly ChatWatch[]): Promise<void> {
  for (const watch of watches)
    await watch.until(() => watch.isAtRest && watch.picture.runs.length === 3, 'three ended runs', 60_000);
  const { chats } = await storedIn(testCluster());
  for (const watch of watches)
    await watch.until(() => differencesOf(watch.picture, chats).length === 0, 'the stored state', 30_000);
}

test('the node that writes dies with a queue: nothing is asked twice or forgotten, and all see one line', async () => {
  const cluster = testCluster();
  const room = await makeRoom();
  const chronicle = new Chronicle();
  using atOne = new ChatWatch(at(1, ann), room, chronicle);
  using atTwo = new ChatWatch(at(2, bob), room, chronicle);
  using throughNginx = new ChatWatch(bob, room, chronicle);
  const watches = [atOne, atTwo, throughNginx];

  const calls = cluster.model.calls.length;
  const held = cluster.model.hold();
  await says(at(0, ann), room, '@claude, one');
  await held.arrived;
  held.begin().write('Half of an ');
  const [{ id: first } = { id: '' }] = await cluster.query<{ id: string }>(
    `SELECT 'Run_' || run.id AS id FROM run WHERE 'Chat_' || chat_id = $1`,
    [room],
  );
  for (const watch of watches) await watch.until(() => watch.textOf(first).includes('Half'), 'the first words', 30_000);
  cluster.model.next(answers('Second, whole.'), answers('Third, whole.'));
  await says(at(1, bob), room, '@claude, two');
  await says(at(2, ann), room, '@claude, three');
  await says(at(1, bob), room, 'People go on talking.');

  await cluster.killNode(0);
  await agree(watches);
  expect(watches.map((watch) => watch.statusOf(first))).toEqual(watches.map(() => 'INTERRUPTED'));
  // After the two events of members who were added when the room was made.
  const wordsIn = ({ picture }: ChatWatch) =>
    picture.messages
      .toSorted((one, other) => one.seq - other.seq)
      .map(({ content }) => content)
      .slice(2);
  const line = wordsIn(atOne);
  expect(line).toEqual([
    '@claude, one',
    expect.stringMatching(/^Half of an $|^$/),
    '@claude, two',
    '@claude, three',
    'People go on talking.',
    'Second, whole.',
    'Third, whole.',
  ]);
  // One call for each question.
  expect(cluster.model.calls.length - calls).toBe(3);
  // A reloaded page has the same.
  using reloaded = new ChatWatch(at(2, ann), room, chronicle);
  await agree([reloaded]);
  expect(wordsIn(reloaded)).toEqual(line);
  await cluster.startNode(0);
});
