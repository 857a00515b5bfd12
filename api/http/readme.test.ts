/** The README's commands for integrators, run as they stand. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { testServer, useConfab } from '../testing/confab.ts';
import { says } from '../testing/model-server.ts';
import { type Person, person } from '../testing/person.ts';

useConfab();

// On CI they are there; they are not needed to work on Confab.
const hasTools = ['curl', 'jq'].every((tool) => spawnSync(tool, ['--version']).status === 0);

test.skipIf(!hasTools && !process.env['CI'])('a run is followed with curl, and then its chat', async () => {
  const ann = await person('ann');
  testServer().model.next(says('Hello ', 'Ann.'));
  const events = await typed(await recipe(ann), (told) => told.some(({ headId }) => headId));

  expect(textOf(events)).toBe('Hello Ann.');
  expect(events).toContainEqual({ __typename: 'MessageEnd', run: { status: 'COMPLETED', usage: expect.anything() } });
  const changes = events.filter(({ __typename }) => __typename === 'ChatChange');
  expect(changes.at(-1)).toMatchObject({
    messages: [{ content: 'hello' }, { content: 'Hello Ann.' }],
    runs: [{ status: 'COMPLETED' }],
  });
});

async function recipe({ url, email, password }: Person): Promise<string> {
  const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
  const [, script = ''] = /### Follow a run with curl[^]*?```sh\n([^]*?)```/.exec(readme) ?? [];
  return script
    .replace('http://localhost:4000', url)
    .replace('"ann@example.org"', JSON.stringify(email))
    .replace('"…"', JSON.stringify(password));
}

interface ReceivedEvent {
  __typename: string;
  text?: string;
  headId?: string | null;
  [field: string]: unknown;
}

/** What its streams send until it is enough: the last one has no end of its own. */
async function typed(script: string, isEnough: (told: ReceivedEvent[]) => boolean): Promise<ReceivedEvent[]> {
  const folder = await mkdtemp(join(tmpdir(), 'confab-readme-'));
  // A group of its own, so that its curl goes with it.
  const shell = spawn('bash', ['-euc', script], { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = once(shell, 'exit');
  const told: ReceivedEvent[] = [];
  let unread = '';
  let complaints = '';
  shell.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  try {
    for await (const chunk of shell.stdout) {
      const lines = (unread + String(chunk)).split('\n');
      unread = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data: {')) told.push(eventIn(line));
      if (isEnough(told)) return told;
    }
    throw new Error(`The recipe ended early: ${complaints || unread}`);
  } finally {
    if (shell.exitCode === null && shell.pid) process.kill(-shell.pid, 'SIGKILL');
    await gone;
    await rm(folder, { recursive: true });
  }
}

function eventIn(line: string): ReceivedEvent {
  const { data } = JSON.parse(line.slice('data: '.length)) as { data: Record<string, ReceivedEvent> };
  return Object.values(data)[0] as ReceivedEvent;
}

function textOf(events: readonly ReceivedEvent[]): string {
  return events.map(({ __typename, text }) => (__typename === 'ContentDelta' ? text : '')).join('');
}
