import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person, stranger } from '../testing/person.ts';
import { programOf } from '../testing/tokens.ts';

const { COST_PER_USER, COST_PER_TOKEN } = env;
Object.assign(env, { COST_PER_USER: 3_000, COST_PER_TOKEN: 1_000 });

useConfab({ hasKey: false });

afterAll(() => void Object.assign(env, { COST_PER_USER, COST_PER_TOKEN }));

const CHATS = '{ chats(first: 20) { nodes { id title } } }';
/** The field, for each of 20 `nodes` and its two fields. */
const COST = 1 + 20 * 3;

interface Cost {
  requested: number;
  limit: number;
  remaining: number;
  resetAt: string;
}

interface Answer {
  data?: Record<string, unknown> | null;
  errors?: { extensions: { code: string; retryAfterSeconds?: number } }[];
  extensions?: { cost: Cost };
}

async function answerTo(who: Person, query: string, headers: Record<string, string> = {}) {
  const response = await who.post('/graphql', { query }, headers);
  return { response, answer: (await response.json()) as Answer };
}

const asked = { 'x-confab-cost': '1' };

describe('what an operation costs', () => {
  let ann: Person;

  beforeAll(async () => {
    ann = await person('ann');
  });

  test('is always in the headers, and in the field that asks for it', async () => {
    const { response, answer } = await answerTo(ann, CHATS, asked);
    expect(answer.extensions?.cost).toMatchObject({ requested: COST, limit: 3_000, remaining: 3_000 - COST });
    const seconds = (Date.parse(answer.extensions?.cost.resetAt ?? '') - Date.now()) / 1000;
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(response.headers.get('ratelimit-policy')).toBe('"person";q=3000;w=60');
    expect(response.headers.get('ratelimit')).toMatch(new RegExp(`^"person";r=${3_000 - COST};t=\\d+$`));

    const { answer: quiet, response: other } = await answerTo(ann, '{ rateLimit { cost limit remaining resetAt } }');
    expect(quiet.extensions).toBeUndefined();
    expect(quiet.data?.['rateLimit']).toMatchObject({ cost: 5, limit: 3_000, remaining: 3_000 - COST - 5 });
    expect(other.headers.get('ratelimit')).toContain(`r=${3_000 - COST - 5};`);
  });

  test('is that of the operation that is run, with its variables', async () => {
    const query = 'query Small { viewer { id } } query Large($first: Int!) { chats(first: $first) { nodes { id } } }';
    const costOf = async (operationName: string, variables: object) => {
      const answer = (await (await ann.post('/graphql', { query, operationName, variables }, asked)).json()) as Answer;
      return answer.extensions?.cost.requested;
    };
    expect(await costOf('Small', {})).toBe(2);
    expect(await costOf('Large', { first: 10 })).toBe(21);
    expect(await costOf('Large', { first: 30 })).toBe(61);
  });

  test('is charged to the token and to its owner', async () => {
    const bob = await person('bob');
    const [one, other] = [
      await programOf(bob, { scopes: ['READ_CHATS'] }),
      await programOf(bob, { scopes: ['READ_CHATS'] }),
    ];
    const { answer: before } = await answerTo(bob, '{ rateLimit { remaining } }');
    const remaining = (before.data?.['rateLimit'] as { remaining: number } | undefined)?.remaining ?? 0;
    const { response, answer } = await answerTo(one, CHATS, asked);
    expect(answer.extensions?.cost).toMatchObject({ limit: 1_000, remaining: 1_000 - COST });
    expect(response.headers.get('ratelimit')).toMatch(
      new RegExp(`^"person";r=${remaining - COST};t=\\d+, "token";r=${1_000 - COST};t=\\d+$`),
    );
    expect((await answerTo(other, CHATS, asked)).answer.extensions?.cost).toMatchObject({ remaining: 1_000 - COST });
    const { answer: after } = await answerTo(bob, '{ rateLimit { remaining } }');
    expect(after.data?.['rateLimit']).toEqual({ remaining: remaining - 2 * COST - 2 });
  });

  test('is nothing signed out, and nothing for the schema', async () => {
    const { response, answer } = await answerTo(stranger(), '{ server { version } }', asked);
    expect(answer.extensions).toBeUndefined();
    // Of the address, whose requests are counted and not their points.
    expect(response.headers.get('ratelimit')).toMatch(/^"address";r=\d+;t=\d+$/);
    const { response: ofSchema } = await answerTo(ann, '{ __schema { queryType { name } } }', asked);
    expect(ofSchema.headers.get('ratelimit')).toBeNull();
  });

  test('of a stream is sent when it opens', async () => {
    const response = await ann.post(
      '/graphql',
      { query: 'subscription { feed { __typename } }' },
      { accept: 'text/event-stream' },
    );
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(response.headers.get('ratelimit')).toContain('"person";r=');
    await response.body?.cancel();
  });
});

describe('beyond the limit', () => {
  test('nothing is executed, and it is said when to come again', async () => {
    const eve = await person('eve');
    const program = await programOf(eve, { scopes: ['WRITE_CHATS', 'READ_CHATS'] });
    const create = 'mutation { createChat(input: {}) { ... on CreateChatPayload { chat { id } } } }';
    let refused: Awaited<ReturnType<typeof answerTo>> | undefined;
    while (!refused) {
      const told = await answerTo(program, CHATS);
      if (told.response.status !== 200) refused = told;
    }
    expect(refused.response.status).toBe(429);
    expect(Number(refused.response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.answer.errors?.[0]?.extensions).toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      retryAfterSeconds: expect.any(Number) as number,
    });
    expect(refused.answer.data).toBeUndefined();

    const count = () => db.chat.count({ where: { createdBy: { email: eve.email } } });
    const statuses = await Promise.all(
      Array.from({ length: 30 }, async () => (await answerTo(program, create)).response.status),
    );
    expect(statuses).toContain(429);
    expect(await count()).toBe(statuses.filter((status) => status === 200).length);
    // Its owner goes on: only the token has nothing left. What was refused was not charged.
    expect((await answerTo(eve, CHATS)).response.status).toBe(200);
  });

  test('200 requests at once do not come', async () => {
    const max = await person('max');
    const answers = await Promise.all(Array.from({ length: 200 }, () => answerTo(max, CHATS)));
    const done = answers.filter(({ response }) => response.status === 200).length;
    expect(done).toBeGreaterThan(0);
    expect(done * COST).toBeLessThanOrEqual(3_000);
    const refused = answers.filter(({ response: { status } }) => status === 429);
    expect(refused.map(({ response: { headers } }) => headers.get('ratelimit')).join()).toContain('"person";r=');
  });
});
