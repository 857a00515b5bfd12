/** `npm run dev`: the API, restarted when its code changes, and the web app with hot reload, in one terminal. */
import { spawn } from 'node:child_process';

const quiet = '--disable-warning=ExperimentalWarning';
const children = [
  spawn('graphql-codegen', ['--config', 'codegen.ts', '--watch'], { stdio: ['ignore', 'ignore', 'inherit'] }),
  spawn('node', [quiet, '--watch-path=api', '--env-file-if-exists=.env', 'api/server.ts'], { stdio: 'inherit' }),
  spawn('vite', { stdio: 'inherit' }),
];

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
}
for (const child of children) child.on('exit', (code) => code && process.exit(code));
