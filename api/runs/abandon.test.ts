import { expect, test } from 'vitest';

import { bus } from '../feed/bus.ts';
import { db } from '../db.ts';
import { rowId } from '../ids.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { RunById } from '../testing/documents.ts';
import { person } from '../testing/person.ts';

useConfab({ abandonAfterMs: 1_500 });

test('a run that nobody watches is stopped with its words kept, and one that is watched goes on', async () => {
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
