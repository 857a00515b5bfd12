import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { db } from '../../database/db.ts';
import { useConfab } from '../../testing/confab.ts';
import { anotherDatabase } from '../../testing/databases.ts';
import { DeleteChat, RestoreChat } from '../../testing/documents.ts';
import { says } from '../../testing/model-server.ts';
import { person } from '../../testing/person.ts';
import { testServer } from '../../testing/server.ts';
import { readLag } from '../state.ts';
import { compareWith } from './against-database.ts';
import { replay } from './replay.ts';
import { differences, stateHashes } from './state-hashes.ts';
import { verify } from './verify.ts';

const folder = mkdtempSync(join(tmpdir(), 'confab-changelog-'));
useConfab({ changelog: { folder } });

test('what the appender wrote is whole, and replays to the rows that are in the database', async () => {
  testServer().model.otherwise(says('An answer.'));
  const ann = await person('ann');
  const { id } = await ann.createsChat('a chat');
  await ann.asks("It's a\nquestion \\ 😀", id);
  await ann.ask(DeleteChat, { id });
  await ann.ask(RestoreChat, { id });
  await expect.poll(async () => (await readLag()).commits).toBe(0);

  const { problems, ignored, hasSecrets, last } = await verify([folder]);
  expect({ problems, ignored, hasSecrets }).toEqual({ problems: [], ignored: [], hasSecrets: true });
  await using target = await anotherDatabase();
  const replayed = await replay([folder], target);
  expect(replayed.last).toEqual({ commit: last?.commit, at: last?.at });
  const ours = await stateHashes(db);
  expect(differences(ours, await stateHashes(target.connection))).toEqual([]);
  const compared = await compareWith(db, [folder], {});
  expect(compared.map(({ table }) => table)).toEqual([...ours.keys()]);
  expect(compared.filter(({ inDatabase, inFiles }) => inDatabase.hash !== inFiles.hash)).toEqual([]);
  expect(ours.get('message')?.rows).toBeGreaterThan(1);
  expect(ours.get('account')?.rows).toBe(1);
}, 120_000);
