import { expect, test, vi } from 'vitest';

// Sweeps come at once.
vi.hoisted(() => (process.env['NODE_BEAT_MS'] = '50'));

import { db } from '../database/db.ts';
import { rowId } from '../ids.ts';
import { nodeId } from '../nodes/heartbeat.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { person, wordsOf } from '../testing/person.ts';

const confab = useConfab();

test('a node that is ending takes no new run, whether by a hint or by its sweep', async () => {
  const ann = await person('ann');
  const { model } = testServer();
  const held = model.hold();
  const { run } = await ann.sends('Finish this.');
  const reading = Array.fromAsync(ann.follows(run.id));
  await held.arrived;

  const settling = confab.settle(60_000);
  const { run: late } = await ann.sends('Who will answer this?');
  const id = rowId('Run', late.id);
  await db.run.update({ where: { id }, data: { createdAt: new Date(Date.now() - 3_600_000) } });
  for (let sweeps = 0; sweeps < 4; sweeps += 1) await nextBeat();
  expect(await db.run.findUnique({ where: { id } })).toMatchObject({ status: 'QUEUED', nodeId: null });

  held.begin().write('Finished.').end();
  await settling;
  expect(wordsOf(await reading)).toBe('Finished.');
  expect(await db.run.findUnique({ where: { id } })).toMatchObject({ status: 'QUEUED', nodeId: null });
  expect(model.calls).toHaveLength(1);
});

/** A sweep begins with one, when all that the last sweep had to do is done. */
async function nextBeat(): Promise<void> {
  const seenAt = async () => (await db.node.findUniqueOrThrow({ where: { id: nodeId } })).seenAt;
  const last = await seenAt();
  await expect.poll(seenAt, { interval: 10 }).not.toEqual(last);
}
