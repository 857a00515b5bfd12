/** Whatever people do at once, the files lead to the same rows: in the end, and up to each transaction at which everybody was at rest. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { encodeGlobalId } from '../ids.ts';
import { allWritten, expectReplay } from '../testing/changelog.ts';
import { useConfab } from '../testing/confab.ts';
import { says } from '../testing/model-server.ts';
import { type Person, person } from '../testing/person.ts';
import { performerOf } from '../testing/performer.ts';
import { inputType, madeUpThings, mutationNames, soundInput, type Things, thingsOf } from '../testing/samples.ts';
import { testServer } from '../testing/server.ts';
import { stateHashes, type TableState } from './recovery/state-hashes.ts';
import { readState } from './state.ts';

const folder = mkdtempSync(join(tmpdir(), 'confab-changelog-'));
useConfab({ changelog: { folder } });

const CONNECTIONS = 8;
let people: Person[];
let things: Things[];

/** Those that would end what the others do. */
const names = mutationNames().filter((name) => !['deletePerson', 'disablePerson', 'writeChangelogBase'].includes(name));

beforeAll(async () => {
  testServer().model.otherwise(says("It's an answer\nof two lines. \\ 😀"));
  people = await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => person(`person-${index}`)));
  const { id: agentId } = await db.agent.findFirstOrThrow({ where: { provider: 'ECHO' } });
  things = await Promise.all(
    people.map((who) => thingsOf(who, { agent: encodeGlobalId('Agent', agentId), version: madeUpThings.version })),
  );
}, 120_000);

/** What service agents write ends by itself after a minute. */
const isPerformed = { provider: { not: 'EXTERNAL' }, endedAt: null } as const;

/** What comes of it does not matter: a refusal writes nothing, and that is logged too. */
async function tries(who: Person, name: string, whose: Things): Promise<void> {
  const query = `mutation Try($input: ${inputType(name).name}!) { ${name}(input: $input) { __typename } }`;
  const performer = await performerOf(name, who, whose);
  const input = soundInput(name, whose);
  if (name === 'sendMessage') delete input['parentId'];
  await performer.post('/graphql', { query, variables: { input } });
}

const deed = fc.record({
  who: fc.nat(CONNECTIONS - 1),
  whose: fc.nat(CONNECTIONS - 1),
  name: fc.constantFrom(...names),
});

test('any interleaving of all mutations on 8 connections replays to equal rows, and so does any moment of rest', async () => {
  const rests: { commit: number; state: ReadonlyMap<string, TableState> }[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 30, maxLength: 60 }), async (deeds) => {
      const lines = Map.groupBy(deeds, ({ who }) => who);
      await Promise.all(
        [...lines].map(async ([who, line]) => {
          for (const { name, whose } of line) await tries(people[who] as Person, name, things[whose] as Things);
        }),
      );
      await expect.poll(() => db.run.count({ where: isPerformed })).toBe(0);
      await allWritten();
      rests.push({ commit: (await readState()).commit ?? 0, state: await stateHashes(db) });
    }),
    { numRuns: 8, endOnFailure: true },
  );
  // Every mutation was tried by somebody in what was theirs, besides those that chance chose.
  for (const name of names) await tries(people[0] as Person, name, things[0] as Things);
  await expect.poll(() => db.run.count({ where: isPerformed })).toBe(0);
  await expectReplay(folder);
  for (const { commit, state } of [rests[0], rests[3], rests[6]].filter((rest) => rest !== undefined))
    await expectReplay(folder, { until: { commit }, state });
  const [counted] = await db.$queryRaw<{ tables: number }[]>`
    SELECT count(DISTINCT relation)::int AS tables FROM change_entry`;
  expect(counted?.tables).toBeGreaterThan(12);
}, 240_000);
