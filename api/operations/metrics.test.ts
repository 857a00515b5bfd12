/** What the metrics contain, for whom, and what not. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { env } from '../env.ts';
import { schema } from '../graphql/schema.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { cutsAfter, fails, says } from '../testing/model-server.ts';
import { type Person, person, stranger } from '../testing/person.ts';

vi.hoisted(() => {
  process.env['METRICS'] = 'open';
});

useConfab();

afterEach(() => {
  env.METRICS = 'open';
  delete env.METRICS_TOKEN;
});

async function scrape(headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${testServer().url}/metrics`, { headers });
}

/** Every value by its name with labels, as `confab_runs_active{provider="ANTHROPIC"}`. */
async function metrics(): Promise<Map<string, number>> {
  const text = await (await scrape()).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

async function sumOf(name: string, labels: string): Promise<number> {
  const found = [...(await metrics())].filter(([key]) => key.startsWith(`${name}{`) && key.includes(labels));
  return found.reduce((sum, [, value]) => sum + value, 0);
}

describe('/metrics', () => {
  test('is open where the setting says so, in the form that Prometheus reads', async () => {
    const answer = await scrape();

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const told = await metrics();
    const isEmbedded = told.get('confab_database_info{database="embedded"}') === 1;
    expect(isEmbedded).not.toBe(told.get('confab_database_info{database="server"}') === 1);
    expect(told.has('confab_database_pool_waiting')).toBe(!isEmbedded);
    const pool = ['idle', 'busy'].map((state) => told.get(`confab_database_pool_connections{state="${state}"}`));
    if (isEmbedded) expect(pool).toEqual([undefined, undefined]);
    else expect((pool[0] ?? 0) + (pool[1] ?? 0)).toBeGreaterThan(0);
    expect(told.has('confab_redis_up')).toBe(false);
    expect([...told.keys()].some((name) => name.startsWith('confab_node_info{version='))).toBe(true);
    expect(told.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  });

  test('asks for the token where there is one', async () => {
    env.METRICS_TOKEN = 'a-token-of-sixteen-characters';

    for (const authorization of [
      undefined,
      'Bearer',
      'Bearer wrong',
      'Basic a-token-of-sixteen-characters',
      'Bearer é',
    ]) {
      const refusal = await scrape(authorization === undefined ? {} : { authorization });
      expect(refusal.status, authorization).toBe(401);
      expect(refusal.headers.get('www-authenticate')).toBe('Bearer');
      expect(await refusal.text()).not.toContain('confab_');
    }
    const answer = await scrape({ authorization: 'Bearer a-token-of-sixteen-characters' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('confab_runs_active');
  });

  test('is an unknown address where it is off', async () => {
    env.METRICS = 'off';

    const refusal = await scrape({ authorization: 'Bearer anything' });

    expect(refusal.status).toBe(404);
    expect(await refusal.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  });
});

test('the event loop’s delay is measured again and again', async () => {
  const measured = async () => (await metrics()).get('confab_event_loop_delay_seconds_count') ?? 0;
  const before = await measured();
  await expect.poll(measured).toBeGreaterThan(before + 1);
});

describe('a run', () => {
  const ended = 'confab_runs_ended_total{provider="ANTHROPIC",';

  test('that is completed counts, with its tokens and times', async () => {
    const before = await metrics();
    const ann = await person('ann');
    testServer().model.next(says('Two words.'));
    await ann.asks('Say two words.');

    const after = await metrics();
    const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    expect(grown(`${ended}status="COMPLETED",failure=""}`)).toBe(1);
    expect(grown('confab_run_duration_seconds_count{provider="ANTHROPIC",status="COMPLETED"}')).toBe(1);
    expect(grown('confab_time_to_first_token_seconds_count{provider="ANTHROPIC"}')).toBe(1);
    expect(grown('confab_tokens_total{provider="ANTHROPIC",kind="input"}')).toBeGreaterThan(0);
    expect(grown('confab_tokens_total{provider="ANTHROPIC",kind="output"}')).toBeGreaterThan(0);
    expect(after.get('confab_runs_active{provider="ANTHROPIC"}')).toBe(0);
  });

  test('that failed counts with the reason, and what was tried before with it', async () => {
    const before = await metrics();
    const ann = await person('ann');
    testServer().model.next(fails(529, 'overloaded_error', { 'retry-after': '0' }), cutsAfter('Half an ans'));
    await ann.asks('Say something.');

    const after = await metrics();
    const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    expect(grown(`${ended}status="FAILED",failure="UPSTREAM_CUT"}`)).toBe(1);
    expect(grown('confab_provider_retries_total{provider="ANTHROPIC",failure="OVERLOADED"}')).toBe(1);
  });

  test('that goes on is active, its readers are counted, and a stop ends both', async () => {
    const before = await metrics();
    const ann = await person('ann');
    const held = testServer().model.hold().begin().write('Once ');
    const { run } = await ann.sends('Tell me a story.');
    const following = ann.follows(run.id);
    await following.next();
    const feed = ann.feeds([]);
    await feed.next();

    // The start of the stream says nothing of the run's, nor of the end of what ran before.
    await expect.poll(goingOn).toEqual([1, 1, 1, 1]);

    await ann.stops(run.id);
    await Array.fromAsync(following);
    await held.gone;
    await feed.return(undefined);
    await expect.poll(goingOn).toEqual([0, 0, 0, 0]);
    const after = await metrics();
    const stopped = `${ended}status="STOPPED",failure=""}`;
    expect((after.get(stopped) ?? 0) - (before.get(stopped) ?? 0)).toBe(1);
  });
});

async function goingOn(): Promise<(number | undefined)[]> {
  const now = await metrics();
  return [
    now.get('confab_runs_active{provider="ANTHROPIC"}'),
    now.get('confab_streams_open{subscription="runEvents"}'),
    now.get('confab_streams_open{subscription="feed"}'),
    now.get('confab_run_texts_held'),
  ];
}

describe('operations', () => {
  const count = 'confab_operation_duration_seconds_count';

  async function asks(somebody: Person, query: string): Promise<void> {
    await (await somebody.post('/graphql', { query })).text();
  }

  test('count by name, kind and outcome', async () => {
    const ann = await person('ann');
    await asks(ann, 'query WhoAmI { viewer { name } }');
    await asks(ann, '{ viewer { name } }');
    await asks(stranger(), 'query WhoAmI { chats { nodes { id } } }');
    await asks(ann, 'query TooMany { chats(first: -1) { nodes { id } } }');

    expect(await sumOf(count, 'operation="WhoAmI",kind="query",outcome="ok"')).toBe(1);
    expect(await sumOf(count, 'operation="WhoAmI",kind="query",outcome="refused"')).toBe(1);
    expect(await sumOf(count, 'operation="TooMany",kind="query",outcome="refused"')).toBe(1);
    expect(await sumOf(count, 'operation="anonymous",kind="query",outcome="ok"')).toBeGreaterThan(0);
    expect(await sumOf('confab_http_responses_total', 'route="/graphql",status="200"')).toBeGreaterThan(0);
  });

  test('of people who are not signed in bring no names', async () => {
    await asks(stranger(), 'query MadeUpByAStranger { viewer { name } }');

    expect([...(await metrics()).keys()].join()).not.toContain('MadeUpByAStranger');
    expect(await sumOf(count, 'operation="other"')).toBeGreaterThan(0);
  });

  test('of a thousand names are a hundred and the others', { timeout: 60_000 }, async () => {
    const ann = await person('ann');
    for (let hundred = 0; hundred < 10; hundred += 1) {
      const numbers = Array.from({ length: 100 }, (_, index) => 100 * hundred + index);
      await Promise.all(numbers.map((number) => asks(ann, `query Made${number} { viewer { name } }`)));
    }
    await asks(ann, `query ${'A'.repeat(500)} { viewer { name } }`);

    const names = new Set([...(await metrics()).keys()].map((key) => /operation="([^"]+)"/.exec(key)?.[1]));
    names.delete(undefined);
    expect(names.size).toBeGreaterThan(90);
    expect(names.size).toBeLessThanOrEqual(102);
    expect(names.has('Made999')).toBe(false);
    expect(await sumOf(count, 'operation="other",kind="query",outcome="ok"')).toBeGreaterThan(850);
  });
});

describe('deprecated fields', () => {
  const name = schema.getQueryType()?.getFields()['viewer'];

  beforeEach(() => {
    if (name) name.deprecationReason = 'For this test.';
  });

  afterEach(() => {
    if (name) name.deprecationReason = undefined;
  });

  async function asks(somebody: Person, query: string, client?: string): Promise<void> {
    await (await somebody.post('/graphql', { query }, client === undefined ? {} : { 'x-client-name': client })).text();
  }

  /** By client. */
  async function uses(): Promise<Record<string, number>> {
    const series = [...(await metrics())].filter(([key]) => key.startsWith('confab_deprecated_uses_total{'));
    return Object.fromEntries(
      series.map(([key, value]) => {
        expect(key).toContain('coordinate="Query.viewer"');
        return [/client="([^"]*)"/.exec(key)?.[1] ?? '', value];
      }),
    );
  }

  test('are counted by the name of the client, of whom there are at most a hundred', { timeout: 60_000 }, async () => {
    const ann = await person('ann');
    await asks(ann, 'query Uses { viewer { name } }', 'backup-script/1.2');
    await asks(ann, 'query Twice { viewer { name } viewer { id } }', 'backup-script/1.2');
    await asks(ann, 'query Uses { viewer { name } }');
    await asks(ann, 'query DoesNot { server { version } }', 'another');
    await asks(ann, 'query IsRefused { viewer { nothing } }', 'another');
    await asks(stranger(), 'query Uses { viewer { name } }', 'made-up-by-a-stranger');
    await asks(stranger(), 'query Uses { viewer { name } }', 'backup-script/1.2');
    await asks(ann, 'query Uses { viewer { name } }', 'a b"c{}');
    await asks(ann, 'query Uses { viewer { name } }', 'x'.repeat(41));
    expect(await uses()).toEqual({ 'backup-script/1.2': 3, unknown: 1, other: 3 });

    // Fewer at once than a person may have.
    for (let ten = 0; ten < 15; ten += 1)
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          asks(ann, 'query Uses { viewer { name } }', `client-${10 * ten + index}`),
        ),
      );
    const all = await uses();
    expect(Object.keys(all).filter((client) => client.startsWith('client-'))).toHaveLength(99);
    expect(all['other']).toBe(3 + 51);
  });

  test('are counted when a subscription is opened', async () => {
    const field = schema.getSubscriptionType()?.getFields()['feed'];
    if (!field) throw new Error('There is no feed.');
    const ann = await person('ann');
    const opened = async () =>
      [...(await metrics())].find(([key]) => key.includes('coordinate="Subscription.feed"'))?.[1] ?? 0;
    field.deprecationReason = 'For this test.';
    try {
      // A document of its own: what one says is found out once.
      const query = 'subscription IsDeprecated { feed(chats: []) { __typename } }';
      const response = await ann.post('/graphql', { query }, { accept: 'text/event-stream' });
      await response.body?.cancel();
      expect(await opened()).toBe(1);
    } finally {
      field.deprecationReason = undefined;
    }
  });
});

test('people’s words, addresses and identifiers are nowhere in it', async () => {
  const ann = await person('ann');
  testServer().model.next(says('The answer is Xylophone.'));
  const { chat, run } = await ann.asks('My secret is Quagmire.');
  await fetch(`${testServer().url}/Quagmire/of/mine?token=Zeppelin`);

  const text = await (await scrape()).text();

  for (const word of ['Xylophone', 'Quagmire', 'Zeppelin', ann.email, chat.id, run.id])
    expect(text).not.toContain(word);
  expect(text).toContain('route="page"');
});
