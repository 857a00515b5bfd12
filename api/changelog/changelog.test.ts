import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { useConfab } from '../testing/confab.ts';
import { testServer } from '../testing/server.ts';
import { says } from '../testing/model-server.ts';
import { person } from '../testing/person.ts';
import { readLag } from './state.ts';

const folder = mkdtempSync(join(tmpdir(), 'confab-changelog-'));
useConfab({ changelog: { folder } });

test('x', async () => {
  testServer().model.otherwise(says('An answer.'));
  const ann = await person('ann');
  await ann.asks("It's a\nquestion \\ 😀");
  await expect.poll(async () => (await readLag()).commits).toBe(0);
  for (const name of readdirSync(folder)) console.log(name, '\n', readFileSync(join(folder, name), 'utf8'));
});
