/** Plants forbidden imports in a copy of the folders and expects the linter to name each. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, expect, test } from 'vitest';

import { apiFloors, apiGround, webFloors, withoutFramework } from '../oxlint.config.ts';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

test.each([
  ['the API', 'api', apiFloors],
  ['the page', 'web', webFloors],
])(
  'a folder of %s may import what is below it, and nothing above',
  { timeout: 60_000 },
  async (_name, side, floors) => {
    const planted = floors.flatMap((floor, place) =>
      floors.flatMap((other, otherPlace) =>
        floor === other
          ? []
          : [
              {
                path: `${side}/${floor}/uses-${other}.ts`,
                import: `../${other}/thing.ts`,
                isForbidden: otherPlace > place,
              },
            ],
      ),
    );
    expect(await refused(planted)).toEqual(paths(planted));
  },
);

test(
  'walls hold in nested folders, in faces and in the files that every floor imports',
  { timeout: 60_000 },
  async () => {
    const planted = [
      { path: 'api/graphql/plugins/planted.ts', import: '../../http/thing.ts', isForbidden: true },
      { path: 'api/graphql/plugins/allowed.ts', import: '../../auth/thing.ts', isForbidden: false },
      { path: 'api/messages/schema.ts', import: '../runner/thing.ts', isForbidden: true },
      { path: 'api/asking/send.ts', import: './schema.ts', isForbidden: true },
      { path: 'api/messages/edit.ts', import: '@pothos/core', isForbidden: true },
      { path: 'api/messages/planted.ts', import: '../../web/main.tsx', isForbidden: true },
      { path: 'api/messages/tested.ts', import: '../testing/person.ts', isForbidden: true },
      ...apiGround.map((name) => ({ path: `api/${name}.ts`, import: './database/db.ts', isForbidden: true })),
      { path: 'api/confab.ts', import: './database/db.ts', isForbidden: false },
      { path: 'web/chats/planted.tsx', import: '../../api/env.ts', isForbidden: true },
      { path: 'web/feed/connection.ts', import: 'solid-js', isForbidden: true },
      { path: 'web/feed/seats.ts', import: '../chats/chat-page', isForbidden: true },
      { path: 'web/store/reduce.ts', import: '@urql/core', isForbidden: true },
    ];
    expect(await refused(planted)).toEqual(paths(planted));
  },
);

test('packages that one folder owns are refused in every other', { timeout: 60_000 }, async () => {
  const homes = {
    '@anthropic-ai/sdk': 'providers',
    openai: 'providers',
    ioredis: 'redis',
    'prom-client': 'operations',
  };
  const planted = Object.entries(homes).flatMap(([name, home]) =>
    apiFloors.map((floor) => ({
      path: `api/${floor}/uses-${name.replaceAll(/\W/g, '-')}.ts`,
      import: name,
      isForbidden: floor !== home,
    })),
  );
  expect(await refused(planted)).toEqual(paths(planted));
});

test('files that import each other are refused', { timeout: 60_000 }, async () => {
  const messages = await lint([
    { path: 'api/chats/one.ts', import: './other.ts' },
    { path: 'api/chats/other.ts', import: './one.ts' },
  ]);
  const circular = messages.filter(({ code }) => code.includes('no-cycle')).map(({ filename }) => filename);
  expect(circular.toSorted()).toEqual(['api/chats/one.ts', 'api/chats/other.ts']);
});

test('every folder has its floor', async () => {
  const entries = await readdir(join(root, 'api'), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(names.filter((name) => name !== 'generated' && name !== 'testing').toSorted()).toEqual(apiFloors.toSorted());
  const web = await readdir(join(root, 'web'), { withFileTypes: true });
  const apart = new Set(['dist', 'e2e', 'generated', 'public', 'testing']);
  const pages = web.filter((entry) => entry.isDirectory() && !apart.has(entry.name)).map(({ name }) => name);
  expect(pages.toSorted()).toEqual(webFloors.toSorted());
  const loose = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  expect(loose.length).toBeLessThanOrEqual(12);
});

test('the files that the config names are there', async () => {
  const named = Object.entries(withoutFramework).flatMap(([folder, files]) =>
    files.map((file) => `web/${folder}/${file}.ts`),
  );
  const present = new Set((await readdir(join(root, 'web'), { recursive: true })).map((file) => `web/${file}`));
  expect(named.filter((file) => !present.has(file))).toEqual([]);
});

/** Writes of rows by themselves (`db.chat.update`) and in SQL, in any case and with quoted names. */
const WRITE = new RegExp(
  [
    String.raw`\bdb\.\w+\s*\.(?:create|update|upsert|delete)\w*\(`,
    String.raw`\b(?:insert|merge)\s+into\s+"?\w+`,
    String.raw`\bupdate\s+(?:only\s+)?"?\w+"?(?:\s+(?:as\s+)?\w+)?\s+set\b`,
    String.raw`\bdelete\s+from\s+(?:only\s+)?"?\w+`,
    String.raw`\btruncate\s+(?:table\s+)?"?\w+`,
  ].join('|'),
  'gi',
);

/** Where rows are written in SQL, or on `db` itself, and why. */
const ALLOWED_WRITES = {
  'in `write`, in SQL': [
    'accounts/delete.ts: UPDATE message SET',
    'auth/accounts.ts: UPDATE "user" SET',
    'bin/purge.ts: DELETE FROM chat',
    'chats/change.ts: UPDATE chat SET',
    'service-agents/append.ts: UPDATE external_answer SET',
    'service-agents/append.ts: UPDATE run_checkpoint SET',
  ],
  'heartbeats: they say what a process does at the moment, and are no history': [
    'nodes/heartbeat.ts: DELETE FROM node',
    'nodes/heartbeat.ts: INSERT INTO node',
    'nodes/heartbeat.ts: db.node.deleteMany(',
    'runner/recover.ts: db.node.deleteMany(',
  ],
  'checkpoints: what is left of them is in the message': ['texts/checkpoint.ts: INSERT INTO run_checkpoint'],
  'the entry in the change log at which a replay applies the migration': [
    'database/migrate.ts: INSERT INTO "change_entry',
  ],
  'the notes of the engine of migrations, before the triggers are there': [
    'database/migrate.ts: UPDATE _prisma_migrations SET',
  ],
};

test('rows are written through `write` alone', async () => {
  const files = await readdir(join(root, 'api'), { recursive: true });
  const sources = files.filter((file) => file.endsWith('.ts') && !/\.test\.ts$|^(generated|testing)\//.test(file));
  const found: string[] = [];
  for (const file of sources) {
    const source = await readFile(join(root, 'api', file), 'utf8');
    const writes = source.match(WRITE) ?? [];
    found.push(...writes.map((statement) => `${file}: ${statement}`));
  }
  // The tables of the change log are written by it alone, and are not logged.
  expect(found.filter((place) => place.startsWith('changelog/') && !/change_|changelog_/.test(place))).toEqual([]);
  expect(found.filter((place) => !place.startsWith('changelog/')).toSorted()).toEqual(
    Object.values(ALLOWED_WRITES).flat().toSorted(),
  );
});

test.each([
  'await db.chat.update({',
  'INSERT INTO chat (id)',
  'insert into "chat" (id)',
  'UPDATE "user" SET role',
  'update chat as c set title',
  'DELETE FROM chat WHERE',
  'delete from "chat"',
  'TRUNCATE chat',
  'MERGE INTO chat USING',
])('%s is found as a write', (statement) => {
  expect(statement.match(WRITE)).toHaveLength(1);
});

interface Planted {
  path: string;
  import: string;
  isForbidden: boolean;
}

function paths(planted: readonly Planted[]): string[] {
  return planted
    .filter(({ isForbidden }) => isForbidden)
    .map(({ path }) => path)
    .toSorted();
}

async function refused(planted: readonly Planted[]): Promise<string[]> {
  const messages = await lint(planted);
  const found = messages.filter(({ code }) => code.includes('no-restricted-imports'));
  return [...new Set(found.map(({ filename }) => filename))].toSorted();
}

async function lint(
  planted: readonly Pick<Planted, 'path' | 'import'>[],
): Promise<{ filename: string; code: string }[]> {
  const folder = await mkdtemp(join(tmpdir(), 'confab-floors-'));
  folders.push(folder);
  await Promise.all(['api', 'web'].map((name) => mkdir(join(folder, name))));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await cp(join(root, 'oxlint.config.ts'), join(folder, 'oxlint.config.ts'));
  for (const { path, import: name } of planted) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `import { thing } from '${name}';\nexport const used = thing;\n`);
  }
  const command = [
    join(root, 'node_modules/oxlint/bin/oxlint'),
    '-c',
    'oxlint.config.ts',
    '--format',
    'json',
    'api',
    'web',
  ];
  const output = await run(process.execPath, command, { cwd: folder, maxBuffer: 16 * 1024 * 1024 }).catch(
    (error: { stdout: string }) => error,
  );
  return (JSON.parse(output.stdout) as { diagnostics: { filename: string; code: string }[] }).diagnostics;
}
