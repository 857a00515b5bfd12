/** How many deliveries a second one core makes, against the least there can be and against a plain Yoga subscription. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { print } from 'graphql';

import { graphql } from '../api/generated/graphql/gql.ts';
import { modelServer } from '../api/testing/model-server.ts';
import { person } from '../api/testing/person.ts';
import { useServerAt } from '../api/testing/server.ts';
import type { Delta, Order, Report } from './delivery-server.ts';
import type { Measure } from './measure.ts';
import { followWith, type RawReader } from './raw-reader.ts';
import { withoutLimits } from './without-limits.ts';

const READERS = 100;
const PIECES = 300;
const PAUSE_MS = 33;

/** What each of the three is asked, so that each writes the same bytes. */
export const Words = graphql(`
  subscription Words($runId: ID!, $from: Int!) {
    runEvents(runId: $runId, from: $from) {
      __typename
      ... on ContentDelta {
        from
        to
        part
        kind
        text
      }
    }
  }
`);

export async function measureDeliveries(): Promise<Measure[]> {
  const bare = await deliveriesOf('bare');
  const yoga = await deliveriesOf('yoga');
  const confab = await deliveriesOfConfab();
  const ratio = confab / yoga;
  return [
    {
      what: `Deliveries a second on one core, ${READERS} readers`,
      result: `${thousands(confab)}: ${ratio.toFixed(2)} × a plain Yoga subscription (${thousands(yoga)}), ${(confab / bare).toFixed(2)} × a bare node:http server (${thousands(bare)})`,
      goal: '≥ 1.5 × plain Yoga',
      isMet: ratio >= 1.5,
    },
  ];
}

function thousands(value: number): string {
  return `${(value / 1000).toFixed(1)} k`;
}

async function deliveriesOf(kind: 'bare' | 'yoga'): Promise<number> {
  await using server = await deliveryServer(kind);
  const readers = await openReaders(server.url, { query: print(Words), variables: { runId: 'x', from: 0 } }, {});
  return await measured(server, readers, (delta) => server.order({ type: 'say', delta }));
}

async function deliveriesOfConfab(): Promise<number> {
  const model = await modelServer();
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  const settings = {
    PORT: '0',
    DATA_DIR: folder,
    ANTHROPIC_API_KEY: 'key',
    ANTHROPIC_BASE_URL: model.url,
    RUN_FLUSH_MS: '0',
  };
  try {
    await using server = await deliveryServer('confab', settings);
    useServerAt(server.url, model);
    const ann = await person('ann');
    const held = model.hold();
    const { run } = await ann.sends('Speak to many.');
    held.begin();
    const body = { query: print(Words), variables: { runId: run.id, from: 0 } };
    const readers = await openReaders(server.url, body, ann.headers);
    return await measured(server, readers, ({ text }) => held.write(text));
  } finally {
    await model.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of the processor's time, that is: what else the machine does counts less. */
async function measured(server: Server, readers: Reader[], say: (delta: Delta) => void): Promise<number> {
  await speak(say, 30, '[warm]');
  await allReceived(readers, '[warm]');
  const [before, had] = [await server.usage(), deliveriesTo(readers)];
  await speak(say, PIECES, '[done]');
  await allReceived(readers, '[done]');
  const [after, have] = [await server.usage(), deliveriesTo(readers)];
  for (const { socket } of readers) socket.destroy();
  return (have - had) / ((after.cpuMs - before.cpuMs) / 1000);
}

async function speak(say: (delta: Delta) => void, pieces: number, last: string): Promise<void> {
  for (let index = 0; index < pieces; index += 1) {
    const from = 10_000 + index * 14;
    const text = index === pieces - 1 ? last : 'word word word';
    say({ from, to: from + 14, part: 0, kind: 'TEXT', text });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function deliveriesTo(readers: readonly Reader[]): number {
  return readers.reduce((sum, { deliveries }) => sum + deliveries, 0);
}

interface Reader {
  socket: RawReader['socket'];
  deliveries: number;
  /** The end of what was read. */
  tail: string;
}

async function openReaders(url: string, body: object, headers: Record<string, string>): Promise<Reader[]> {
  const readers = Array.from({ length: READERS }, () => openReader(url, body, headers));
  await Promise.all(readers.map(({ socket }) => once(socket, 'data')));
  return readers;
}

function openReader(url: string, body: object, headers: Record<string, string>): Reader {
  const { socket } = followWith(url, body, headers, (text) => {
    reader.deliveries += text.split('"ContentDelta"').length - 1;
    reader.tail = (reader.tail + text).slice(-400);
  });
  const reader: Reader = { socket, deliveries: 0, tail: '' };
  return reader;
}

async function allReceived(readers: Reader[], last: string): Promise<void> {
  const until = Date.now() + 30_000;
  while (!readers.every(({ tail }) => tail.includes(last))) {
    if (Date.now() > until) throw new Error('Not all was delivered.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export interface Server extends AsyncDisposable {
  readonly url: string;
  order(order: Order): void;
  usage(): Promise<Extract<Report, { type: 'usage' }>>;
}

export async function deliveryServer(kind: string, settings: Record<string, string> = {}): Promise<Server> {
  const child = fork(join(import.meta.dirname, 'delivery-server.ts'), [kind], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'silent', NODE_ENV: 'production', ...withoutLimits, ...settings },
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
  });
  const { url } = await reported(child, 'listening');
  return {
    url,
    order: (order) => void child.send(order),
    async usage() {
      const usage = reported(child, 'usage');
      child.send({ type: 'usage' } satisfies Order);
      return usage;
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function reported<Type extends Report['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<Report, { type: Type }>> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [Report];
    if (message.type === type) return message as Extract<Report, { type: Type }>;
  }
}
