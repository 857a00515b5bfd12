/** How soon the words of a service agent, sent to one node, are read by many on another. */
import { setTimeout as delay } from 'node:timers/promises';

import { print } from 'graphql';

import { modelServer } from '../api/testing/model-server.ts';
import { person } from '../api/testing/person.ts';
import { hasPostgres, startPostgres } from '../api/testing/postgres-server.ts';
import { type ConfabProcess, startProcess } from '../api/testing/process.ts';
import { RedisServer, whyNoRedis } from '../api/testing/redis-server.ts';
import { roomOf, says } from '../api/testing/rooms.ts';
import { type ServiceAgent, serviceAgent } from '../api/testing/service-agents.ts';
import { useServerAt } from '../api/testing/server.ts';
import { Words } from './deliveries.ts';
import { type Measure, ms, percentile } from './measure.ts';
import { followWith, type RawReader } from './raw-reader.ts';

const READERS = 100;
const PIECES = 800;
const PIECES_A_SECOND = 80;

const what = `Words of a service agent, ${PIECES_A_SECOND} times a second, until each of ${READERS} readers on another node has them`;
const goal = 'p95 ≤ 30 ms';

export async function measureServiceAgents(): Promise<Measure[]> {
  if (!hasPostgres() || whyNoRedis)
    return [{ what, result: 'not measured: PostgreSQL or Redis is missing', goal, isMet: false }];
  const model = await modelServer();
  await using postgres = await startPostgres();
  await using redis = await RedisServer.start();
  const settings = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    AUTH_SECRET: 'a secret for benchmarks, long enough to be one',
    RUN_STREAMS_PER_USER: '1000',
    COST_PER_USER: '1000000000',
    COST_PER_TOKEN: '1000000000',
  };
  const nodes: ConfabProcess[] = [];
  try {
    nodes.push(await startProcess(settings), await startProcess(settings));
    const [writing, reading] = nodes.map(({ url }) => url) as [string, string];
    useServerAt(writing, model);
    return [await measure(reading)];
  } finally {
    for (const node of nodes) await node.kill('SIGKILL');
    await model.close();
  }
}

async function measure(readingUrl: string): Promise<Measure> {
  const admin = await person('admin');
  const robot = await serviceAgent(admin);
  const room = await roomOf(admin, { personIds: [robot.personId] });
  const { id: question } = await says(admin, room, 'Speak.');
  const runId = await robot.begins(room, question);
  await robot.appends({ runId, from: 0, text: marked(0) });

  const sentAt: number[] = [];
  const times: number[] = [];
  const body = { query: print(Words), variables: { runId, from: 0 } };
  const readers = Array.from({ length: READERS }, () => readPieces(readingUrl, body, admin.headers, sentAt, times));
  await Promise.all(readers.map(({ begun }) => begun));
  const rate = await say(robot, runId, sentAt);
  await robot.ends(runId);
  await Promise.all(readers.map(({ reader }) => reader.ended));

  const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
  const isWhole = times.length === READERS * PIECES;
  return {
    what,
    result: `p50 ${ms(p50)}, p95 ${ms(p95)}, ${rate.toFixed(0)} a second${isWhole ? '' : `; only ${times.length} pieces were read`}`,
    goal,
    isMet: isWhole && p95 <= 30 && rate > 0.95 * PIECES_A_SECOND,
  };
}

const marked = (piece: number) => `<${String(piece).padStart(6, '0')}> some words `;

/** One request after another, as a program sends them. Returns how many a second there were. */
async function say(robot: ServiceAgent, runId: string, sentAt: number[]): Promise<number> {
  const began = performance.now();
  for (let piece = 1; piece <= PIECES; piece += 1) {
    await delay(Math.max(0, began + (piece * 1_000) / PIECES_A_SECOND - performance.now()));
    sentAt[piece] = performance.now();
    await robot.appends({ runId, from: piece * marked(0).length, text: marked(piece) });
  }
  return (PIECES * 1_000) / (performance.now() - began);
}

function readPieces(
  url: string,
  body: object,
  headers: Record<string, string>,
  sentAt: readonly number[],
  times: number[],
): { reader: RawReader; begun: Promise<void> } {
  const begun = Promise.withResolvers<void>();
  // A piece may come in two parts.
  let rest = '';
  const reader = followWith(url, body, headers, (text) => {
    const now = performance.now();
    rest += text;
    let end = 0;
    for (const { index, 0: mark } of rest.matchAll(/<(\d{6})>/g)) {
      const piece = Number(mark.slice(1, -1));
      if (piece === 0) begun.resolve();
      else times.push(now - (sentAt[piece] ?? now));
      end = index + mark.length;
    }
    rest = rest.slice(Math.max(end, rest.length - 8));
  });
  return { reader, begun: begun.promise };
}
