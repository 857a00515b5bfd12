/** Many nodes against one: the same load, watched on the node that does not write it. */
import { Redis } from 'ioredis';

import { print } from 'graphql';

import { modelServer, type ModelServer } from '../api/testing/model-server.ts';
import { type Person, person } from '../api/testing/person.ts';
import { hasPostgres, startPostgres } from '../api/testing/postgres-server.ts';
import { startProcess } from '../api/testing/process.ts';
import { RedisServer, whyNoRedis } from '../api/testing/redis-server.ts';
import { useServerAt } from '../api/testing/server.ts';
import { Words } from './deliveries.ts';
import { type Measure, ms, percentile } from './measure.ts';
import { followWith } from './raw-reader.ts';

const RUNS = 20;
const TOKENS = 500;
const TOKENS_A_SECOND = 100;

export async function measureNodes(): Promise<Measure[]> {
  if (!hasPostgres() || whyNoRedis) {
    return [
      {
        what: 'Many nodes against one',
        result: 'not measured: PostgreSQL or Redis is missing',
        goal: '',
        isMet: false,
      },
    ];
  }
  const one = await load(false);
  const many = await load(true);
  const ratio = percentile(many.times, 0.5) / percentile(one.times, 0.5) - 1;
  return [
    {
      what: `Wall time of a run, ${RUNS} at once, watched on another node, against one node alone`,
      result: `${(ratio * 100).toFixed(1)} % more: p50 ${ms(percentile(many.times, 0.5))} against ${ms(percentile(one.times, 0.5))} (p95 ${ms(percentile(many.times, 0.95))}, ${ms(percentile(one.times, 0.95))})`,
      goal: '≤ 3 % more',
      isMet: ratio <= 0.03,
    },
    {
      what: 'Calls of Redis for each run',
      result: `${many.callsASecond.toFixed(1)} a second`,
      goal: '≤ 35 a second',
      isMet: many.callsASecond <= 35,
    },
  ];
}

/** Until the reader has the run's end: on the node that was asked, or with Redis on another one. */
async function load(isMany: boolean): Promise<{ times: number[]; callsASecond: number }> {
  const model = await modelServer();
  await using postgres = await startPostgres();
  await using redis = isMany ? await RedisServer.start() : null;
  const settings = {
    DATABASE_URL: postgres.url,
    AUTH_SECRET: 'a secret for benchmarks, long enough to be one',
    ANTHROPIC_API_KEY: 'key',
    ANTHROPIC_BASE_URL: model.url,
    RUNS_PER_USER: '1000',
    MAX_CHATS: '1000',
    ...(redis && { REDIS_URL: redis.url }),
  };
  const writing = await startProcess(settings);
  const reading = isMany ? await startProcess(settings) : writing;
  try {
    useServerAt(writing.url, model);
    const ann = await person('ann');
    await speakTo(ann, model, reading.url, 20);
    const calls = redis && (await callsOf(redis.url));
    const began = performance.now();
    const times = await speakTo(ann, model, reading.url, TOKENS);
    const seconds = (performance.now() - began) / 1000;
    const made = redis && calls !== null ? (await callsOf(redis.url)) - calls : 0;
    return { times, callsASecond: made / seconds / RUNS };
  } finally {
    await reading.kill('SIGKILL');
    await writing.kill('SIGKILL');
    await model.close();
  }
}

async function speakTo(ann: Person, model: ModelServer, readingUrl: string, tokens: number): Promise<number[]> {
  const runs = [];
  for (let index = 0; index < RUNS; index += 1) {
    const held = model.hold();
    const { run } = await ann.sends('Speak.');
    await held.arrived;
    held.begin();
    const body = { query: print(Words), variables: { runId: run.id, from: 0 } };
    runs.push({ held, reader: followWith(readingUrl, body, ann.headers, () => undefined) });
  }
  return Promise.all(
    runs.map(async ({ held, reader }, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 3));
      const began = performance.now();
      for (let said = 0; said < tokens;) {
        const due = Math.min(tokens, Math.ceil(((performance.now() - began) / 1000) * TOKENS_A_SECOND));
        for (; said < due; said += 1) held.write(' word');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      held.end();
      await reader.ended;
      return performance.now() - began;
    }),
  );
}

async function callsOf(url: string): Promise<number> {
  const client = new Redis(url);
  const all = [...(await client.info('commandstats')).matchAll(/cmdstat_([a-z|]+):calls=(\d+)/g)];
  client.disconnect();
  // Texts travel by scripts alone; what a script does within Redis is no call.
  const ours = all.filter(([, name = '']) => name === 'evalsha' || name === 'eval');
  return ours.reduce((sum, [, , calls]) => sum + Number(calls), 0);
}
