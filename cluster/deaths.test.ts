/** Nodes that die, that are held still, and that go in good order while another comes. */
import { beforeAll, describe, expect, test } from 'vitest';

import { testCluster, useCluster } from '../api/testing/use-cluster.ts';
import { RegenerateAnswer } from '../api/testing/documents.ts';
import { says } from '../api/testing/model-server.ts';
import { onlyAnswer, type Person, person, wordsOf } from '../api/testing/person.ts';
import { Scene } from './scene.ts';

useCluster({ nodes: 3 });

const SETTLED_WITHIN_MS = 30_000;
/** By the talker, every 50 ms some 15 code units. */
const SAID_IN_A_SECOND = 400;

let ann: Person;

beforeAll(async () => {
  ann = await person('ann');
});

function at(place: number): Person {
  return ann.at(testCluster().node(place).url);
}

describe('a deploy in the midst of 50 streams', () => {
  test('loses nothing that was shown: a new node comes, an old one goes, its answers come to their ends', async () => {
    const cluster = testCluster();
    using scene = await Scene.begin({ runs: 25, asker: () => ann, reader: () => ann });
    await cluster.startNode(3);
    const ending = cluster.killNode(0, 'SIGTERM');
    // The old one's own runs go on, and those who read them there still do.
    await scene.allReceive('While it drains. ', 15_000);
    // What is new goes to the others, without a refused request.
    const sent = await Promise.all(Array.from({ length: 10 }, () => scene.sends(ann, 'Meanwhile')));
    for (const { run } of sent) scene.reads(ann, run.id);
    await scene.talker.untilTalking(35);
    await scene.end();
    expect(await ending).toMatchObject({ code: 0 });
    const { stored } = await scene.isWhole();
    expect(stored.runs.map(({ status }) => status)).toEqual(Array.from({ length: 35 }, () => 'COMPLETED'));
    await cluster.startNode(0);
    await cluster.killNode(3, 'SIGTERM');
  });
});

describe('a killed node and a paused node', () => {
  test('have their runs settled by another within 30 s, for all to see, and can do nothing about it', async () => {
    const cluster = testCluster();
    // All read at the one node that lives.
    const placeOf = new Map<string, number>();
    using scene = await Scene.begin({ runs: 12, asker: (index) => at(index % 3), reader: () => at(0) });
    for (const { nodeId, ids } of await cluster.query<{ nodeId: string; ids: string[] }>(
      `SELECT node_id AS "nodeId", array_agg('Run_' || id) AS ids FROM run WHERE status = 'RUNNING' GROUP BY 1`,
    )) {
      expect(nodeId).toBeTruthy();
      expect(ids).toHaveLength(4);
    }
    scene.chronicle.sent.forEach(({ content, runId }) => placeOf.set(runId, Number(/\d+/.exec(content)?.[0]) % 3));
    const still = cluster.node(2);
    still.pause();
    await cluster.killNode(1);
    const died = performance.now();
    const lost = scene.runs.filter(({ runId }) => placeOf.get(runId) !== 0);
    await Promise.all(lost.map((watch) => watch.ended(SETTLED_WITHIN_MS)));
    expect(performance.now() - died).toBeLessThan(SETTLED_WITHIN_MS);
    expect(lost.map(({ end }) => end?.status)).toEqual(Array.from({ length: 8 }, () => 'INTERRUPTED'));

    // The paused node goes on as if nothing had happened, until it finds that its runs are no longer its own.
    still.resume();
    await still.says(/Another node settled a run/);
    await scene.end();
    const { stored } = await scene.isWhole(SAID_IN_A_SECOND);
    for (const { id, status } of stored.runs) {
      expect(status, id).toBe(placeOf.get(id) === 0 ? 'COMPLETED' : 'INTERRUPTED');
    }

    // Retry, wherever one is; also where the run was lost.
    testCluster().model.otherwise(says('Again, whole.'));
    await cluster.startNode(1);
    for (const [index, { runId }] of lost.entries()) {
      const messageId = stored.runs.find(({ id }) => id === runId)?.messageId ?? '';
      const who = at(index % 3);
      const { regenerateAnswer } = await who.ask(RegenerateAnswer, {
        input: { messageId, clientId: crypto.randomUUID() },
      });
      if (regenerateAnswer.__typename !== 'RegenerateAnswerPayload') throw new Error(JSON.stringify(regenerateAnswer));
      expect(wordsOf(await Array.fromAsync(ann.follows(onlyAnswer(regenerateAnswer).run.id)))).toBe('Again, whole.');
    }
  });
});
