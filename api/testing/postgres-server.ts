/** A PostgreSQL server of one's own: made in a folder of its own, on a free port of this machine, and gone afterwards. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { freePort } from './free-port.ts';

const execute = promisify(execFile);

export interface PostgresServer extends AsyncDisposable {
  /** Of its database `postgres`. */
  readonly url: string;
  /** Its data folder. */
  readonly data: string;
  /** As when the machine is shut down: connections are cut, and nothing that was committed is lost. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Holds every process of it still (SIGSTOP), or lets them go on: it is there, and does not answer. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Stops it and takes its folder away. */
  remove(): Promise<void>;
}

export interface PostgresOptions {
  /** Each commit waits for the disk, as in earnest. */
  isDurable?: boolean;
  /** The data folder of a server that was stopped: with all that is in it, and sooner there than a new one. */
  copyOf?: string;
}

export async function startPostgres({ isDurable = false, copyOf }: PostgresOptions = {}): Promise<PostgresServer> {
  const programs = findPrograms();
  const folder = await mkdtemp(join(tmpdir(), 'confab-postgres-'));
  const data = join(folder, 'data');
  const port = await freePort();
  // PostgreSQL refuses to run as root, as which containers and CI often are.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    await chmod(folder, 0o755);
    await execute('chown', ['postgres', folder]);
  }

  async function run(program: string, ...args: string[]): Promise<void> {
    const path = join(programs, program);
    const [command, ...rest] = isRoot ? ['runuser', '-u', 'postgres', '--', path, ...args] : [path, ...args];
    // Its output goes nowhere: what it starts would keep a pipe open.
    await execute('sh', ['-c', '"$@" >/dev/null 2>"$0"', join(folder, 'errors'), command ?? '', ...rest], {
      cwd: '/',
    }).catch(async (cause: unknown) => {
      const errors = await readFile(join(folder, 'errors'), 'utf8').catch(() => '');
      throw new Error(`${program} failed: ${errors}`, { cause });
    });
  }

  const settings = [
    `-p ${port}`,
    ...[
      'listen_addresses=127.0.0.1',
      "unix_socket_directories=''",
      isDurable ? 'fsync=on' : 'fsync=off',
      'max_connections=300',
    ].map((setting) => `-c ${setting}`),
  ].join(' ');
  const start = () => run('pg_ctl', '-D', data, '-l', join(folder, 'log'), '-w', '-o', settings, 'start');
  const stop = () => run('pg_ctl', '-D', data, '-m', 'fast', '-w', 'stop');

  async function signalAll(signal: NodeJS.Signals): Promise<void> {
    const [pid = ''] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n', 1);
    const { stdout } = await execute('ps', ['-o', 'pid=', '--ppid', pid]);
    for (const each of [pid, ...stdout.split('\n')].map(Number).filter(Boolean)) process.kill(each, signal);
  }

  if (copyOf !== undefined) await execute('cp', ['-a', copyOf, data]);
  else
    await run(
      'initdb',
      '-D',
      data,
      '-U',
      'postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
    );
  await start();

  async function remove(): Promise<void> {
    if (existsSync(join(data, 'postmaster.pid'))) await run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
    await rm(folder, { recursive: true, force: true });
  }

  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    data,
    start,
    stop,
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

/** Whether there is a PostgreSQL on this machine to start. */
export function hasPostgres(): boolean {
  return place() !== undefined;
}

function findPrograms(): string {
  const found = place();
  if (found) return found;
  throw new Error('PostgreSQL’s programs (initdb, pg_ctl) are not on this machine: install PostgreSQL 15 or newer.');
}

/** Debian keeps them outside the PATH, a folder for each version. */
function place(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env['PATH'] ?? '').split(':');
  const places = [...versions.map((version) => join(debian, version, 'bin')), ...onPath];
  return places.find((folder) => existsSync(join(folder, 'initdb')));
}
