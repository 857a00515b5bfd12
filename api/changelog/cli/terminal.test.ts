import { WriteStream } from 'node:tty';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { colored } from './terminal.ts';

/** What Node makes of a terminal and the environment. */
const terminal = Object.assign(Object.create(WriteStream.prototype) as WriteStream, { isTTY: true });
const file = { isTTY: false, hasColors: () => true };
const red = '\u001b[31mtext\u001b[0m';

beforeEach(() => {
  vi.stubEnv('TERM', 'xterm-256color');
  // In CI, Node takes a terminal for one without colours.
  for (const name of ['CI', 'FORCE_COLOR', 'NO_COLOR', 'NODE_DISABLE_COLORS']) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('a terminal has colours, and what is written elsewhere has none, each stream by itself', () => {
  expect(colored('text', 'red', terminal)).toBe(red);
  expect(colored('text', 'red', file)).toBe('text');
});

test('NO_COLOR and a terminal that has none are respected', () => {
  vi.stubEnv('NO_COLOR', '1');
  expect(colored('text', 'red', terminal)).toBe('text');
  vi.stubEnv('NO_COLOR', undefined);
  vi.stubEnv('TERM', 'dumb');
  expect(colored('text', 'red', terminal)).toBe('text');
});
