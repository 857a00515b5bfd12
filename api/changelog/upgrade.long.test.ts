/** A database whose log is on is brought up to date: the migrations are in the log, and a replay applies them where they were applied. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import { expect, test } from 'vitest';

import { db, openDatabase } from '../database/db.ts';
import { migrate, migrations } from '../database/migrate.ts';
import { PGliteAdapter } from '../database/pglite.ts';
import { acquire } from './acquire.ts';
import { Appender } from './appender.ts';
import { captureChanges } from './capture.ts';
import { replay } from './recovery/replay.ts';
import { differences, stateHashes } from './recovery/state-hashes.ts';
import { temporaryTarget } from './recovery/target.ts';
import { verify } from './recovery/verify.ts';
import { surveyDirectory } from './survey.ts';

const FIRST = '20261129000800_changelog';

test('migrations are entries of the log, and a replay over them leads to the same rows', async () => {
  const old = await PGlite.create();
  await migrate(new PGliteAdapter(old), FIRST);
  const image = await old.dumpDataDir('none');
  await old.close();
  const database = await openDatabase({ image });
  const folder = mkdtempSync(join(tmpdir(), 'confab-changelog-'));
  try {
    await captureChanges(true);
    const addUser = (name: string) => db.$executeRaw`
      INSERT INTO "user" (id, email, name, updated_at) VALUES (gen_random_uuid(), ${`${name}@example.org`}, ${name}, now())`;
    await addUser('older than the log');
    const acquired = await acquire(folder, true);
    if (!acquired) throw new Error('No lease.');
    const { state, directoryId } = acquired;
    const options = { folder, directoryId, isEmbedded: true, isCompressed: false, isEnding: () => false };
    const appender = new Appender(options, state);
    await appender.beginWithBase('NEW', await surveyDirectory(folder, directoryId, state), null);
    await addUser('before the upgrade');

    const applied = await migrate(database.adapter);
    expect(applied.length).toBeGreaterThan(1);
    await captureChanges(true);
    await addUser('after the upgrade');
    while (await appender.round());
    await appender.close();

    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    for (const { name, checksum } of migrations().filter(({ name }) => applied.includes(name)))
      expect(texts.join('')).toContain(`"migration":${JSON.stringify({ name, checksum })}`);
    expect((await verify([folder])).problems).toEqual([]);
    await using target = await temporaryTarget();
    await replay([folder], target);
    expect(differences(await stateHashes(db), await stateHashes(target.connection))).toEqual([]);
    expect(await db.$queryRaw`SELECT actor FROM change_entry WHERE operation = 'MIGRATION' LIMIT 1`).toEqual([
      { actor: `MIGRATION ${applied[0]}` },
    ]);
  } finally {
    await database.close();
  }
}, 120_000);
