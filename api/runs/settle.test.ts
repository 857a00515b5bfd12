/** The end of a run that the database does not take. */
import { afterEach, beforeAll, expect, test, vi } from 'vitest';

// Sweeps come at once.
vi.hoisted(() => (process.env['NODE_BEAT_MS'] = '50'));

import { canPass } from '../database-errors.ts';
import { db } from '../db.ts';
import { rowId } from '../ids.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { RunById } from '../testing/documents.ts';
import { says } from '../testing/model-server.ts';
import { type Person, person, wordsOf } from '../testing/person.ts';

useConfab();

let ann: Person;

// The same person throughout: runs that stayed would use up their limit.
beforeAll(async () => {
  ann = await person('ann');
});
afterEach(async () => {
  await db.$executeRawUnsafe('DROP TRIGGER IF EXISTS refuses ON run');
  await db.$executeRawUnsafe('DROP TRIGGER IF EXISTS refuses ON message');
});

/** From now on the database raises this error where a row that is to be written meets the condition. */
async function refuse(table: 'run' | 'message', condition: string, code: string): Promise<void> {
  await db.$executeRawUnsafe(`
    CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF ${condition} THEN RAISE EXCEPTION 'refused' USING ERRCODE = '${code}'; END IF;
      RETURN NEW;
    END $$`);
  await db.$executeRawUnsafe(`CREATE TRIGGER refuses BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse()`);
}

test.each(['22003', '22P02', '23514', 'P0001', '42703'])(
  'an end that is refused for good (%s) is stored as a fault of ours, with the text',
  async (code) => {
    testServer().model.next(says('Hello', ' world'));
    await refuse('run', `NEW.status = 'COMPLETED'`, code);

    const { events, run } = await ann.asks('Speak.');

    expect(events.at(-1)).toMatchObject({
      __typename: 'RunError',
      code: 'INTERNAL',
      message: { content: 'Hello world' },
    });
    const { node } = await ann.ask(RunById, { id: run.id });
    expect(node).toMatchObject({
      status: 'FAILED',
      failure: { code: 'INTERNAL' },
      message: { content: 'Hello world' },
    });
  },
);

test('a text that is refused for good does not hold the run', async () => {
  testServer().model.next(says('Unstorable.'));
  await refuse('message', `NEW.content LIKE 'Unstorable%'`, '22021');
  const { events } = await ann.asks('Speak.');
  expect(events.at(-1)).toMatchObject({ __typename: 'RunError', code: 'INTERNAL', message: { content: '' } });
});

test.each(['40001', '40P01', '53300', '08006', '57014'])(
  'an end that is refused for the moment (%s) is stored a little later',
  async (code) => {
    testServer().model.next(says('Hello'));
    await restartTries();
    await refuse('run', `NEW.status = 'COMPLETED' AND nextval('tries') < 3`, code);

    const { events } = await ann.asks('Speak.');

    expect(events.at(-1)).toMatchObject({ __typename: 'MessageEnd', run: { status: 'COMPLETED' } });
    expect(await tries()).toBe(3);
  },
);

test.each([
  ['a lost connection', Object.assign(new Error('x'), { code: 'ECONNRESET' }), true],
  ['the cause of another error', new Error('x', { cause: Object.assign(new Error('y'), { code: '57P01' }) }), true],
  ['a silent server', new Error('PostgreSQL is silent'), true],
  ['an error of ours', new TypeError('x is not a function'), false],
  ['what is no error', null, false],
])('%s can pass: %s', (_name, error, expected) => {
  expect(canPass(error)).toBe(expected);
});

test('where nothing can be stored, the run is given up, and a sweep ends it when it can', async () => {
  testServer().model.next(says('Hello'));
  await restartTries();
  await refuse('run', `NEW.ended_at IS NOT NULL AND nextval('tries') > 0`, '23514');
  const { run, chat } = await ann.sends('Speak.');
  // Three by the run itself; more come only of a sweep, which leaves runs alone that somebody still performs.
  await expect.poll(tries).toBeGreaterThan(3);
  const where = { id: rowId('Run', run.id) };
  expect(await db.run.findUnique({ where })).toMatchObject({ status: 'RUNNING' });

  await db.$executeRawUnsafe('DROP TRIGGER refuses ON run');
  await expect.poll(async () => (await db.run.findUniqueOrThrow({ where })).endedAt).not.toBeNull();
  testServer().model.next(says('Here I am.'));
  expect(wordsOf((await ann.asks('Are you there?', chat.id)).events)).toBe('Here I am.');
});

/** Unlike rows, what a sequence gave is not taken back with the transaction. */
async function restartTries(): Promise<void> {
  await db.$executeRawUnsafe('CREATE SEQUENCE IF NOT EXISTS tries');
  await db.$executeRawUnsafe('ALTER SEQUENCE tries RESTART');
}

async function tries(): Promise<number> {
  const [{ count } = { count: 0 }] = await db.$queryRaw<{ count: number }[]>`
    SELECT CASE WHEN is_called THEN last_value::int ELSE 0 END AS count FROM tries`;
  return count;
}
