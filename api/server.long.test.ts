/** What only a process can show: its start, its death and its end. */
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { PGlite } from '@electric-sql/pglite';
import { print } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { rowId } from './ids.ts';
import { dataFolder } from './testing/data-folder.ts';
import { useServerAt } from './testing/server.ts';
import { RunById, SendMessage, Thread } from './testing/documents.ts';
import { failsAfter, type ModelServer, modelServer, says } from './testing/model-server.ts';
import { type FollowedEvent, type Person, person, readWhileItLasts, wordsOf } from './testing/person.ts';
import { type ConfabProcess, failingStart, type Settings, startProcess } from './testing/process.ts';

let folder: string;
let model: ModelServer;
let settings: Settings;

beforeEach(async () => {
  folder = await dataFolder();
  model = await modelServer();
  settings = { DATA_DIR: folder, ANTHROPIC_API_KEY: 'a key for tests', ANTHROPIC_BASE_URL: model.url };
});

afterEach(async () => {
  await model.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(more: Settings = {}): Promise<ConfabProcess> {
  const confab = await startProcess({ ...settings, ...more });
  useServerAt(confab.url, model);
  return confab;
}

describe('a process that is killed in the middle of an answer', { timeout: 120_000 }, () => {
  test('loses nothing that it acknowledged, and its run is interrupted with the text so far', async () => {
    const first = await start({ LOG_LEVEL: 'debug' });
    const ann = await person('ann');
    model.next(says('A first answer.'));
    const { chat } = await ann.asks('A first question.');

    const held = model.hold();
    const { run } = await ann.sends('Tell me a long story.', chat.id);
    const halfway = Promise.withResolvers<void>();
    const watching = readWhileItLasts(
      ann.follows(run.id),
      (words) => words === 'Once upon a time ' && halfway.resolve(),
    );
    held.begin().write('Once upon a time ');
    await halfway.promise;
    // Of this answer: the first one, where it took its time, had one too.
    await first.says(new RegExp(`${rowId('Run', run.id)}.*Checkpoint written`));
    await first.kill('SIGKILL');
    expect(await watching).toBe('Once upon a time ');

    await using second = await start();
    expect(second.url).toBeTruthy();
    const { node } = await ann.ask(RunById, { id: run.id });
    expect(node).toMatchObject({
      status: 'INTERRUPTED',
      failure: { code: 'INTERRUPTED', retryable: true },
      message: { content: 'Once upon a time ' },
    });
    const { chat: seen } = await ann.ask(Thread, { chatId: chat.id, last: 50 });
    expect(seen?.messages.edges.map(({ node: message }) => message.content)).toEqual([
      'A first question.',
      'A first answer.',
      'Tell me a long story.',
      'Once upon a time ',
    ]);
    const events = await Array.fromAsync(ann.follows(run.id, 5));
    expect(wordsOf(events)).toBe('upon a time ');
    expect(events.at(-1)).toMatchObject({ __typename: 'RunError', code: 'INTERRUPTED' });

    model.next(says('Here it is.'));
    expect(wordsOf((await ann.asks('Go on.', chat.id)).events)).toBe('Here it is.');
  });
});

describe('a process that receives SIGTERM', { timeout: 60_000 }, () => {
  test('stores what cannot end in time as interrupted, and sends the end to its reader', async () => {
    const confab = await start();
    const ann = await person('ann');
    // Gives no grace, as a person at a keyboard waits for it.
    const runId = await cutBy('SIGINT', confab, ann);

    await using again = await start({ RUN_GRACE_SECONDS: '0.2' });
    expect(await ann.ask(RunById, { id: runId })).toMatchObject({
      node: { status: 'INTERRUPTED', message: { content: 'Half ' } },
    });
    const told = performance.now();
    await cutBy('SIGTERM', again, ann);
    // Else it would have had the usual 25 seconds.
    expect(performance.now() - told).toBeLessThan(20_000);
  });

  /** In the midst of an answer. Returns the run's id. */
  async function cutBy(signal: NodeJS.Signals, confab: ConfabProcess, ann: Person): Promise<string> {
    const held = model.hold();
    const { run } = await ann.sends('Never finish this.');
    const half = Promise.withResolvers<void>();
    const events: FollowedEvent[] = [];
    const reading = (async () => {
      for await (const event of ann.follows(run.id)) {
        events.push(event);
        if (wordsOf(events) === 'Half ') half.resolve();
      }
    })();
    held.begin().write('Half ');
    await half.promise;
    expect((await confab.kill(signal)).code).toBe(0);
    await reading;
    expect(events.at(-1)).toMatchObject({ __typename: 'RunError', code: 'INTERRUPTED', message: { content: 'Half ' } });
    return run.id;
  }

  test('takes no new question meanwhile, on whatever connection it comes', async () => {
    const confab = await start({ LOG_LEVEL: 'info' });
    const ann = await person('ann');
    const held = model.hold();
    const { run } = await ann.sends('Finish this.');
    const reading = Array.fromAsync(ann.follows(run.id));
    await held.arrived;
    const chat = await ann.createsChat();
    const open = await openConnection(confab.url);

    const ending = confab.kill('SIGTERM');
    await confab.says(/Shutting down/);
    const input = { chatId: chat.id, content: 'One more?', clientId: crypto.randomUUID() };
    const body = JSON.stringify({ query: print(SendMessage), variables: { input } });
    const headers = { ...ann.headers, host: new URL(confab.url).host, 'content-length': String(body.length) };
    const head = Object.entries(headers).map((pair) => pair.join(': '));
    open.write(`POST /graphql HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`);
    const answer = await text(open);
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toContain('Retry-After: 5');
    expect(answer).toContain('Connection: close');

    held.begin().write('Finished.').end();
    expect((await ending).code).toBe(0);
    expect(wordsOf(await reading)).toBe('Finished.');
    await using again = await start();
    expect(again.url).toBeTruthy();
    const { chat: seen } = await ann.ask(Thread, { chatId: chat.id, last: 50 });
    expect(seen?.messages.edges).toEqual([]);
  });

  /** An accepted connection without a request yet: it does not count as idle, so that it outlives a `close`. */
  async function openConnection(url: string): Promise<Socket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    // Connections are taken in the order in which they come: this one is after it.
    expect(await statusOf(url, hostname, '/health')).toBe(200);
    return socket;
  }

  test('lets its answers come to their end first', async () => {
    const confab = await start();
    const ann = await person('ann');
    const held = model.hold();
    const { run } = await ann.sends('Finish this.');
    const half = Promise.withResolvers<void>();
    const reading = readWhileItLasts(ann.follows(run.id), (words) => words === 'Half ' && half.resolve());
    held.begin().write('Half ');
    await half.promise;

    const ending = confab.kill('SIGTERM');
    held.write('and half.').end();
    expect((await ending).code).toBe(0);
    expect(await reading).toBe('Half and half.');

    await using again = await start();
    expect(again.url).toBeTruthy();
    expect(await ann.ask(RunById, { id: run.id })).toMatchObject({
      node: { status: 'COMPLETED', message: { content: 'Half and half.' } },
    });
  });
});

test('on all addresses of the machine, IPv6 too, it prints one that opens', { timeout: 60_000 }, async () => {
  await using confab = await start({ HOST: '::' });
  const [, printed = ''] = /is at (\S+)/.exec(confab.output()) ?? [];
  expect(printed).toMatch(/^http:\/\/localhost:\d+$/);
  expect((await fetch(`${printed}/health`)).status).toBe(200);
});

test('the log has no secret and no words of people at any level', { timeout: 60_000 }, async () => {
  const confab = await start({ LOG_LEVEL: 'trace' });
  const ann = await person('ann', { password: 'a very secret password' });
  model.next(says('An answer in confidence.'), failsAfter('overloaded_error', 'Half in confidence.'));
  const { chat } = await ann.asks('A question in confidence.');
  await ann.asks('Another in confidence.', chat.id);
  await ann.post('/api/auth/sign-in/email', { email: ann.email, password: 'a wrong secret password' });
  const { output } = await confab.kill('SIGTERM');
  expect(output).toMatch(/"requestId":"[0-9a-f-]{36}"/);
  expect(output).toContain('"operation":"SendMessage"');
  for (const secret of ['secret password', 'in confidence', 'a key for tests', ...cookieValuesOf(ann)]) {
    expect(output).not.toContain(secret);
  }
});

function cookieValuesOf({ headers }: { headers: Record<string, string> }): string[] {
  const values = (headers['cookie'] ?? '').split('; ').map((pair) => pair.slice(pair.indexOf('=') + 1));
  expect(values.length).toBeGreaterThan(0);
  return values;
}

test('one request with a strange address ends nothing but itself', { timeout: 60_000 }, async () => {
  await using confab = await start();
  for (const host of ['a b', '???', '[::']) {
    for (const path of ['/api/auth/get-session', '/graphql', '/', '/ready']) {
      expect(await statusOf(confab.url, host, path), `${host} ${path}`).toBe(400);
    }
  }
  expect((await fetch(`${confab.url}/ready`)).status).toBe(200);
  for (const path of ['/api/none', '/graphql/', '/api/auth'])
    expect((await fetch(confab.url + path)).status, path).toBe(404);
  expect((await fetch(`${confab.url}/nowhere`, { method: 'POST' })).status).toBe(404);
});

/** With a `Host` header that no sound client sends. */
async function statusOf(url: string, host: string, path: string): Promise<number> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]);
}

describe('a start that cannot be', { timeout: 30_000 }, () => {
  test('says that the data folder is in use, and lets the other one live', async () => {
    await using confab = await start();
    const { code, output } = await failingStart(settings);
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).toContain(`The data folder ${folder} is in use by another Confab`);
    expect((await fetch(`${confab.url}/ready`)).status).toBe(200);
  });

  test('says why the data folder cannot be used, and what to do', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    for (const [place, why] of [
      [file, 'there is a file of that name'],
      [join(file, 'below'), 'there is a file of that name'],
      // A folder cannot be made there, not even by root.
      ['/sys/confab', 'may not be written'],
    ] as const) {
      const { code, output } = await failingStart({ ...settings, DATA_DIR: place });
      expect(code).toBe(1);
      expect(output.trim().split('\n')).toHaveLength(1);
      expect(output).toContain(`The data folder ${place} `);
      expect(output).toContain(why);
      expect(output).toContain('DATA_DIR');
    }
  });

  test('says that the host is unknown', async () => {
    const { code, output } = await failingStart({ ...settings, HOST: 'nowhere.invalid' });
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).toContain('set HOST');
  });

  test('says that the port is taken', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as AddressInfo;
    const { code, output } = await failingStart({ ...settings, PORT: String(port) });
    squatter.close();
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port} is taken by another program`);
  });

  test('says that the database server is away', async () => {
    const { code, output } = await failingStart({
      DATABASE_URL: 'postgresql://nobody:secret@127.0.0.1:1/none',
      AUTH_SECRET: 'x'.repeat(32),
    });
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).toContain('The PostgreSQL server at 127.0.0.1:1 does not let us in');
    expect(output).not.toContain('secret');
  });

  test('says that a migration failed', async () => {
    const pglite = await PGlite.create(join(folder, 'pglite'));
    // As if it had never been applied: its tables are there, so that applying it fails.
    await pglite.query('DELETE FROM _prisma_migrations');
    await pglite.close();
    const { code, output } = await failingStart(settings);
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).toContain('Confab did not start: The database could not be brought up to date');
    expect(output).not.toContain('    at ');
  });

  test('names the setting that is wrong', async () => {
    const { code, output } = await failingStart({ ...settings, MAX_CHATS: 'many', SIGN_UP: 'maybe' });
    expect(code).toBe(1);
    expect(output).toContain('MAX_CHATS');
    expect(output).toContain('SIGN_UP');
  });
});
