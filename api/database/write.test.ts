import { expect, test } from 'vitest';

import { bus } from '../bus/bus.ts';
import { withRequestId } from '../operations/request-id.ts';
import { person } from '../testing/person.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { says } from '../testing/model-server.ts';
import { db, type Tx } from './db.ts';
import { write } from './write.ts';

useConfab();

test('a transaction knows who writes and for which request, and the next one does not', async () => {
  const id = '01890000-0000-7000-8000-000000000001';
  const settings = await withRequestId('the request', () => write({ personId: id }, ({ tx }) => settingsOf(tx)));
  expect(settings).toEqual({ actor: `USER ${id}`, request: 'the request' });
  expect(await write({ server: 'purge' }, ({ tx }) => settingsOf(tx))).toMatchObject({ actor: 'SERVER purge' });
  expect(await db.$transaction((tx) => settingsOf(tx))).toMatchObject({ actor: '' });
});

test('a transaction of a process that is paused is ended by the database after 15 s', async () => {
  const longestIdle = (tx: Tx) =>
    tx.$queryRaw`SELECT current_setting('idle_in_transaction_session_timeout') AS longest` as Promise<unknown>;
  const [outside] = (await longestIdle(db)) as { longest: string }[];
  expect(await write({ server: 'test' }, ({ tx }) => longestIdle(tx))).toEqual([{ longest: '15s' }]);
  expect(await longestIdle(db)).toEqual([outside]);
});

test('hints are published after the commit, in order, and none where the work fails', async () => {
  const heard: string[] = [];
  const countAgents = () => db.agent.count();
  const stopListening = bus.listen('runWatched', (id) => heard.push(id));
  try {
    const work = write({ server: 'test' }, async ({ announce }) => {
      announce('runWatched', 'first');
      announce('runWatched', 'second');
      expect(heard).toEqual([]);
    });
    await work;
    expect(heard).toEqual(['first', 'second']);

    const before = await countAgents();
    const failing = write({ server: 'test' }, async ({ tx, announce }) => {
      await tx.agent.create({ data: { handle: 'rolled-back', name: 'Rolled back', provider: 'ECHO' } });
      announce('runWatched', 'third');
      throw new Error('No.');
    });
    await expect(failing).rejects.toThrow('No.');
    expect(heard).toEqual(['first', 'second']);
    expect(await countAgents()).toBe(before);
  } finally {
    stopListening();
  }
});

test('what better-auth and the verbs write is in a transaction that knows its request', async () => {
  await db.$executeRaw`CREATE TABLE written (name text, request text)`;
  await db.$executeRaw`
    CREATE FUNCTION note_writer() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO written VALUES (TG_TABLE_NAME, current_setting('confab.request', true));
      RETURN NULL;
    END $$`;
  for (const table of ['user', 'account', 'session', 'chat', 'chat_member', 'message', 'run', 'agent'])
    await db.$executeRawUnsafe(
      `CREATE TRIGGER note_writer AFTER INSERT OR UPDATE OR DELETE ON "${table}" FOR EACH ROW EXECUTE FUNCTION note_writer()`,
    );

  testServer().model.otherwise(says('An answer.'));
  const somebody = await person('somebody');
  await somebody.asks('A question.');

  const written = await db.$queryRaw<
    { name: string; request: string | null }[]
  >`SELECT DISTINCT name, request FROM written`;
  expect([...new Set(written.map(({ name }) => name))].toSorted()).toEqual([
    'account',
    'chat',
    'chat_member',
    'message',
    'run',
    'session',
    'user',
  ]);
  expect(written.filter(({ request }) => !request)).toEqual([]);
});

async function settingsOf(tx: Tx): Promise<{ actor: string; request: string }> {
  const [settings] = await tx.$queryRaw<{ actor: string; request: string }[]>`
    SELECT coalesce(current_setting('confab.actor', true), '') AS actor, current_setting('confab.request', true) AS request`;
  if (!settings) throw new Error('No row.');
  return settings;
}
