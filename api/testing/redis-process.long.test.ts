/** A whole server and its Redis, as the person who runs it sees them. */
import { rm } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { dataFolder } from './data-folder.ts';
import { RunById } from './documents.ts';
import { modelServer, says } from './model-server.ts';
import { person, wordsOf } from './person.ts';
import { failingStart, startProcess } from './process.ts';
import { RedisServer, whyNoRedis } from './redis-server.ts';
import { useServerAt } from './server.ts';

let folder: string;

beforeAll(async () => {
  folder = await dataFolder();
});

afterAll(() => rm(folder, { recursive: true }));

test('a start without its Redis fails with one sentence, which keeps the password to itself', async () => {
  const { code, output } = await failingStart({ DATA_DIR: folder, REDIS_URL: 'redis://:hidden@127.0.0.1:1/0' });
  expect(code).toBe(1);
  const told = output.split('\n').filter((line) => line && !line.startsWith('{'));
  expect(told).toEqual([
    expect.stringMatching(/^Confab did not start: The Redis server at 127\.0\.0\.1:1 does not let/),
  ]);
  expect(output).not.toContain('hidden');
});

test('a malformed address is a wrong setting', async () => {
  const { code, output } = await failingStart({ DATA_DIR: folder, REDIS_URL: 'localhost:6379' });
  expect(code).toBe(1);
  expect(output).toContain('REDIS_URL: must begin with redis:// or rediss://');
});

describe.skipIf(whyNoRedis)('a server whose Redis goes away', () => {
  test('says that it is not ready, lives on, is ready again, and ends in order without it', async () => {
    await using redis = await RedisServer.start();
    await using server = await startProcess({ DATA_DIR: folder, REDIS_URL: redis.url, LOG_LEVEL: 'silent' });
    const ready = async () => {
      const response = await fetch(`${server.url}/ready`);
      return [response.status, await response.json()];
    };
    expect(await ready()).toEqual([200, { status: 'ready' }]);

    await redis.stop();
    expect(await ready()).toEqual([503, { status: 'not ready', reason: 'Redis does not answer.' }]);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);

    await redis.start();
    await expect.poll(async () => (await ready())[0]).toBe(200);

    await redis.stop();
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, output: expect.stringContaining('Confab') });
  }, 60_000);

  test.for([
    ['hangs', (redis: RedisServer) => redis.pause()],
    ['is stopped', (redis: RedisServer) => redis.stop()],
  ] as const)('answers to the end while it %s, and waits for nothing', { timeout: 90_000 }, async ([, takeAway]) => {
    await using redis = await RedisServer.start();
    await using model = await modelServer();
    await using server = await startProcess({
      DATA_DIR: folder,
      REDIS_URL: redis.url,
      LOG_LEVEL: 'silent',
      ANTHROPIC_API_KEY: 'a key for tests',
      ANTHROPIC_BASE_URL: model.url,
    });
    useServerAt(server.url, model);
    const ann = await person('ann');
    const held = model.hold();
    const { run: begun } = await ann.sends('You were there when I began.');
    const reading = Array.fromAsync(ann.follows(begun.id));
    held.begin().write('Before, ');
    await held.arrived;

    await takeAway(redis);
    held.write('and after.').end();
    expect(wordsOf(await reading)).toBe('Before, and after.');
    model.next(says('I am ', 'alone.'));
    const { events, run } = await ann.asks('Are you there?');
    expect(wordsOf(events)).toBe('I am alone.');
    expect(events.at(-1)).toMatchObject({ __typename: 'MessageEnd', message: { content: 'I am alone.' } });
    expect(await ann.ask(RunById, { id: run.id })).toMatchObject({ node: { status: 'COMPLETED' } });
    redis.resume();
  });
});
