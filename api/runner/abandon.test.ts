import { expect, test, vi } from 'vitest';

import { noHintWire } from '../bus/hint-wire.ts';
import { bus } from '../bus/bus.ts';
import { db } from '../database/db.ts';
import { rowId } from '../ids.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { RunById } from '../testing/documents.ts';
import { person } from '../testing/person.ts';
import { stopAbandoned } from './abandon.ts';

useConfab({ abandonAfterMs: 1_500 });

test('a run without readers is stopped with its words kept, and a run with readers goes on', async () => {
  const ann = await person('ann');
  const { model } = testServer();
  const alone = model.hold();
  const { run: abandoned } = await ann.sends('Is anybody there?');
  await alone.arrived;
  alone.begin().write('Nobody ');
  const here = model.hold();
  const { run: watched } = await ann.sends('I am here.');
  await here.arrived;
  const watching = ann.follows(watched.id);
  await watching.next();
  const elsewhere = model.hold();
  const { run: watchedElsewhere } = await ann.sends('I read on another node.');
  await elsewhere.arrived;
  const row = rowId('Run', watchedElsewhere.id);
  // As the reader's node says it.
  const saying = setInterval(() => bus.publish('runWatched', row), 300);

  try {
    await alone.gone;
    await expect
      .poll(() => ann.ask(RunById, { id: abandoned.id }))
      .toMatchObject({ node: { status: 'STOPPED', message: { content: 'Nobody ' } } });
    expect(await db.run.count({ where: { status: 'RUNNING' } })).toBe(2);
    here.begin().end();
    expect((await Array.fromAsync(watching)).at(-1)).toMatchObject({ run: { status: 'COMPLETED' } });
  } finally {
    clearInterval(saying);
  }
  // Its reader closes the page.
  await elsewhere.gone;
}, 30_000);

test('while other nodes’ hints are not received, no reader counts as gone, and then the time starts again', async () => {
  vi.useFakeTimers();
  const stopped = vi.fn();
  const watching = stopAbandoned({ has: (id) => id === 'a run', ids: () => ['a run'] }, 5_000, stopped);
  try {
    await vi.advanceTimersByTimeAsync(4_000);
    bus.use({ ...noHintWire, isWhole: false });
    await vi.advanceTimersByTimeAsync(60_000);
    bus.use(noHintWire);
    bus.reportGap();
    await vi.advanceTimersByTimeAsync(5_000);
    // A gap that was too short for any poll to see it.
    bus.reportGap();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(stopped).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(stopped).toHaveBeenCalledWith('a run');
  } finally {
    await watching.stop();
    bus.use(noHintWire);
    vi.useRealTimers();
  }
});
