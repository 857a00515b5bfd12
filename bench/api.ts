/** What tokens and limits cost a request: inside this process, without the time that HTTP takes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse, print } from 'graphql';

import { chargePoints } from '../api/auth/budgets.ts';
import { type ConfabOptions, openConfab } from '../api/confab.ts';
import { db } from '../api/database/db.ts';
import { costOf } from '../api/graphql/cost-of.ts';
import { schema } from '../api/graphql/schema.ts';
import { makeYoga } from '../api/graphql/yoga.ts';
import { encodeGlobalId } from '../api/ids.ts';
import { log } from '../api/log.ts';
import { Thread } from '../api/testing/documents.ts';
import { hasPostgres, startPostgres } from '../api/testing/postgres-server.ts';
import { RedisServer, whyNoRedis } from '../api/testing/redis-server.ts';
import { createToken } from '../api/tokens/create.ts';
import { viewerWithToken } from '../api/tokens/look-up.ts';
import { type Measure, ms, percentile, timed } from './measure.ts';

const CHECKS = 20_000;
const REQUESTS = 600;
const WARM_UP = 100;
const AT_ONCE = 16;

export async function measureApi(): Promise<Measure[]> {
  log.level = 'silent';
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  try {
    const embedded = await withToken({ database: { folder } }, async (secret) => [
      await measureTokenCheck(secret),
      await measureCost('PGlite, counters in memory', secret),
    ]);
    return [...embedded, await measureCostOfNodes()];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureCostOfNodes(): Promise<Measure> {
  const where = 'PostgreSQL, counters in Redis';
  if (!hasPostgres() || whyNoRedis) return costMeasure(where, 'not measured: PostgreSQL or Redis is missing', false);
  await using postgres = await startPostgres();
  await using redis = await RedisServer.start();
  return await withToken({ database: { url: postgres.url }, redisUrl: redis.url }, (secret) =>
    measureCost(where, secret),
  );
}

async function withToken<Result>(options: ConfabOptions, work: (secret: string) => Promise<Result>): Promise<Result> {
  const confab = await openConfab(options);
  try {
    const user = await db.user.create({ data: { name: 'Ann', email: 'ann@example.org' } });
    const viewer = { id: user.id, role: user.role, credential: { kind: 'SESSION', id: '' } } as const;
    const token = { name: 'bench', scopes: ['READ_CHATS' as const], chatIds: [], documentIds: [] };
    const { secret } = await createToken(viewer, token);
    return await work(secret);
  } finally {
    await confab.close(0);
  }
}

/** As often as it takes to look the token up again several times. */
async function measureTokenCheck(secret: string): Promise<Measure> {
  const times: number[] = [];
  for (let index = 0; index < CHECKS; index += 1) times.push(await timed(() => viewerWithToken(secret)));
  const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
  return {
    what: 'A token is checked',
    result: `p50 ${p50.toFixed(3)} ms, p95 ${p95.toFixed(3)} ms`,
    goal: 'p95 ≤ 0.3 ms',
    isMet: p95 <= 0.3,
  };
}

/** What the processor does for the accounting, of what it does for a whole request: by so much fewer are answered in a second. */
async function measureCost(where: string, secret: string): Promise<Measure> {
  const viewer = await viewerWithToken(secret);
  if (!viewer) throw new Error('The token is none.');
  const chatId = await chatOfFifty(viewer.id);
  const variables = { chatId: encodeGlobalId('Chat', chatId), last: 50 };
  const yoga = makeYoga();
  const body = JSON.stringify({ query: print(Thread), variables });
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const request = await processorTime(async () => {
    const response = await yoga.fetch('http://localhost/graphql', { method: 'POST', headers, body });
    if (!(await response.text()).includes('Some words.')) throw new Error('The page is empty.');
  });

  const document = parse(print(Thread));
  const accounting = await processorTime(() =>
    chargePoints(viewer, costOf({ schema, document, variableValues: variables, contextValue: {} })),
  );
  const share = accounting / request;
  const result = `${(accounting * 1000).toFixed(0)} µs of the processor’s ${ms(request)}: ${(share * 100).toFixed(1)} %`;
  return costMeasure(where, result, share <= 0.03);
}

function costMeasure(where: string, result: string, isMet: boolean): Measure {
  return {
    what: `Cost accounting of a page of 50 messages, ${AT_ONCE} requests at once; ${where}`,
    result,
    goal: '≤ 3 %',
    isMet,
  };
}

async function chatOfFifty(userId: string): Promise<string> {
  const chat = await db.chat.create({ data: { createdById: userId, members: { create: { userId } } } });
  await db.$executeRaw`
    INSERT INTO message (id, chat_id, seq, parent_id, role, author_id, content, revision, updated_at)
    SELECT md5(${chat.id} || n)::uuid, ${chat.id}::uuid, n, CASE WHEN n > 1 THEN md5(${chat.id} || (n - 1))::uuid END,
      CASE WHEN n % 2 = 1 THEN 'USER' ELSE 'ASSISTANT' END::"MessageRole", ${userId}::uuid, 'Some words.', n, now()
    FROM generate_series(1, 50) n`;
  const { id: headId } = await db.message.findFirstOrThrow({ where: { chatId: chat.id, seq: 50 } });
  await db.chat.update({ where: { id: chat.id }, data: { revision: 50, headId } });
  return chat.id;
}

/** Of this process, in milliseconds, for each of many. */
async function processorTime(work: () => Promise<unknown>): Promise<number> {
  await repeat(WARM_UP, work);
  const began = process.cpuUsage();
  await repeat(REQUESTS, work);
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000 / REQUESTS;
}

async function repeat(count: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
