/** The end of a run that the database does not take. */
import type * as Timers from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

// Sweeps come at once.
vi.hoisted(() => (process.env['NODE_BEAT_MS'] = '50'));
// The pauses between tries take minutes in all.
vi.mock('node:timers/promises', async (original) => {
  const timers = await original<typeof Timers>();
  const soon: typeof timers.setTimeout = (ms, ...rest) => timers.setTimeout(Math.min(ms ?? 1, 10), ...rest);
  return { ...timers, setTimeout: soon };
});
// Else the next file of this process would have them too.
afterAll(() => vi.doUnmock('node:timers/promises'));

import { kindOfDatabaseError } from '../database/write-errors.ts';
import { db } from '../database/db.ts';
import { rowId } from '../ids.ts';
import { log } from '../log.ts';
import { Prisma } from '../generated/prisma/client.ts';
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

test.each(['22003', '22P02', '23514', '54000', 'P0001', '42703'])(
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

test.each(['40001', '40P01', '53300', '08006', '57014', '57000', '25006', '28000', '28P01', 'XX000', '0A000'])(
  'an end that is refused for the moment, or for an unknown reason (%s), is stored a little later',
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
  ['for the moment', '25006'],
  ['for an unknown reason', 'XX000'],
])('a text that is refused %s (%s) is not dropped', async (_name, code) => {
  testServer().model.next(says('Keep me.'));
  await restartTries();
  await refuse('message', `NEW.content LIKE 'Keep%' AND nextval('tries') < 3`, code);
  const { events } = await ann.asks('Speak.');
  expect(events.at(-1)).toMatchObject({ __typename: 'MessageEnd', message: { content: 'Keep me.' } });
});

test('an end that is refused for an unknown reason all the time is stored as a fault of ours, with the text', async () => {
  testServer().model.next(says('Hello', ' world'));
  await restartTries();
  await refuse('run', `NEW.status = 'COMPLETED' AND nextval('tries') > 0`, 'XX000');
  const { events } = await ann.asks('Speak.');
  expect(events.at(-1)).toMatchObject({
    __typename: 'RunError',
    code: 'INTERNAL',
    message: { content: 'Hello world' },
  });
  expect(await tries()).toBeGreaterThan(10);
});

test.each([
  ['a lost connection', Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'TRANSIENT'],
  [
    'the cause of another error',
    new Error('x', { cause: Object.assign(new Error('y'), { code: '57P01' }) }),
    'TRANSIENT',
  ],
  ['a silent server', new Error('PostgreSQL is silent'), 'TRANSIENT'],
  ['a password that is refused', new Error('x', { cause: { kind: 'AuthenticationFailed' } }), 'TRANSIENT'],
  ['a value that is too long', Object.assign(new Error('x'), { code: 'P2000' }), 'REFUSED'],
  ['an invalid query', new Prisma.PrismaClientValidationError('x', { clientVersion: '7' }), 'REFUSED'],
  ['an unknown state', Object.assign(new Error('x'), { code: 'XX000' }), 'UNKNOWN'],
  ['an error of ours', new TypeError('x is not a function'), 'UNKNOWN'],
  ['what is no error', null, 'UNKNOWN'],
])('%s: what the database means by it', (_name, error, expected) => {
  expect(kindOfDatabaseError(error)).toBe(expected);
});

test.each(['23514', 'XX000'])('where nothing can be stored (%s), a sweep ends the run when it can', async (code) => {
  using logged = vi.spyOn(log, 'error');
  testServer().model.next(says('Hello'));
  await restartTries();
  await refuse('run', `NEW.ended_at IS NOT NULL AND nextval('tries') > 0`, code);
  const { run, chat } = await ann.sends('Speak.');
  // Fewer by the run itself; more come only of sweeps, which leave runs alone that are still performed.
  await expect.poll(tries, { timeout: 30_000 }).toBeGreaterThan(code === 'XX000' ? 50 : 12);
  const where = { id: rowId('Run', run.id) };
  expect(await db.run.findUnique({ where })).toMatchObject({ status: 'RUNNING' });
  // Not again with each sweep.
  const ofTheRun = logged.mock.calls.filter(([about]) => JSON.stringify(about).includes(where.id));
  expect(ofTheRun.length).toBeGreaterThan(0);
  expect(new Set(ofTheRun.map(([, message]) => message)).size).toBe(ofTheRun.length);

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
