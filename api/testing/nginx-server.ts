/** nginx as we ship it (deploy/nginx), in front of the given nodes: only addresses, ports and places of files are others. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.ts';
import { untilListening } from './until-listening.ts';

const shipped = join(import.meta.dirname, '../../deploy/nginx');

// Debian keeps it outside an ordinary person's PATH.
const PATH = `${process.env['PATH']}:/usr/sbin`;

/** Why it cannot be started on this machine; undefined where it can. */
export const whyNoNginx: string | undefined =
  spawnSync('nginx', ['-v'], { env: { PATH } }).status === 0 ? undefined : 'nginx is not on this machine';

export interface NginxServer extends AsyncDisposable {
  readonly url: string;
}

/** Resolves when it takes connections. `ports`: of the nodes, on this machine; those without a listener are tried in vain. */
export async function startNginx(ports: readonly number[]): Promise<NginxServer> {
  if (whyNoNginx) throw new Error(`${whyNoNginx}: install it (.ci/ensure nginx nginx does).`);
  const folder = await mkdtemp(join(tmpdir(), 'confab-nginx-'));
  await cp(shipped, folder, { recursive: true });
  // Its workers run as another user, where it was started by root.
  await chmod(folder, 0o755);
  const port = await freePort();
  await replace(join(folder, 'upstream.conf'), [
    [/^ *resolver .*$/m, ''],
    [
      /server app:4000 resolve(.*);/,
      (_, settings) => ports.map((at) => `server 127.0.0.1:${at}${settings};`).join('\n'),
    ],
  ]);
  await replace(join(folder, 'nginx.conf'), [
    [/listen 80;/, () => `listen 127.0.0.1:${port};`],
    [/pid .*;/, () => `pid ${folder}/pid;`],
    [/access_log .*;/, () => `access_log ${folder}/access.log;`],
  ]);

  const settings = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'];
  const child = spawn('nginx', settings, { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH } });
  let errors = '';
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
  await untilListening(child, port, () => errors);

  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Replacement = [what: RegExp, by: string | ((whole: string, group: string) => string)];

/** Each exactly there: a configuration that is written otherwise would be tried as something else than it is. */
async function replace(file: string, replacements: Replacement[]): Promise<void> {
  let text = await readFile(file, 'utf8');
  for (const [what, by] of replacements) {
    if (!what.test(text)) throw new Error(`${file} has nothing like ${what}.`);
    text = typeof by === 'string' ? text.replace(what, by) : text.replace(what, by);
  }
  await writeFile(file, text);
}
