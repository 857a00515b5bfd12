/** What tokens and limits cost a request: inside this process, without the time that HTTP takes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse, print } from 'graphql';

import { chargePoints } from '../api/auth/budgets.ts';
import { openConfab } from '../api/confab.ts';
import { db } from '../api/database/db.ts';
import { costOf } from '../api/graphql/cost-of.ts';
import { schema } from '../api/graphql/schema.ts';
import { makeYoga } from '../api/graphql/yoga.ts';
import { encodeGlobalId } from '../api/ids.ts';
import { log } from '../api/log.ts';
import { Thread } from '../api/testing/documents.ts';
import { createToken } from '../api/tokens/create.ts';
import { viewerWithToken } from '../api/tokens/look-up.ts';
import { type Measure, ms, percentile, timed } from './measure.ts';

const CHECKS = 20_000;
const REQUESTS = 600;
const WARM_UP = 100;

export async function measureApi(): Promise<Measure[]> {
  log.level = 'silent';
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  const confab = await openConfab({ database: { folder } });
  try {
    const user = await db.user.create({ data: { name: 'Ann', email: 'ann@example.org' } });
    const viewer = { id: user.id, role: user.role, credential: { kind: 'SESSION', id: '' } } as const;
    const token = { name: 'bench', scopes: ['READ_CHATS' as const], chatIds: [], documentIds: [] };
    const { secret } = await createToken(viewer, token);
    return [await measureTokenCheck(secret), await measureCost(user.id, secret)];
  } finally {
    await confab.close(0);
    await rm(folder, { recursive: true, force: true });
  }
}

/** As often as it takes to look the token up anew several times. */
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

async function measureCost(userId: string, secret: string): Promise<Measure> {
  const chat = await db.chat.create({ data: { createdById: userId, members: { create: { userId } } } });
  await db.$executeRaw`
    INSERT INTO message (id, chat_id, seq, parent_id, role, author_id, content, revision, updated_at)
    SELECT md5(${chat.id} || n)::uuid, ${chat.id}::uuid, n, CASE WHEN n > 1 THEN md5(${chat.id} || (n - 1))::uuid END,
      CASE WHEN n % 2 = 1 THEN 'USER' ELSE 'ASSISTANT' END::"MessageRole", ${userId}::uuid, 'Some words.', n, now()
    FROM generate_series(1, 50) n`;
  const { id: headId } = await db.message.findFirstOrThrow({ where: { chatId: chat.id, seq: 50 } });
  await db.chat.update({ where: { id: chat.id }, data: { revision: 50, headId } });

  const variables = { chatId: encodeGlobalId('Chat', chat.id), last: 50 };
  const yoga = makeYoga();
  const body = JSON.stringify({ query: print(Thread), variables });
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const request = async () => {
    const response = await yoga.fetch('http://localhost/graphql', { method: 'POST', headers, body });
    if (!(await response.text()).includes('Some words.')) throw new Error('The page is empty.');
  };
  const whole = await meanOf(request);

  const document = parse(print(Thread));
  const viewer = await viewerWithToken(secret);
  if (!viewer) throw new Error('The token is none.');
  const accounting = await meanOf(() =>
    chargePoints(viewer, costOf({ schema, document, variableValues: variables, contextValue: {} })),
  );
  const share = accounting / whole;
  return {
    what: 'Cost accounting, of a page of 50 messages',
    result: `${(accounting * 1000).toFixed(0)} µs of ${ms(whole)}: ${(share * 100).toFixed(1)} %`,
    goal: '≤ 3 %',
    isMet: share <= 0.03,
  };
}

async function meanOf(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < REQUESTS; index += 1) times.push(await timed(work));
  const warm = times.slice(WARM_UP);
  return warm.reduce((sum, each) => sum + each, 0) / warm.length;
}
