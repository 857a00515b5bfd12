/** How soon the words of a service agent, sent to one node, are read by many on another. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { print } from 'graphql';

import { modelServer } from '../api/testing/model-server.ts';
import { type Person, person } from '../api/testing/person.ts';
import { hasPostgres, startPostgres } from '../api/testing/postgres-server.ts';
import { type ConfabProcess, startProcess } from '../api/testing/process.ts';
import { RedisServer, whyNoRedis } from '../api/testing/redis-server.ts';
import { roomOf, says } from '../api/testing/rooms.ts';
import { type ServiceAgent, serviceAgent } from '../api/testing/service-agents.ts';
import { useServerAt } from '../api/testing/server.ts';
import { programOf, revoke } from '../api/testing/tokens.ts';
import { Words } from './deliveries.ts';
import { type Measure, ms, percentile, timed } from './measure.ts';
import { followWith, type RawReader } from './raw-reader.ts';
import { withoutLimits } from './without-limits.ts';

const READERS = 100;
const PIECES = 800;
const PIECES_A_SECOND = 80;
const STOPS = 50;

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
    ROOM_RUNS_PER_MINUTE: '1000',
    ...withoutLimits,
  };
  const nodes: ConfabProcess[] = [];
  try {
    nodes.push(await startProcess(settings), await startProcess(settings));
    const [writing, reading] = nodes.map(({ url }) => url) as [string, string];
    useServerAt(writing, model);
    const admin = await person('admin');
    const robot = await serviceAgent(admin);
    const room = await roomOf(admin, { personIds: [robot.personId] });
    const words = await measureWords(reading, admin, robot, room);
    return [words, await measureStops(reading, admin, robot, room), await measureRevocations(reading, admin)];
  } finally {
    for (const node of nodes) await node.kill('SIGKILL');
    await model.close();
  }
}

async function measureWords(readingUrl: string, admin: Person, robot: ServiceAgent, room: string): Promise<Measure> {
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

/** A person stops an answer at one node; the service agent's feed is on another. */
async function measureStops(readingUrl: string, admin: Person, robot: ServiceAgent, room: string): Promise<Measure> {
  const query = `subscription Runs($chats: [ChatCursor!]) { feed(chats: $chats) { ... on ChatChange { runs { id status } } } }`;
  const body = { query, variables: { chats: [{ id: room, after: 0 }] } };
  let read = '';
  const heard = new EventTarget();
  const feed = followWith(readingUrl, body, robot.headers, (text) => {
    read += text;
    heard.dispatchEvent(new Event('text'));
  });
  const untilRead = async (words: string) => {
    while (!read.includes(words))
      await Promise.race([
        once(heard, 'text'),
        feed.ended.then(() => Promise.reject(new Error(`The feed ended: ${read}`))),
      ]);
  };
  const times: number[] = [];
  for (let index = 0; index < STOPS; index += 1) {
    const runId = await robot.begins(room, (await says(admin, room, 'Speak.')).id);
    await untilRead(`{"id":"${runId}","status":"RUNNING"}`);
    times.push(
      await timed(async () => {
        await admin.stops(runId);
        await untilRead(`{"id":"${runId}","status":"STOPPED"}`);
      }),
    );
    read = '';
  }
  feed.socket.destroy();
  return slowestOf('A service agent hears in its feed, on another node, that its answer was stopped', times, 1_000);
}

/** A token is revoked at one node; its feed is on another. */
async function measureRevocations(readingUrl: string, admin: Person): Promise<Measure> {
  const times: number[] = [];
  for (let index = 0; index < STOPS; index += 1) {
    const program = await programOf(admin, { scopes: ['READ_CHATS'] });
    const begun = Promise.withResolvers<void>();
    const query = 'subscription { feed { __typename } }';
    const { ended } = followWith(readingUrl, { query }, program.headers, (text) => {
      if (text.includes('__typename')) begun.resolve();
    });
    await begun.promise;
    times.push(await timed(() => Promise.all([revoke(admin, program), ended])));
  }
  return slowestOf('A token is revoked, until its feed on another node is closed', times, 2_000);
}

function slowestOf(what: string, times: readonly number[], goalMs: number): Measure {
  const slowest = Math.max(...times);
  const result = `p50 ${ms(percentile(times, 0.5))}, slowest of ${times.length} ${ms(slowest)}`;
  return { what, result, goal: `≤ ${goalMs / 1000} s`, isMet: slowest <= goalMs };
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
