/** PgBouncer in front of a PostgreSQL server, in transaction mode. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.ts';
import { untilListening } from './until-listening.ts';

// Debian keeps it outside an ordinary person's PATH.
const PATH = `${process.env['PATH']}:/usr/sbin`;

/** Why it cannot be started on this machine; undefined where it can. */
export const whyNoPgBouncer: string | undefined =
  spawnSync('pgbouncer', ['--version'], { env: { PATH } }).status === 0
    ? undefined
    : 'pgbouncer is not on this machine';

export interface PgBouncer extends AsyncDisposable {
  /** For the database that it was started for. */
  readonly url: string;
}

/** Resolves when it takes connections. `url`: of a database on a server that trusts its user. */
export async function startPgBouncer(url: string, poolSize: number): Promise<PgBouncer> {
  const { hostname, port: upstream, username, pathname } = new URL(url);
  const folder = await mkdtemp(join(tmpdir(), 'confab-pgbouncer-'));
  // It refuses to run as root.
  await chmod(folder, 0o777);
  const port = await freePort();
  await writeFile(join(folder, 'users'), `"${username}" ""\n`, { mode: 0o644 });
  const settings = [
    '[databases]',
    `${pathname.slice(1)} = host=${hostname} port=${upstream} user=${username}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${join(folder, 'users')}`,
    'pool_mode = transaction',
    `default_pool_size = ${poolSize}`,
  ];
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, `${settings.join('\n')}\n`, { mode: 0o644 });
  const isRoot = process.getuid?.() === 0;
  const child = spawn('pgbouncer', [...(isRoot ? ['-u', 'nobody'] : []), file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH },
  });
  let errors = '';
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
  await untilListening(child, port, () => errors);
  return {
    url: `postgresql://${username}@127.0.0.1:${port}${pathname}`,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
