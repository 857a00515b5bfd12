/** `npm run test:postgres`: the API's tests against a real PostgreSQL server, started for them and gone afterwards. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const binaries = findBinaries();
const folder = mkdtempSync(join(tmpdir(), 'confab-postgres-'));
const port = await freePort();
// PostgreSQL refuses to run as root, as which containers and CI often are.
const isRoot = process.getuid?.() === 0;
if (isRoot) {
  chmodSync(folder, 0o755);
  spawnSync('chown', ['postgres', folder]);
}

run(
  'initdb',
  '-D',
  `${folder}/data`,
  '-U',
  'postgres',
  '--auth=trust',
  '--encoding=UTF8',
  '--locale=C.UTF-8',
  '--no-sync',
);
const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_connections=300`;
run('pg_ctl', '-D', `${folder}/data`, '-l', `${folder}/log`, '-w', '-o', settings, 'start');
try {
  process.exitCode = await runTests(`postgresql://postgres@127.0.0.1:${port}/postgres`);
} finally {
  run('pg_ctl', '-D', `${folder}/data`, '-m', 'immediate', 'stop');
  rmSync(folder, { recursive: true, force: true });
}

async function runTests(url: string): Promise<number> {
  const vitest = spawn(
    'vitest',
    [
      'run',
      '--project',
      'api',
      '--reporter=default',
      '--reporter=json',
      '--outputFile.json=reports/postgres.json',
      ...process.argv.slice(2),
    ],
    { stdio: 'inherit', env: { ...process.env, TEST_DATABASE_URL: url } },
  );
  const [code] = (await once(vitest, 'exit')) as [number | null];
  return code ?? 1;
}

function run(binary: string, ...args: string[]): void {
  const command = isRoot
    ? ['runuser', '-u', 'postgres', '--', join(binaries, binary), ...args]
    : [join(binaries, binary), ...args];
  const { status, stderr } = spawnSync(command[0] ?? '', command.slice(1), {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: '/',
  });
  if (status !== 0) throw new Error(`${binary} failed: ${stderr}`);
}

/** Debian keeps them outside the PATH, a folder for each version. */
function findBinaries(): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env['PATH'] ?? '').split(':');
  const places = [...versions.map((version) => join(debian, version, 'bin')), ...onPath];
  const found = places.find((place) => existsSync(join(place, 'initdb')));
  if (!found)
    throw new Error('PostgreSQL’s programs (initdb, pg_ctl) are not on this machine: install PostgreSQL 15 or newer.');
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return free;
}
