/** A service agent whose requests go to any node: nodes and Redis may die in the midst of its answer. */
import { beforeAll, expect, test } from 'vitest';

import { testCluster, useCluster } from '../api/testing/use-cluster.ts';
import { type Person, person, wordsOf } from '../api/testing/person.ts';
import { asks } from '../api/testing/plain-requests.ts';
import { roomOf, says } from '../api/testing/rooms.ts';
import { type ServiceAgent, serviceAgent } from '../api/testing/service-agents.ts';

useCluster({ nodes: 3, settings: { NODE_BEAT_MS: '1000', RUN_SILENCE_SECONDS: '5' } });

let ann: Person;
let robot: ServiceAgent;
let room: string;
let question: string;

beforeAll(async () => {
  const admin = await person('admin');
  ann = await person('ann');
  robot = await serviceAgent(admin);
  room = await roomOf(ann, { personIds: [robot.personId] });
  question = (await says(ann, room, `@${robot.handle} speak`)).id;
});

const at = <Who extends Person>(who: Who, place: number) => who.at(testCluster().node(place).url) as Who;

async function statusOf(runId: string): Promise<{ status: string; message: { content: string } }> {
  const query = 'query ($id: ID!) { node(id: $id) { ... on Run { status message { content } } } }';
  return (await asks<{ node: { status: string; message: { content: string } } }>(at(ann, 1), query, { id: runId }))
    .node;
}

/** Sent to one node after another, each piece until one of them takes it, as a program behind a balancer does. */
async function speak(runId: string, words: readonly string[], places: readonly number[], from = 0): Promise<number> {
  let offset = from;
  for (const [index, text] of words.entries()) {
    for (let tries = 0; ; tries += 1) {
      const place = places[(index + tries) % places.length] ?? 0;
      const outcome = await at(robot, place)
        .appends({ runId, from: offset, text })
        .catch(() => null);
      if (outcome?.length !== undefined) break;
      if (outcome?.code || tries > 200) throw new Error(JSON.stringify(outcome));
    }
    offset += text.length;
  }
  return offset;
}

const sentence = (name: string, length = 60) => Array.from({ length }, (_, index) => `${name}${index} `);

test('each word is there once, for readers on every node, though a node and Redis are killed in mid-answer', async () => {
  const cluster = testCluster();
  const runId = await at(robot, 0).begins(room, question);
  const readers = [1, 2].map((place) => Array.fromAsync(at(ann, place).follows(runId)));
  const [first, second, third] = [sentence('a'), sentence('b'), sentence('c')];
  let known = await speak(runId, first, [0, 1, 2]);
  await cluster.killNode(0);
  known = await speak(runId, second, [1, 2], known);
  await cluster.redis.restart();
  known = await speak(runId, third, [2, 1], known);
  const late = Array.fromAsync(at(ann, 2).follows(runId, 10));
  expect(await at(robot, 1).ends(runId, { length: known })).toMatchObject({ run: { status: 'COMPLETED' } });

  const whole = [...first, ...second, ...third].join('');
  for (const events of await Promise.all(readers)) expect(wordsOf(events)).toBe(whole);
  expect(wordsOf(await late)).toBe(whole.slice(10));
  expect(await statusOf(runId)).toEqual({ status: 'COMPLETED', message: { content: whole } });
  await cluster.startNode(0);
});

test('the same words sent to all nodes at once, in any order, are one answer', async () => {
  const runId = await at(robot, 2).begins(room, question);
  const reader = Array.fromAsync(at(ann, 0).follows(runId));
  const words = sentence('x', 30);
  await Promise.all([0, 1, 2].map((place) => speak(runId, words, [place])));
  const whole = words.join('');
  await at(robot, 0).ends(runId, { length: whole.length });
  expect(wordsOf(await reader)).toBe(whole);
});

test('an answer whose service agent is killed before its end is interrupted with all its words, whichever node lives', async () => {
  const cluster = testCluster();
  const runId = await at(robot, 0).begins(room, question);
  const reader = Array.fromAsync(at(ann, 1).follows(runId));
  await speak(runId, ['Half of ', 'it'], [0]);
  await cluster.killNode(0);
  await expect.poll(async () => (await statusOf(runId)).status, { timeout: 60_000 }).toBe('INTERRUPTED');
  expect(await statusOf(runId)).toMatchObject({ message: { content: 'Half of it' } });
  expect(wordsOf(await reader)).toBe('Half of it');
  expect(await at(robot, 2).appends({ runId, from: 10, text: '.' })).toMatchObject({ code: 'ANSWER_ENDED' });
  await cluster.startNode(0);
});

test('a stop at one node ends it at all', async () => {
  const runId = await at(robot, 0).begins(room, question);
  await speak(runId, ['So '], [0]);
  const reader = Array.fromAsync(at(ann, 1).follows(runId));
  await at(ann, 2).stops(runId);
  expect(wordsOf(await reader)).toBe('So ');
  expect(await at(robot, 1).appends({ runId, from: 3, text: 'much' })).toMatchObject({ code: 'ANSWER_ENDED' });
});
