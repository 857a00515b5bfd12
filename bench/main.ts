/** `npm run bench`: what a person would feel, measured on this machine. Prints a table and writes docs/benchmarks.md. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';

import { modelServer } from '../api/testing/model-server.ts';
import { person } from '../api/testing/person.ts';
import { startProcess } from '../api/testing/process.ts';
import { useServerAt } from '../api/testing/server.ts';
import { measureDeliveries } from './deliveries.ts';
import { measureIdleFeeds, measureStorm } from './feeds.ts';
import { measureFirstToken } from './first-token.ts';
import { measureManyRuns } from './many-runs.ts';
import { type Measure, tableOf } from './measure.ts';
import { measureNodes } from './nodes.ts';
import { measureDrops, measureStart, measureWeight } from './processes.ts';
import { measurePages, measureSending, writeLongChats } from './requests.ts';
import { measureWire } from './wire.ts';

const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
const model = await modelServer();
const settings = { DATA_DIR: folder, ANTHROPIC_API_KEY: 'key', ANTHROPIC_BASE_URL: model.url, MAX_CHATS: '1000' };
const measures: Measure[] = [];

try {
  const first = await startProcess(settings);
  useServerAt(first.url, model);
  const reader = await person('reader');
  measures.push(...(await measureFirstToken()), await measureSending(), await measureWeight(), await measureWire());
  await first.kill('SIGTERM');

  const chats = await writeLongChats(folder, reader);
  measures.push(await measureStart(folder));

  const second = await startProcess(settings);
  useServerAt(second.url, model);
  measures.push(...(await measurePages(reader, chats)));
  await second.kill('SIGTERM');

  measures.push(await measureDrops());
  measures.push(...(await measureManyRuns()), ...(await measureDeliveries()));
  measures.push(await measureIdleFeeds(), await measureStorm(), ...(await measureNodes()));
} finally {
  await model.close();
  await rm(folder, { recursive: true, force: true });
}

const table = tableOf(measures);
console.log(table);
await writeFile('docs/benchmarks.md', report(table));
// Prisma's pool and Chromium may leave handles behind.
process.exit(0);

function report(results: string): string {
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  return [
    '# Benchmarks',
    '',
    '`npm run bench` (after `npm run build`) measures what a person would feel. Provider, clients and server share one machine, so the',
    'numbers hold the cost of all three. Absolute times differ from machine to machine; run it on yours.',
    '',
    `Machine: ${machine}; Node ${process.versions.node}; ${new Date().toISOString().slice(0, 10)}.`,
    '',
    results,
    '',
  ].join('\n');
}
