/** `npm run bench`: what a person would feel, measured on this machine. Prints a table and writes docs/benchmarks.md. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { env } from '../api/env.ts';
import { modelServer } from '../api/testing/model-server.ts';
import { person } from '../api/testing/person.ts';
import { startProcess } from '../api/testing/process.ts';
import { useServerAt } from '../api/testing/server.ts';
import { ensureBrowser } from '../scripts/browser.mjs';
import { measureApi } from './api.ts';
import { changelogParts, measureChangelog } from './changelog.ts';
import { measureDeliveries } from './deliveries.ts';
import { measureIdleFeeds } from './feeds.ts';
import { measureFirstToken } from './first-token.ts';
import { measureManyRuns } from './many-runs.ts';
import { type Measure, tableOf } from './measure.ts';
import { measureNodes } from './nodes.ts';
import { measurePage, pageParts } from './page.ts';
import { measureDrops, measureStart, measureWeight } from './processes.ts';
import { measurePages, measureSending, writeLongChats } from './requests.ts';
import { measureRooms, roomParts } from './rooms.ts';
import { measureServiceAgents } from './service-agents.ts';
import { measureStorm } from './storm.ts';
import { measureWire } from './wire.ts';
import { withoutLimits } from './without-limits.ts';

Object.assign(env, Object.fromEntries(Object.entries(withoutLimits).map(([name, value]) => [name, Number(value)])));

/** `--only table --only open-5` measures these parts of the page. */
const { positionals: asked, values } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', multiple: true, default: [] } },
});
const { only } = values;

/** In the order of the table. `npm run bench -- deliveries storm` measures those alone, and leaves docs/benchmarks.md as it is. */
const groups: Record<string, () => Promise<Measure[]>> = {
  requests: measureRequests,
  drops: async () => [await measureDrops()],
  'many-runs': measureManyRuns,
  deliveries: measureDeliveries,
  feeds: async () => [await measureIdleFeeds()],
  api: async () => [...(await measureApi()), ...(await measureServiceAgents())],
  wire: () => withServer(measureWire),
  nodes: measureNodes,
  rooms: () => measureRooms(only),
  changelog: () => measureChangelog(only),
  storm: async () => [await measureStorm()],
  page: () => withServer((server) => measurePage(server, only)),
};

const groupsInBrowser = new Set(['requests', 'page']);

checkNames(asked, Object.keys(groups));
checkNames(only, [...pageParts, ...changelogParts, ...roomParts]);
const needsBrowser = asked.length === 0 || asked.some((name) => groupsInBrowser.has(name));
if (needsBrowser && !ensureBrowser()) process.exit(1);

const measures: Measure[] = [];
for (const [name, measure] of Object.entries(groups)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const measured = await measure();
  // As they come: all of them take a quarter of an hour.
  for (const { what, result } of measured) console.log(`${what}: ${result}`);
  measures.push(...measured);
}
const table = tableOf(measures);
console.log(`\n${table}`);
if (asked.length === 0) await writeFile('docs/benchmarks.md', report(table));
// Prisma's pool and Chromium may leave handles behind.
process.exit(0);

function checkNames(names: readonly string[], known: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`There is ${known.join(', ')}, and no ${unknown.join(', ')}.`);
}

interface Bench {
  folder: string;
  /** Stops the server, does something with its folder, and starts it again. */
  meanwhile: <T>(work: () => Promise<T>) => Promise<T>;
}

async function withServer(measure: (bench: Bench) => Promise<Measure[]>): Promise<Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  const model = await modelServer();
  const settings = { DATA_DIR: folder, ANTHROPIC_API_KEY: 'key', ANTHROPIC_BASE_URL: model.url, MAX_CHATS: '1000' };
  let confab = await startProcess(settings);
  useServerAt(confab.url, model);
  try {
    return await measure({
      folder,
      async meanwhile(work) {
        await confab.kill('SIGTERM');
        const result = await work();
        confab = await startProcess(settings);
        useServerAt(confab.url, model);
        return result;
      },
    });
  } finally {
    await confab.kill('SIGTERM');
    await model.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function measureRequests(): Promise<Measure[]> {
  return withServer(async ({ folder, meanwhile }) => {
    const reader = await person('reader');
    const first = [...(await measureFirstToken()), await measureSending(), await measureWeight()];
    const { chats, start } = await meanwhile(async () => {
      const written = await writeLongChats(folder, reader);
      return { chats: written, start: await measureStart(folder) };
    });
    return [...first, start, ...(await measurePages(reader, chats))];
  });
}

function report(results: string): string {
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  return [
    '# Benchmarks',
    '',
    '`npm run bench` measures what a person would feel. It installs, builds and finds a browser by itself. Provider, clients and server',
    'share one machine, so the numbers hold the cost of all three. Absolute times differ from machine to machine; run it on yours.',
    '`npm run bench -- page` measures the page alone, in Chromium; `--only table` a part of it (bench/page.ts has their names);',
    '`BENCH_PAGE_SHARE=0.2` streams a fifth of each answer.',
    '',
    `Machine: ${machine}; Node ${process.versions.node}; ${new Date().toISOString().slice(0, 10)}.`,
    '',
    results,
    '',
  ].join('\n');
}
