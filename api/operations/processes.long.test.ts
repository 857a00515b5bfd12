/** What only a process can show of its metrics: beside Redis, and in its end. */
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { dataFolder } from '../testing/data-folder.ts';
import { type ModelServer, modelServer } from '../testing/model-server.ts';
import { person } from '../testing/person.ts';
import { failingStart, startProcess } from '../testing/process.ts';
import { RedisServer, whyNoRedis } from '../testing/redis-server.ts';
import { useServerAt } from '../testing/server.ts';

let folder: string;
let model: ModelServer;

beforeEach(async () => {
  folder = await dataFolder();
  model = await modelServer();
});

afterEach(async () => {
  await model.close();
  await rm(folder, { recursive: true, force: true });
});

test(
  'a port of its own tells the metrics while a process waits for its last answers',
  { timeout: 120_000 },
  async () => {
    const port = await freePort();
    const METRICS_TOKEN = 'a-token-of-sixteen-characters';
    const confab = await startProcess({
      DATA_DIR: folder,
      LOG_LEVEL: 'info',
      ANTHROPIC_API_KEY: 'a key for tests',
      ANTHROPIC_BASE_URL: model.url,
      METRICS_TOKEN,
      METRICS_PORT: String(port),
    });
    useServerAt(confab.url, model);
    const ann = await person('ann');
    const held = model.hold().begin();
    await ann.sends('Tell me a long story.');
    await held.arrived;

    const ending = confab.kill('SIGTERM');
    await confab.says(/Shutting down/);
    const scrape = (token: string) =>
      fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await scrape(METRICS_TOKEN)).text()).toContain('confab_runs_active{provider="ANTHROPIC"} 1');
    expect((await scrape('another')).status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${port}/graphql`)).status).toBe(404);
    await expect(fetch(`${confab.url}/health`)).rejects.toThrow('fetch failed');

    held.end();
    expect((await ending).code).toBe(0);
  },
);

test('a port for metrics without a token is refused as a wrong setting', async () => {
  const { code, output } = await failingStart({ METRICS_PORT: '9464' });

  expect(code).toBe(1);
  expect(output).toContain('METRICS_PORT: needs METRICS=open or a METRICS_TOKEN.');
});

describe.skipIf(whyNoRedis)('with Redis', { timeout: 120_000 }, () => {
  test('what other nodes say is counted, and whether it is there', async () => {
    await using redis = await RedisServer.start();
    await using confab = await startProcess({ DATA_DIR: folder, REDIS_URL: redis.url, METRICS: 'open' });
    const value = async (name: string) => {
      const text = await (await fetch(`${confab.url}/metrics`)).text();
      const line = text.split('\n').find((each) => each.startsWith(`${name} `));
      return Number(line?.slice(name.length) ?? 0);
    };
    expect(await value('confab_redis_up')).toBe(1);

    const other = new Redis(redis.url);
    const hints = [
      ['sessionEnded', crypto.randomUUID()],
      ['chatChanged', crypto.randomUUID(), 1],
    ];
    await other.publish('confab:0:hints', JSON.stringify({ node: crypto.randomUUID(), hints }));
    await expect.poll(() => value('confab_bus_hints_total{direction="received"}')).toBe(2);
    useServerAt(confab.url, model);
    await (await person('ann')).createsChat();
    await expect.poll(() => value('confab_bus_hints_total{direction="sent"}')).toBeGreaterThan(0);

    other.disconnect();
    await redis.stop();
    await expect.poll(() => value('confab_redis_up'), { timeout: 20_000 }).toBe(0);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
