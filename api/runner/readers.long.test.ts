import { expect, test } from 'vitest';

import { bus } from '../bus/bus.ts';
import { runReaderCount } from '../run-events/read.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { person, readUntil } from '../testing/person.ts';
import { openTextCount } from '../texts/texts.ts';

useConfab();

test('a reader that is gone leaves nothing behind, a thousand times', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Hold on.');
  held.begin().write('…');
  const watching = ann.follows(run.id);
  await readUntil(watching, '…');
  await expect.poll(runReaderCount).toBe(1);
  const listeners = bus.listenerCount();

  for (let round = 0; round < 40; round += 1) {
    await Promise.all(
      Array.from({ length: 25 }, async () => {
        const reader = ann.follows(run.id);
        await readUntil(reader, '…');
        await reader.return(undefined);
      }),
    );
  }
  await expect.poll(runReaderCount, { interval: 5 }).toBe(1);
  expect(bus.listenerCount()).toBe(listeners);
  expect(openTextCount()).toBe(1);

  held.end();
  await Array.fromAsync(watching);
  await expect.poll(() => [runReaderCount(), openTextCount()]).toEqual([0, 0]);
}, 60_000);
