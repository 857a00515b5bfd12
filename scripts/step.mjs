import { spawnSync } from 'node:child_process';

/** Runs a script of package.json. Its name where it failed. */
export function step(name, script) {
  console.log(`\n${name} …`);
  const { status } = spawnSync('npm', ['run', '--silent', script], {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  return status === 0 ? undefined : name;
}
