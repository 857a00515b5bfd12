import { type IncomingMessage, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { db } from './db.ts';
import { LARGEST_BODY } from './http.ts';
import { testServer, useConfab } from './testing/confab.ts';
import { says } from './testing/model-server.ts';
import { person, stranger } from './testing/person.ts';

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
    ['no query', '{}'],
    ['a query that is a number', '{"query": 5}'],
    ['an empty query', '{"query": ""}'],
    ['a query that is none', '{"query": "{{{"}'],
    ['an unknown field', '{"query": "{ weather }"}'],
    ['an unknown operation', JSON.stringify({ query: `query A ${VIEWER} query B ${VIEWER}`, operationName: 'C' })],
    ['variables that are a list', JSON.stringify({ query: VIEWER, variables: [1] })],
    ['variables that are a text', JSON.stringify({ query: VIEWER, variables: 'x' })],
    [
      'a variable of another type',
      JSON.stringify({ query: 'query Q($id: ID!) { chat(id: $id) { id } }', variables: { id: { a: 1 } } }),
    ],
    ['a missing variable', '{"query": "query Q($id: ID!) { chat(id: $id) { id } }"}'],
  ])('of %s is refused, with a reason', async (_what, body) => {
    const refusal = await (await someone()).post('/graphql', body);
    const { errors } = (await refusal.json()) as { errors: { message: string }[] };

    expect(refusal.status).toBe(400);
    expect(errors[0]?.message).toMatch(/\w{3}/);
  });
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
    const refusal = await (await someone()).post('/graphql', { query });
    const { errors } = (await refusal.json()) as { errors: { message: string }[] };

    expect(refusal.status).toBe(400);
    expect(errors[0]?.message).toMatch(/limit|too much|exceed/i);
  });

  test('also where a negative page would pay for it', async () => {
    const much = 'chats(first: 100) { nodes { messages(first: 100) { nodes { id content chat { id title } } } } }';
    const query = `{ debt: chats(first: -1000000) { nodes { id } } ${much} }`;

    const refusal = await (await someone()).post('/graphql', { query });

    expect(await refusal.json()).toMatchObject({ errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] });
  });
});

test('what nobody foresaw is masked, with an id to find it by', async () => {
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
    expect(stream.headers.get('cache-control')).toBe('no-cache, no-transform');
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

let everybody: ReturnType<typeof person> | undefined;

/** One account for those tests that need no more than somebody who is signed in. */
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
