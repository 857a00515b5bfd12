/** Who watches a node must see it to its end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { modelServer } from '../testing/model-server.ts';
import { person } from '../testing/person.ts';
import { failingStart, startProcess } from '../testing/process.ts';
import { useServerAt } from '../testing/server.ts';

test(
  'a port of its own tells the metrics while a process waits for its last answers',
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'confab-end-'));
    await using model = await modelServer();
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
    await confab.says(/Ending/);
    const scrape = (token: string) =>
      fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await scrape(METRICS_TOKEN)).text()).toContain('confab_runs_active{provider="ANTHROPIC"} 1');
    expect((await scrape('another')).status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${port}/graphql`)).status).toBe(404);
    await expect(fetch(`${confab.url}/health`)).rejects.toThrow('fetch failed');

    held.end();
    expect((await ending).code).toBe(0);
    await rm(folder, { recursive: true, force: true });
  },
);

test('a port for metrics that nobody may read is a mistake, and said to be', async () => {
  const { code, output } = await failingStart({ METRICS_PORT: '9464' });

  expect(code).toBe(1);
  expect(output).toContain('METRICS_PORT: needs METRICS=open or a METRICS_TOKEN.');
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
