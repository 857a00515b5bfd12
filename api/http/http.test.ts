import { readFileSync } from 'node:fs';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { createServer as createViteServer } from 'vite';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import { CLIENT_ADDRESS_HEADER, networkOf } from '../auth/accounts.ts';
import { openBudgets } from '../auth/budgets.ts';
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { makeHttpHandler } from './handler.ts';
import { createHttpServer } from './listener.ts';
import { LARGEST_BODY } from './routes.ts';
import { makeAttemptLimiter } from '../redis/rate-limiter.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { says } from '../testing/model-server.ts';
import { person, stranger } from '../testing/person.ts';
import { Program, programOf } from '../testing/tokens.ts';
import { makeSecret } from '../tokens/secret.ts';

useConfab();

afterEach(() => vi.restoreAllMocks());

const VIEWER = '{ viewer { name } }';

describe('queries by GET', () => {
  test('are answered with the header that a forger cannot send, and refused without', async () => {
    const ann = await person('ann');
    const address = `${testServer().url}/graphql?query=${encodeURIComponent(VIEWER)}`;
    const { cookie = '' } = ann.headers;

    const answer = await fetch(address, { headers: { cookie, 'x-graphql-yoga-csrf': '1' } });
    expect(await answer.json()).toEqual({ data: { viewer: { name: 'ann' } } });

    const refusal = await fetch(address, { headers: { cookie } });
    expect(refusal.status).toBe(403);
    expect(await refusal.text()).not.toContain('ann');
  });

  test('may hold the word mutation', async () => {
    const ann = await person('ann');
    await ann.createsChat('A mutation of peas');

    const answer = await ann.get(
      `/graphql?query=${encodeURIComponent('{ chats(search: "mutation") { nodes { title } } }')}`,
    );

    expect(await answer.json()).toEqual({ data: { chats: { nodes: [{ title: 'A mutation of peas' }] } } });
  });

  test('mutations and subscriptions are for POST', async () => {
    const ann = await person('ann');
    const mutation = 'mutation { createChat(input: { title: "By GET" }) { __typename } }';
    const subscription = 'subscription { runEvents(runId: "Run_x") { __typename } }';

    for (const query of [
      mutation,
      subscription,
      `query Q ${VIEWER} ${mutation.replace('mutation', 'mutation M')}&operationName=M`,
    ]) {
      const [document = '', rest] = query.split('&');
      const refusal = await ann.get(`/graphql?query=${encodeURIComponent(document)}${rest ? `&${rest}` : ''}`);
      expect(refusal.status).toBe(405);
      expect(refusal.headers.get('allow')).toBe('POST');
    }
    expect(await db.chat.count({ where: { title: 'By GET' } })).toBe(0);
    expect((await ann.post('/graphql', { query: mutation })).status).toBe(200);
    expect(await db.chat.count({ where: { title: 'By GET' } })).toBe(1);
  });
});

describe('a body', () => {
  test('is JSON: forms and texts, which a forger can send, are refused', async () => {
    const ann = await person('ann');
    const form = new FormData();
    form.set('operations', JSON.stringify({ query: VIEWER }));
    const { 'content-type': _json, ...headers } = ann.headers;

    const bodies = [
      form,
      new URLSearchParams({ query: VIEWER }),
      JSON.stringify({ query: VIEWER }),
      new Blob([VIEWER]),
    ];
    for (const body of bodies) {
      const refusal = await fetch(`${testServer().url}/graphql`, { method: 'POST', headers, body });
      expect(refusal.status).toBe(415);
      expect(await refusal.json()).toMatchObject({
        errors: [{ message: expect.stringContaining('application/json') as string }],
      });
    }
    expect((await ann.post('/graphql', { query: VIEWER })).status).toBe(200);
  });

  test('over 640 KiB is refused wherever it goes, and one just below is read', async () => {
    const ann = await person('ann');
    const padded = (size: number) =>
      JSON.stringify({ query: VIEWER, variables: { pad: '' } }).replace('"pad":""', `"pad":"${'x'.repeat(size)}"`);
    const empty = padded(0).length;

    expect((await ann.post('/graphql', padded(LARGEST_BODY - empty))).status).toBe(200);
    for (const path of ['/graphql', '/api/auth/sign-in/email', '/health', '/nowhere']) {
      const refusal = await ann.post(path, padded(LARGEST_BODY - empty + 1));
      expect(refusal.status).toBe(413);
      expect(await refusal.json()).toMatchObject({
        errors: [{ message: expect.stringContaining('640 KiB') as string, extensions: { code: 'TOO_LARGE' } }],
      });
    }
  });

  test('says its length', async () => {
    const ann = await person('ann');
    const refusal = await sendInChunks(ann.headers, JSON.stringify({ query: VIEWER }));

    expect(refusal.status).toBe(411);
    expect(JSON.parse(refusal.body)).toMatchObject({ errors: [{ extensions: { code: 'LENGTH_REQUIRED' } }] });
  });

  test.each([
    ['nothing', ''],
    ['half of an object', '{"query": "{ viewer'],
    ['a number', '5'],
    ['null', 'null'],
    ['a list of requests', JSON.stringify([{ query: VIEWER }])],
    ['a query that is a number', '{"query": 5}'],
    ['variables that are a list', JSON.stringify({ query: VIEWER, variables: [1] })],
    ['no query', '{}'],
    ['an operation name that is a number', JSON.stringify({ query: VIEWER, operationName: 5 })],
    ['variables that are a text', JSON.stringify({ query: VIEWER, variables: 'x' })],
  ])('of %s is refused, with a reason', async (_what, body) => {
    const refusal = await (await someone()).post('/graphql', body);
    const { errors } = (await refusal.json()) as { errors: { message: string }[] };

    expect(refusal.status).toBe(400);
    expect(errors[0]?.message).toMatch(/\w{3}/);
  });

  test('of 2,000 brackets that are not closed, of any kind, is a refusal like any other', async () => {
    const many = (text: string) => text.repeat(2_000);
    const documents = [
      `{a(b:${many('[')}`,
      `{${many('a{')}`,
      `{a(b:${many('{a:')}`,
      `query($a:${many('[')}`,
      many('{'),
      `{a(b:${'['.repeat(1_400)}${']'.repeat(1_400)})}`,
      `query($a:${'['.repeat(1_400)}ID${']'.repeat(1_400)}){viewer{id}}`,
    ];
    const variables = `{"id":${'['.repeat(300_000)}${']'.repeat(300_000)}}`;
    const bodies = [
      ...documents.map((query) => JSON.stringify({ query })),
      `{"query":"query Q($id: ID!) { chat(id: $id) { id } }","variables":${variables}}`,
      `{"query":"{ __type(name: \\"Chat\\") { name } }","variables":${variables}}`,
      many('['),
    ];
    for (const body of bodies) {
      for (const who of [await someone(), stranger()]) {
        const answer = await who.post('/graphql', body);
        expect(answer.status, body.slice(0, 60)).toBeLessThan(500);
        expect(await answer.text()).not.toContain('INTERNAL');
      }
    }
  });
});

/** What is wrong with these is answered by GraphQL, and no matter of HTTP to those who take plain JSON. */
describe('a document', () => {
  const documents: [string, object][] = [
    ['empty', { query: '' }],
    ['is none', { query: '{{{' }],
    ['asks for an unknown field', { query: '{ weather }' }],
    ['has no such operation', { query: `query A ${VIEWER} query B ${VIEWER}`, operationName: 'C' }],
    [
      'has a variable of another type',
      { query: 'query Q($id: ID!) { chat(id: $id) { id } }', variables: { id: { a: 1 } } },
    ],
    ['lacks a variable', { query: 'query Q($id: ID!) { chat(id: $id) { id } }' }],
  ];

  test.each(documents)(
    'that %s is 200 in application/json and 400 in application/graphql-response+json',
    async (_, body) => {
      for (const [accept, status] of [
        ['application/json', 200],
        ['application/graphql-response+json', 400],
        ['text/event-stream', 400],
      ] as const) {
        const refusal = await (await someone()).post('/graphql', body, { accept });
        expect(refusal.status, accept).toBe(status);
        expect(await refusal.text()).toMatch(/"errors":.*"code":"\w+"/);
      }
    },
  );

  test('over 32 KiB is refused before it is parsed, and those of strangers over 4 KiB', async () => {
    const padded = (bytes: number) => JSON.stringify({ query: VIEWER.padEnd(bytes, ' ') });
    const ann = await someone();
    const kinds: [Awaited<ReturnType<typeof person>>, number, number, string][] = [
      [ann, 32 * 1024, 200, ''],
      [ann, 32 * 1024 + 1, 413, 'DOCUMENT_TOO_LARGE'],
      [stranger(), 4 * 1024, 200, ''],
      [stranger(), 4 * 1024 + 1, 401, 'UNAUTHENTICATED'],
      [stranger(), 630_000, 413, 'DOCUMENT_TOO_LARGE'],
    ];
    for (const [who, bytes, status, code] of kinds) {
      const answer = await who.post('/graphql', padded(bytes));
      expect(answer.status, `${who.name} ${bytes}`).toBe(status);
      expect(await answer.text()).toContain(code);
    }
  });
});

describe('without a session', () => {
  test('an address that has no requests left has no unknown tokens looked up, and a token that was valid before still works', async () => {
    const { SIGNED_OUT_REQUESTS } = env;
    const openWith = (requests: number) => {
      Object.assign(env, { SIGNED_OUT_REQUESTS: requests });
      openBudgets((limit) => makeAttemptLimiter(limit, null));
    };
    const program = await programOf(await person('ann'), { scopes: ['ACCOUNT'] });
    const ask = async (secret: string) =>
      (await new Program({ id: '', secret }).post('/graphql', { query: VIEWER })).status;
    expect(await ask(program.secret)).toBe(200);
    openWith(2);
    onTestFinished(() => openWith(SIGNED_OUT_REQUESTS));
    for (const status of [401, 401, 429]) expect(await ask(makeSecret())).toBe(status);
    const look = vi.spyOn(db.apiToken, 'findFirst');
    onTestFinished(() => look.mockRestore());
    for (let count = 0; count < 5; count += 1) expect(await ask(makeSecret())).toBe(429);
    expect(look).not.toHaveBeenCalled();
    expect(await ask(program.secret)).toBe(200);
  });

  test('an address may send so many requests a minute, and then gets the time to wait', async () => {
    const { SIGNED_OUT_REQUESTS } = env;
    const openWith = (requests: number) => {
      Object.assign(env, { SIGNED_OUT_REQUESTS: requests });
      openBudgets((limit) => makeAttemptLimiter(limit, null));
    };
    openWith(3);
    onTestFinished(() => openWith(SIGNED_OUT_REQUESTS));
    const ask = (who: Awaited<ReturnType<typeof person>>) => who.post('/graphql', { query: VIEWER });

    for (let count = 0; count < 3; count += 1) {
      const { status, headers } = await ask(stranger());
      expect([status, headers.get('ratelimit-policy')]).toEqual([200, '"address";q=3;w=60']);
      expect(headers.get('ratelimit')).toMatch(new RegExp(`^"address";r=${2 - count};t=\\d+$`));
    }
    const refusal = await ask(stranger());
    expect(refusal.status).toBe(429);
    expect(refusal.headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/);
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refusal.json()).toMatchObject({
      errors: [{ extensions: { code: 'TOO_MANY_REQUESTS', retryAfterSeconds: expect.any(Number) as number } }],
    });
    expect((await ask(await someone())).status).toBe(200);
  });

  test('questions about the schema that have to be worked out are limited more; those that tools ask are not', async () => {
    const ask = async (who: Awaited<ReturnType<typeof person>>, query: string) =>
      (await who.post('/graphql', { query })).status;
    const kept = '{ __schema { queryType { name } } }';
    expect(await ask(stranger(), kept)).toBe(200);
    // Each another one; hidden in a fragment and beside another field too.
    const disguises = [
      (name: string) => `{ ${name}: __schema { queryType { name } } }`,
      (name: string) => `{ ...${name} } fragment ${name} on Query { __type(name: "Chat") { name } }`,
      (name: string) => `{ ${name}: server { version } __schema { queryType { name } } }`,
    ];
    const statuses: number[] = [];
    for (let count = 0; count < 36; count += 1)
      statuses.push(await ask(stranger(), disguises[count % 3]?.(`a${count}`) ?? ''));
    expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(statuses.at(-1)).toBe(429);
    expect(await ask(stranger(), kept)).toBe(200);
    expect(await ask(stranger(), VIEWER)).toBe(200);
    expect(await ask(await someone(), '{ mine: __schema { queryType { name } } }')).toBe(200);
    const refusal = await stranger().post('/graphql', { query: disguises[0]?.('refused') });
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('a person', () => {
  test('has so many requests executed at once, then gets the time to wait, and delays no other person', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const held = vi.spyOn(db.agent, 'findMany').mockImplementation((() => gate.then(() => [])) as never);
    onTestFinished(() => held.mockRestore());
    const agents = { query: '{ agents { name } }' };
    await withSettings({ REQUESTS_PER_USER: 2 }, async () => {
      const unanswered = [ann.post('/graphql', agents), ann.post('/graphql', agents)];
      await expect.poll(() => held.mock.calls.length).toBe(2);
      const refusal = await ann.post('/graphql', { query: VIEWER });
      expect(refusal.status).toBe(429);
      expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refusal.json()).toMatchObject({
        errors: [{ extensions: { code: 'TOO_MANY_REQUESTS', retryAfterSeconds: 1 } }],
      });
      expect((await bob.post('/graphql', { query: VIEWER })).status).toBe(200);
      open();
      for (const answer of await Promise.all(unanswered)) expect(answer.status).toBe(200);

      // Open streams are none of these.
      const feeds = [ann.feeds(), ann.feeds(), ann.feeds()];
      for (const feed of feeds) await feed.next();
      expect((await ann.post('/graphql', { query: VIEWER })).status).toBe(200);
      for (const feed of feeds) await feed.return(undefined);
    });
  });
});

test('an IPv6 client is limited by its /64', () => {
  const network = (address: string) => networkOf(new Headers({ [CLIENT_ADDRESS_HEADER]: address }));
  expect(network('2001:db8:1:2::7')).toBe(network('2001:DB8:1:2:ffff:ffff:ffff:ffff'));
  expect(network('2001:db8:1:2::7')).not.toBe(network('2001:db8:1:3::7'));
  expect(network('::1')).toBe(network('::2'));
  expect(network('::ffff:10.0.0.7')).toBe('10.0.0.7');
  expect(network('::ffff:a00:7')).toBe('10.0.0.7');
  expect(network('::ffff:c0a8:101')).toBe('192.168.1.1');
  expect(network('10.0.0.7')).toBe('10.0.0.7');
});

describe('a query that asks for too much is refused', () => {
  test.each([
    ['too deep', `{ node(id: "x") { ... on Message ${'{ parent '.repeat(20)}{ id }${' }'.repeat(20)} } }`],
    [
      'too complex',
      '{ chats(first: 100) { nodes { messages(first: 100) { nodes { id content chat { id title } } } } } }',
    ],
    ['too many aliases', `{ ${Array.from({ length: 40 }, (_, index) => `a${index}: viewer { id }`).join(' ')} }`],
    ['too many tokens', `{ viewer { ${'id '.repeat(5_000)} } }`],
  ])('%s', async (_what, query) => {
    const accept = 'application/graphql-response+json';
    const refusal = await (await someone()).post('/graphql', { query }, { accept });

    expect(refusal.status).toBe(400);
    expect(await refusal.json()).toMatchObject({ errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] });
  });

  test('without a session by the sign-in that it needs, so that a page whose session ended asks for one', async () => {
    for (const query of [`{ viewer { ${'id '.repeat(600)} } }`, `{ a${'(a: {b'.repeat(15)}`]) {
      const refusal = await stranger().post('/graphql', { query });
      expect(refusal.status).toBe(401);
      expect(await refusal.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    }
  });

  test('also where a negative page would pay for it', async () => {
    const much = 'chats(first: 100) { nodes { messages(first: 100) { nodes { id content chat { id title } } } } }';
    const query = `{ debt: chats(first: -1000000) { nodes { id } } ${much} }`;

    const refusal = await (await someone()).post('/graphql', { query });

    expect(await refusal.json()).toMatchObject({ errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] });
  });
});

test('an unforeseen error is masked, with an id to find it by', async () => {
  const ann = await someone();
  const query = '{ chats { nodes { id } } }';
  expect((await ann.post('/graphql', { query })).status).toBe(200);
  vi.spyOn(db.chat, 'findMany').mockRejectedValueOnce(new Error('secret: relation "chat" is on fire'));
  await ann.createsChat();

  const response = await ann.post('/graphql', { query });
  const body = await response.text();

  expect(response.status).toBe(500);
  expect(body).not.toMatch(/secret|fire|relation/);
  expect(JSON.parse(body)).toMatchObject({
    errors: [{ extensions: { code: 'INTERNAL', requestId: response.headers.get('x-request-id') } }],
  });
  expect((await ann.post('/graphql', { query })).status).toBe(200);
});

describe('GraphiQL', () => {
  test('is a page of our own: nothing in it comes from elsewhere', async () => {
    const page = await fetch(`${testServer().url}/graphql`, { headers: { accept: 'text/html' } });
    const html = await page.text();

    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(html).toContain('Confab GraphiQL');
    const references = [
      ...html.matchAll(/<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)\s*=\s*["']?([^"'\s>]+)/gi),
    ].map(([, to]) => to);
    expect(references.filter((to) => /^(https?:)?\/\//.test(to ?? ''))).toEqual([]);
    expect(html).not.toMatch(/\bimport\s*\(?\s*["']https?:/);
  });
});

describe('a POST to /graphql with our cookie', () => {
  const rename = { query: 'mutation { createChat(input: { title: "Forged" }) { __typename } }' };
  const refused = { errors: [{ extensions: { code: 'FOREIGN_ORIGIN' } }] };

  test('is for pages of this origin alone, and for programs, which send none', async () => {
    const ann = await person('ann');
    const { host } = new URL(testServer().url);
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://${host}.evil.example` },
      { origin: `http://127.0.0.1:1` },
      { origin: 'http://[' },
      { origin: `http://${host}`, 'sec-fetch-site': 'cross-site' },
      // Only a trusted proxy's header counts.
      { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
    ];
    for (const headers of foreign) {
      const refusal = await ann.post('/graphql', rename, headers);
      expect(refusal.status, JSON.stringify(headers)).toBe(403);
      expect(await refusal.json()).toMatchObject(refused);
    }
    expect(await db.chat.count({ where: { title: 'Forged' } })).toBe(0);

    for (const origin of [`http://${host}`, `https://${host}`]) {
      expect((await ann.post('/graphql', rename, { origin, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    }
    const program = { method: 'POST', headers: ann.headers, body: JSON.stringify(rename) };
    expect((await fetch(`${testServer().url}/graphql`, program)).status).toBe(200);
    // Without a cookie there is no session to misuse.
    const answer = await stranger().post('/graphql', { query: VIEWER }, { origin: 'https://elsewhere.example' });
    expect([answer.status, await answer.json()]).toEqual([200, { data: { viewer: null } }]);
  });

  test('may come through a proxy: to PUBLIC_URL, or as a trusted one says', async () => {
    const ann = await person('ann');
    const ask = async (headers: Record<string, string>) =>
      (await ann.post('/graphql', { query: VIEWER }, headers)).status;
    const proxied = { origin: 'https://chat.example', 'x-forwarded-host': 'chat.example' };

    expect(await ask(proxied)).toBe(403);
    await withSettings({ TRUST_PROXY: true }, async () => expect(await ask(proxied)).toBe(200));
    await withSettings({ PUBLIC_URL: 'https://chat.example' }, async () => {
      expect(await ask({ origin: 'https://chat.example' })).toBe(200);
      expect(await ask({ origin: 'http://chat.example' })).toBe(403);
    });
  });

  test('may come from the page of npm run dev, by Vite’s proxy', async () => {
    vi.stubEnv('PORT', new URL(testServer().url).port);
    const vite = await createViteServer({
      configFile: join(import.meta.dirname, '../../vite.config.ts'),
      logLevel: 'silent',
      server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
      optimizeDeps: { noDiscovery: true, include: [] },
    });
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await vite.close();
    });
    await vite.listen();
    const url = vite.resolvedUrls?.local[0]?.replace(/\/$/, '') ?? '';
    const ann = (await person('ann')).at(url);

    const answer = await ann.post('/graphql', { query: VIEWER }, { 'sec-fetch-site': 'same-origin' });
    expect([answer.status, await answer.json()]).toEqual([200, { data: { viewer: { name: 'ann' } } }]);
    const foreign = await ann.post('/graphql', { query: VIEWER }, { origin: 'https://evil.example' });
    expect(foreign.status).toBe(403);
    // better-auth compares as well.
    const renamed = await ann.post('/api/auth/update-user', { name: 'Ann' });
    expect(renamed.status).toBe(200);
  });
});

async function withSettings(settings: Partial<typeof env>, work: () => Promise<void>): Promise<void> {
  const before = Object.fromEntries(Object.keys(settings).map((name) => [name, env[name as keyof typeof env]]));
  Object.assign(env, settings);
  try {
    await work();
  } finally {
    Object.assign(env, before);
  }
}

describe('health', () => {
  test('says that the process lives', async () => {
    const answer = await stranger().get('/health');
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
  });

  test('and readiness that the database answers', async () => {
    const ready = await stranger().get('/ready');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);

    vi.spyOn(db, '$queryRaw').mockRejectedValueOnce(new Error('gone'));
    const unready = await stranger().get('/ready');
    expect(unready.status).toBe(503);
    expect(await unready.text()).not.toContain('gone');
    expect((await stranger().get('/ready')).status).toBe(200);
  });
});

describe('headers', () => {
  test('keep browsers from guessing, framing and telling others where we are', async () => {
    for (const path of ['/health', '/graphql', '/api/auth/get-session', '/nowhere']) {
      const { headers } = await stranger().get(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'x-frame-options': 'DENY',
      });
    }
  });

  test('keep answers of the API out of every cache, and scripts out of its pages', async () => {
    const ann = await person('ann');
    const answers = [
      await ann.post('/graphql', { query: VIEWER }),
      await ann.post('/graphql', '{'),
      await ann.post('/graphql', { query: VIEWER }, { origin: 'https://evil.example' }),
      await ann.get('/api/auth/get-session'),
      await ann.get('/api/auth/none'),
      await fetch(`${testServer().url}/graphql`, { headers: { accept: 'text/html' } }),
      await fetch(`${testServer().url}/api/auth/error?error=%3Cscript%3Ealert(1)%3C/script%3E`),
    ];
    for (const { url, headers } of answers) {
      expect(headers.get('cache-control'), url).toBe('no-store');
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy, url).toContain("default-src 'none'");
      expect(policy, url).not.toMatch(/script-src[^;]*'unsafe/);
    }
  });

  test('keep browsers to HTTPS where people use it', async () => {
    const header = async () => (await stranger().get('/health')).headers.get('strict-transport-security');
    expect(await header()).toBeNull();
    await withSettings({ PUBLIC_URL: 'http://chat.example' }, async () => expect(await header()).toBeNull());
    await withSettings({ PUBLIC_URL: 'https://chat.example' }, async () => {
      expect(await header()).toMatch(/^max-age=\d{8}/);
    });
  });

  test('say that a connection stays open for longer than any proxy keeps it', async () => {
    const answer = await stranger().get('/health');
    const kept = Number(/timeout=(\d+)/.exec(answer.headers.get('keep-alive') ?? '')?.[1]);
    const nginx = readFileSync(join(import.meta.dirname, '../../deploy/nginx/upstream.conf'), 'utf8');
    expect(kept).toBe(75);
    expect(Number(/keepalive_timeout (\d+)s;/.exec(nginx)?.[1])).toBeLessThan(kept);
    const server = createHttpServer(makeHttpHandler());
    expect(server.headersTimeout).toBeGreaterThan(server.keepAliveTimeout);
  });

  test('close a connection that takes nothing of its answer', async () => {
    const server = createHttpServer((_request, response) => void response.end(Buffer.alloc(64 * 2 ** 20)), 300);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const closed = new Promise<void>((resolve) => {
      server.on('connection', (socket) => socket.on('close', () => resolve()));
    });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.pause();
    await closed;
    socket.destroy();
    expect(createHttpServer(() => undefined).timeout).toBe(80_000);
  });

  test('name the request, each by an id of its own, whatever the client says', async () => {
    const ids = await Promise.all(
      ['/health', '/ready', '/graphql', '/api/auth/get-session'].map(async (path) => {
        const answer = await fetch(testServer().url + path, { headers: { 'x-request-id': 'mine' } });
        return answer.headers.get('x-request-id') ?? '';
      }),
    );

    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('let no proxy hold a stream back', async () => {
    const ann = await person('ann');
    testServer().model.next(says('Hello.'));
    const { run } = await ann.asks('hello');

    const stream = await ann.post(
      '/graphql',
      { query: `subscription { runEvents(runId: "${run.id}") { __typename } }` },
      { accept: 'text/event-stream', 'accept-encoding': 'gzip, br' },
    );

    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(stream.headers.get('x-accel-buffering')).toBe('no');
    expect(stream.headers.get('cache-control')).toBe('no-store, no-transform');
    expect(stream.headers.get('content-encoding')).toBeNull();
    expect(await stream.text()).toContain('MessageEnd');
  });
});

test.each([
  '/%',
  '/%E0%A4%A',
  '//',
  '/..%2f..%2fetc/passwd',
  '/api/auth/',
  '/api/auth/%',
  '/graphql/',
  '/graphql?query=%',
  '/assets/../../package.json',
])('the address %s is no fault of ours', async (path) => {
  const { status } = await rawGet(path);
  expect(status).toBeLessThan(500);
});

test.each([
  [{ host: 'user:password@127.0.0.1' }, 400],
  [{ host: 'user@127.0.0.1' }, 400],
  [{ host: '127.0.0.1/path' }, 400],
  [{ host: '127.0.0.1?query' }, 400],
  [{ host: '127.0.0.1#' }, 400],
  [{ host: 'a,b' }, 400],
  [{ host: '127.0.0.1:99999999' }, 400],
  [{ 'x-forwarded-proto': 'a b' }, 200],
  [{ 'x-forwarded-proto': 'javascript' }, 200],
  [{ 'x-forwarded-proto': 'https, http' }, 200],
  [{ 'x-forwarded-host': '???' }, 200],
])('headers that make no address are no fault of ours: %j', async (headers, expected) => {
  for (const path of ['/graphql?query={viewer{id}}', '/api/auth/get-session', '/health']) {
    const { status } = await roundTrip(path, 'GET', { 'x-graphql-yoga-csrf': '1', ...headers }, []);
    expect(status, path).toBe(expected);
  }
});

test.each(['variables=x', 'variables=[', 'extensions={', 'variables=5', 'operationName=%00'])(
  'a GET with %s is no fault of ours',
  async (parameter) => {
    const answer = await stranger().get(`/graphql?query={viewer{id}}&${parameter}`);
    expect(answer.status).toBeLessThan(500);
    expect(await answer.text()).not.toContain('INTERNAL');
  },
);

let everybody: ReturnType<typeof person> | undefined;

/** One account for those tests that need no more than a signed-in person. */
function someone() {
  return (everybody ??= person('someone'));
}

/** As it stands: `fetch` would tidy the address up. */
function rawGet(path: string): Promise<{ status: number; body: string }> {
  return roundTrip(path, 'GET', {}, []);
}

function sendInChunks(headers: Record<string, string>, body: string): Promise<{ status: number; body: string }> {
  return roundTrip('/graphql', 'POST', { ...headers, 'transfer-encoding': 'chunked' }, [
    body.slice(0, 5),
    body.slice(5),
  ]);
}

async function roundTrip(path: string, method: string, headers: Record<string, string>, pieces: string[]) {
  const { hostname, port } = new URL(testServer().url);
  const request = httpRequest({ hostname, port, path, method, headers });
  for (const piece of pieces) request.write(piece);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
    request.end();
  });
  return { status: response.statusCode ?? 0, body: await text(response) };
}
