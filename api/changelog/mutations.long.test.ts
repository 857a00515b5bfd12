/** Whatever people do at once, the files lead to the same rows: in the end, up to any transaction, and after people are gone. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { encodeGlobalId } from '../ids.ts';
import { allWritten, expectReplay } from '../testing/changelog.ts';
import { useConfab } from '../testing/confab.ts';
import { anotherDatabase } from '../testing/databases.ts';
import { stopsAt } from '../testing/model-server.ts';
import { type Person, person } from '../testing/person.ts';
import { performerOf } from '../testing/performer.ts';
import { does } from '../testing/plain-requests.ts';
import { personIdOf } from '../testing/rooms.ts';
import { madeUpThings, mutationNames, soundInput, type Things, thingsOf } from '../testing/samples.ts';
import { testServer } from '../testing/server.ts';
import { replay } from './recovery/replay.ts';
import { differences, stateHashes, type TableState } from './recovery/state-hashes.ts';
import { verify } from './recovery/verify.ts';
import { readState } from './state.ts';

const folder = mkdtempSync(join(tmpdir(), 'confab-changelog-'));
useConfab({ changelog: { folder } });

const CONNECTIONS = 8;
let people: Person[];
let things: Things[];

/** Those that would end what the others do come last. A base takes away what a replay up to an earlier transaction begins with. */
const names = mutationNames().filter((name) => !['deletePerson', 'disablePerson', 'writeChangelogBase'].includes(name));
const succeeded = new Set<string>();

beforeAll(async () => {
  // Cut, so that it can be continued.
  testServer().model.otherwise(stopsAt('max_tokens', "It's an answer\nof two lines. \\ 😀"));
  // The first one is the administrator.
  const first = await person('person-0');
  const others = await Promise.all(
    Array.from({ length: CONNECTIONS - 1 }, (_, index) => person(`person-${index + 1}`)),
  );
  people = [first, ...others];
  things = await Promise.all(people.map((who) => thingsFor(who)));
}, 120_000);

async function thingsFor(who: Person): Promise<Things> {
  const handle = `agent-${crypto.randomUUID().slice(0, 8)}`;
  const { id } = await db.agent.create({ data: { handle, name: handle, provider: 'ECHO' } });
  return thingsOf(who, { agent: encodeGlobalId('Agent', id), version: madeUpThings.version });
}

/** What service agents write ends by itself after a minute. */
const isPerformed = { provider: { not: 'EXTERNAL' }, endedAt: null } as const;

/** A refusal writes nothing, and that is logged too. */
async function tries(who: Person, name: string, whose: Things, more: Record<string, unknown> = {}): Promise<void> {
  const performer = await performerOf(name, who, whose);
  const input = { ...soundInput(name, whose), ...more };
  if (name === 'sendMessage') delete input['parentId'];
  if ((await does(performer, name, input)).endsWith('Payload')) succeeded.add(name);
}

/** What has to be so before a mutation of the administrator's succeeds. Resolves to what its input has instead of what is sound by itself. */
const preparations: Record<string, (admin: Person) => Promise<Record<string, unknown>>> = {
  async continueAnswer(admin) {
    const { id } = await db.agent.findFirstOrThrow({ where: { provider: 'ANTHROPIC' } });
    const { answer } = await admin.asks('Hello.', undefined, { agentId: encodeGlobalId('Agent', id) });
    return { messageId: answer.id };
  },
  async restoreContextVersion({ email }) {
    const { id, version } = await db.contextVersion.findFirstOrThrow({
      where: { contextFile: { user: { email } } },
      orderBy: { version: 'desc' },
    });
    return { id: encodeGlobalId('ContextVersion', id), expectedVersion: version };
  },
};

const deed = fc.record({
  who: fc.nat(CONNECTIONS - 1),
  whose: fc.nat(CONNECTIONS - 1),
  name: fc.constantFrom(...names),
});

async function rest(): Promise<void> {
  await expect.poll(() => db.run.count({ where: isPerformed })).toBe(0);
  await allWritten();
}

test('any interleaving of all mutations on 8 connections replays to equal rows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 30, maxLength: 60 }), async (deeds) => {
      const lines = Map.groupBy(deeds, ({ who }) => who);
      await Promise.all(
        [...lines].map(async ([who, line]) => {
          for (const { name, whose } of line) await tries(people[who] as Person, name, things[whose] as Things);
        }),
      );
      await rest();
    }),
    { numRuns: 6, endOnFailure: true },
  );
  await expectReplay(folder);
  const [counted] = await db.$queryRaw<{ tables: number }[]>`
    SELECT count(DISTINCT relation)::int AS tables FROM change_entry`;
  expect(counted?.tables).toBeGreaterThan(12);
}, 240_000);

test('each mutation succeeds, and a replay up to the transaction before or after it leads to the rows of then', async () => {
  const moments = new Map<number, ReadonlyMap<string, TableState>>();
  const admin = people[0] as Person;
  // What is restored has to have been written.
  await tries(admin, 'updatePersonalContext', things[0] as Things);
  for (const name of names) {
    const attempt = async () => tries(admin, name, things[0] as Things, await preparations[name]?.(admin));
    await attempt();
    // The test before may have deleted, say, the agent of these things by chance.
    if (!succeeded.has(name)) {
      things[0] = await thingsFor(admin);
      await attempt();
    }
    await rest();
    moments.set((await readState()).commit ?? 0, await stateHashes(db));
  }
  expect(names.filter((name) => !succeeded.has(name))).toEqual([]);
  const all = [...moments];
  expect(all.length).toBeGreaterThan(30);
  const chosen = all.filter((_, place) => place % Math.ceil(all.length / 15) === 0);
  expect((await verify([folder])).problems).toEqual([]);
  for (const [commit, state] of chosen) {
    await using target = await anotherDatabase();
    await replay([folder], target, { until: { commit } });
    expect(differences(state, await stateHashes(target.connection)), `${commit}`).toEqual([]);
  }
}, 240_000);

test('people are disabled and deleted, and what they leave replays, also after the base that an erasure is followed by', async () => {
  const [admin, disabled, kept, erased] = people as [Person, Person, Person, Person];
  const ids = { kept: await personIdOf(kept), erased: await personIdOf(erased) };
  expect(await does(admin, 'disablePerson', { id: await personIdOf(disabled) })).toBe('DisablePersonPayload');
  expect(await does(admin, 'deletePerson', { id: ids.kept, messages: 'KEEP' })).toBe('DeletePersonPayload');
  await rest();
  await expectReplay(folder);
  expect(await does(admin, 'deletePerson', { id: ids.erased, messages: 'ERASE' })).toBe('DeletePersonPayload');
  await expect.poll(async () => (await readState()).baseWantedAt).toBe(null);
  expect(await does(admin, 'updatePreferences', { theme: 'DARK' })).toBe('UpdatePreferencesPayload');
  await rest();
  expect((await readState()).removedUntil).toBeGreaterThan(0);
  await expectReplay(folder);
}, 240_000);
