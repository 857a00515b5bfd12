// A Chromium for the browser tests: one on the machine, else Playwright's own, else the system's package.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const places = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Its path; undefined: none on the machine, so Playwright looks for the one that it installed. */
export function browserOnMachine() {
  return places.find((path) => path && existsSync(path));
}

/** Installs one where there is none. False where that cannot be done. */
export function ensureBrowser() {
  if (browserOnMachine()) return true;
  console.log('Looking for a browser …');
  const isInstalled =
    succeeds('npx', ['playwright', 'install', 'chromium']) ||
    (succeeds('apt-get', ['update']) && succeeds('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']));
  if (!isInstalled) console.error('No browser: install Chromium, or set CHROMIUM_PATH to one, and run this again.');
  return isInstalled;
}

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore', shell: process.platform === 'win32' }).status === 0;
}
