/** The change log of a whole process: what its start, its end and its death do to the files. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { changelog } from '../testing/changelog-cli.ts';
import { putDatabaseIn } from '../testing/data-folder.ts';
import { ListChats } from '../testing/documents.ts';
import { type ModelServer, modelServer, says } from '../testing/model-server.ts';
import { type Person, person } from '../testing/person.ts';
import { type ConfabProcess, failingStart, type Settings, startProcess } from '../testing/process.ts';
import { useServerAt } from '../testing/server.ts';
import { replay } from './recovery/replay.ts';
import { openTarget } from './recovery/target.ts';
import { verify } from './recovery/verify.ts';

let folder: string;
let model: ModelServer;
let processes: ConfabProcess[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'confab-changelog-'));
  putDatabaseIn(data());
  processes = [];
  model = await modelServer();
  model.otherwise(says('An answer.'));
});
afterEach(async () => {
  for (const each of processes) await each.kill('SIGKILL');
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

const data = () => join(folder, 'data');
const settingsWith = (more: Settings): Settings => ({
  DATA_DIR: data(),
  CHANGELOG_DIR: join(folder, 'changelog'),
  AUTH_SECRET: 'a secret for tests, long enough to be one',
  ANTHROPIC_API_KEY: 'a key for tests',
  ANTHROPIC_BASE_URL: model.url,
  ...more,
});

async function start(more: Settings = {}): Promise<ConfabProcess> {
  const confab = await startProcess(settingsWith(more));
  processes.push(confab);
  useServerAt(confab.url, model);
  return confab;
}

async function titlesOf(who: Person): Promise<string[]> {
  const { chats } = await who.ask(ListChats, { first: 50 });
  return (chats.nodes ?? []).map(({ title }) => title ?? '').toSorted();
}

const filesOf = (kind: string) => readdirSync(join(folder, 'changelog')).filter((name) => name.startsWith(kind));

test('the database is deleted, the log is not: the README’s replay brings everything back, and people sign in', async () => {
  const files = join(data(), 'changelog');
  const basesIn = () => readdirSync(files).filter((name) => name.startsWith('base')).length;
  const first = await start({ CHANGELOG_DIR: files });
  const ann = await person('ann');
  await ann.asks('Hello.', (await ann.createsChat('kept')).id);
  await first.kill('SIGTERM');
  rmSync(join(data(), 'pglite'), { recursive: true });

  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  const [, line = ''] = /`npm run changelog -- (replay [^`]*)`/.exec(readme) ?? [];
  const replayed = await changelog(line.split(' '), {}, folder);
  expect(replayed, replayed.errors).toMatchObject({ code: 0 });

  await start({ CHANGELOG_DIR: files });
  await expect(titlesOf(ann)).rejects.toThrow('asked in vain');
  const { email, password } = ann;
  expect((await ann.post('/api/auth/sign-in/email', { email, password })).status).toBe(200);
  expect(await titlesOf(ann)).toEqual(['kept']);
  // The database is a new one, so the files begin again with a base.
  await ann.createsChat('new');
  await processes.at(-1)?.kill('SIGTERM');
  expect(basesIn()).toBe(2);
  expect((await verify([files])).problems).toEqual([]);
}, 240_000);

test('the database went back to a copy of a moment ago: the start says so, and replays or branches as it is configured', async () => {
  const first = await start();
  const ann = await person('ann');
  await ann.createsChat('before');
  await first.kill('SIGTERM');
  cpSync(join(data(), 'pglite'), join(folder, 'copy'), { recursive: true });
  const second = await start();
  await ann.createsChat('after');
  const { id } = await ann.createsChat('after too');
  await ann.asks('Hello.', id);
  await second.kill('SIGTERM');
  const putBack = () => {
    rmSync(join(data(), 'pglite'), { recursive: true });
    cpSync(join(folder, 'copy'), join(data(), 'pglite'), { recursive: true });
  };
  putBack();

  const { code, output } = await failingStart(settingsWith({}));
  expect(code).toBe(1);
  expect(output).toMatch(
    /is ahead of the database by \d+ transactions .* CHANGELOG_AHEAD=replay .* CHANGELOG_AHEAD=branch/,
  );

  const third = await start({ CHANGELOG_AHEAD: 'replay' });
  expect(await titlesOf(ann)).toEqual(['after', 'after too', 'before']);
  await ann.createsChat('last');
  await third.kill('SIGTERM');
  expect((await verify([join(folder, 'changelog')])).problems).toEqual([]);

  putBack();
  const fourth = await start({ CHANGELOG_AHEAD: 'branch' });
  expect(await titlesOf(ann)).toEqual(['before']);
  await ann.createsChat('another way');
  await fourth.kill('SIGTERM');
  const { problems, ignored } = await verify([join(folder, 'changelog')]);
  expect(problems).toEqual([]);
  expect(ignored.length).toBeGreaterThan(0);
  await start();
  expect(await titlesOf(ann)).toEqual(['another way', 'before']);
}, 240_000);

test('killed again and again while people write, it continues the files without a gap or a repeat', async () => {
  let ann: Person | undefined;
  const made: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    const confab = await start();
    if (!ann) {
      ann = await person('ann');
    }
    for (let count = 0; count < 6; count += 1) {
      made.push(`${round} ${count}`);
      await ann.createsChat(`${round} ${count}`);
    }
    await confab.kill('SIGKILL');
  }
  await start();
  if (!ann) throw new Error('Nobody.');
  expect(await titlesOf(ann)).toEqual(made.toSorted());
  await processes.at(-1)?.kill('SIGTERM');
  const { problems } = await verify([join(folder, 'changelog')]);
  expect(problems).toEqual([]);
  const target = await openTarget(join(folder, 'replayed'));
  const { last } = await replay([join(folder, 'changelog')], target);
  expect(last?.commit).toBeGreaterThan(made.length);
  const chats = await target.connection.$queryRawUnsafe<{ title: string }[]>('SELECT title FROM chat');
  expect(chats.map(({ title }) => title).toSorted()).toEqual(made.toSorted());
  await target[Symbol.asyncDispose]();
}, 240_000);

test('turned off, the files say so; turned on again, they begin with a base of what was written meanwhile', async () => {
  await (await start()).kill('SIGTERM');
  const off = await start({ CHANGELOG: 'off' });
  const ann = await person('ann');
  await ann.createsChat('unlogged');
  await off.kill('SIGTERM');
  const last = filesOf('changes').toSorted().at(-1) ?? '';
  expect(readFileSync(join(folder, 'changelog', last), 'utf8')).toContain('"off":true');

  const on = await start();
  await ann.createsChat('logged');
  await on.kill('SIGTERM');
  const target = await openTarget(join(folder, 'replayed'));
  await replay([join(folder, 'changelog')], target);
  const chats = await target.connection.$queryRawUnsafe<{ title: string }[]>('SELECT title FROM chat');
  expect(chats.map(({ title }) => title).toSorted()).toEqual(['logged', 'unlogged']);
  await target[Symbol.asyncDispose]();
}, 240_000);

test('a directory that cannot be written delays no request: the server is ready, says what to do, and writes when it can', async () => {
  const blocked = join(folder, 'changelog');
  writeFileSync(blocked, 'a file, where a directory should be');
  const confab = await start({ METRICS: 'open', LOG_LEVEL: 'warn' });
  const ann = await person('ann');
  await ann.createsChat('written');
  expect((await fetch(`${confab.url}/ready`)).status).toBe(200);
  await confab.says(/Changes wait in the database/);
  const lag = async (unit: 'commits' | 'seconds') => {
    const text = await (await fetch(`${confab.url}/metrics`)).text();
    return Number(new RegExp(`^confab_changelog_lag_${unit} (\\S+)`, 'm').exec(text)?.[1]);
  };
  await expect.poll(() => lag('commits')).toBeGreaterThan(0);
  const seconds = await lag('seconds');
  expect(seconds).toBeGreaterThan(0);
  await expect.poll(() => lag('seconds')).toBeGreaterThan(seconds + 1);
  rmSync(blocked);
  // What was written meanwhile is in the base.
  await expect.poll(() => filesOfOrNone('base')).toBeGreaterThan(0);
  await ann.createsChat('written too');
  await expect.poll(() => filesOfOrNone('changes')).toBeGreaterThan(0);
  await expect.poll(() => lag('commits')).toBe(0);
  expect(await lag('seconds')).toBe(0);
  await confab.kill('SIGTERM');
  expect((await verify([blocked])).problems).toEqual([]);
}, 240_000);

function filesOfOrNone(kind: string): number {
  try {
    return filesOf(kind).length;
  } catch {
    return 0;
  }
}
