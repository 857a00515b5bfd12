import { describe, expect, onTestFinished, test } from 'vitest';

import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { rowId } from '../ids.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { says as answers } from '../testing/model-server.ts';
import { type Person, person } from '../testing/person.ts';
import { asks } from '../testing/plain-requests.ts';
import { type Program, programOf, revoke, type TokenInput } from '../testing/tokens.ts';
import { isSecret, makeSecret } from './secret.ts';

useConfab();

const DAY_MS = 86_400_000;
const WHO = '{ viewer { name } }';

const every = ['READ_CHATS', 'WRITE_CHATS', 'RUN_AGENTS', 'ACCOUNT'] as const;

const Create = `mutation Make($input: CreateApiTokenInput!) {
  createApiToken(input: $input) {
    __typename
    ... on CreateApiTokenPayload { secret token { id name prefix scopes chatIds documentIds expiresAt lastUsedAt } }
    ... on Error { code }
    ... on InvalidInputError { issues { path code } }
  }
}`;

interface Made {
  __typename: string;
  code?: string;
  issues?: { path: string[]; code: string }[];
  secret: string;
  token: { id: string; prefix: string; expiresAt: string | null; [field: string]: unknown };
}

async function makes(owner: Person, input: Partial<TokenInput> & { name?: string }): Promise<Made> {
  const variables = { input: { name: 'A program', scopes: every, ...input } };
  return (await asks<{ createApiToken: Made }>(owner, Create, variables)).createApiToken;
}

interface Answer {
  status: number;
  code: string | undefined;
  data: unknown;
}

async function answerOf(response: Response): Promise<Answer> {
  const { data, errors } = (await response.json()) as {
    data?: unknown;
    errors?: { extensions?: { code?: string } }[];
  };
  return { status: response.status, code: errors?.[0]?.extensions?.code, data };
}

async function asksWith(program: Program, query = WHO): Promise<Answer> {
  return answerOf(await program.post('/graphql', { query }));
}

function withSetting(setting: Partial<typeof env>): void {
  const before = Object.fromEntries(Object.keys(setting).map((name) => [name, env[name as keyof typeof env]]));
  Object.assign(env, setting);
  onTestFinished(() => void Object.assign(env, before));
}

describe('a secret', () => {
  test('has a checksum, so that what was mistyped is known without a database', () => {
    const secret = makeSecret();
    expect(secret).toMatch(/^confab_[0-9A-Za-z]{40}$/);
    expect(isSecret(secret)).toBe(true);
    expect(makeSecret()).not.toBe(secret);
    for (let place = 'confab_'.length; place < secret.length; place += 1) {
      const other = secret[place] === 'a' ? 'b' : 'a';
      expect(isSecret(secret.slice(0, place) + other + secret.slice(place + 1)), `${place}`).toBe(false);
    }
    expect(isSecret(`${secret}a`)).toBe(false);
  });

  test('is returned once, and stored as its hash alone', async () => {
    const ann = await person('ann');
    const { secret, token } = await makes(ann, {});
    expect(token).toMatchObject({ prefix: secret.slice(0, 11), chatIds: null, documentIds: null, lastUsedAt: null });
    expect(JSON.stringify(await db.apiToken.findMany())).not.toContain(secret);
    expect(JSON.stringify(await asks(ann, '{ apiTokens { id name prefix } }', {}))).not.toContain(secret);
  });
});

describe('a new token', () => {
  test('ends after 90 days, where nothing is said', async () => {
    const { token } = await makes(await person('ann'), {});
    const days = (new Date(token.expiresAt ?? 0).getTime() - Date.now()) / DAY_MS;
    expect(Math.round(days)).toBe(90);
  });

  test('ends within a year, and never only where the server allows it', async () => {
    const ann = await person('ann');
    const at = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
    const issueOf = async (expiresAt: string | null) => (await makes(ann, { expiresAt })).issues;
    expect(await issueOf(at(365))).toBeUndefined();
    expect(await issueOf(at(367))).toMatchObject([{ path: ['input', 'expiresAt'], code: 'TOO_LARGE' }]);
    expect(await issueOf(at(-1))).toMatchObject([{ code: 'TOO_SMALL' }]);
    expect(await issueOf(null)).toMatchObject([{ code: 'EMPTY' }]);
    withSetting({ TOKENS_MAY_NEVER_EXPIRE: true });
    expect((await makes(ann, { expiresAt: null })).token).toMatchObject({ expiresAt: null });
  });

  test('has a name, a scope at least, and only chats of its owner', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const { id: chat } = await bob.createsChat();
    expect((await makes(ann, { name: ' ' })).issues).toMatchObject([{ path: ['input', 'name'] }]);
    expect((await makes(ann, { scopes: [] })).issues).toMatchObject([{ path: ['input', 'scopes'], code: 'EMPTY' }]);
    expect((await makes(ann, { chatIds: [] })).issues).toMatchObject([{ path: ['input', 'chatIds'], code: 'EMPTY' }]);
    expect((await makes(ann, { documentIds: [] })).issues).toMatchObject([{ code: 'EMPTY' }]);
    expect((await makes(ann, { documentIds: ['x'] })).issues).toHaveLength(1);
    expect(await makes(ann, { chatIds: [chat] })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await makes(bob, { chatIds: [chat] })).toMatchObject({ token: { chatIds: [chat] } });
  });

  test('is one of a hundred at most, those that are revoked not counted', async () => {
    const ann = await person('ann');
    const { id: userId } = await db.user.findUniqueOrThrow({ where: { email: ann.email } });
    const program = await programOf(ann, { scopes: every });
    await db.apiToken.createMany({
      data: Array.from({ length: 99 }, () => ({ userId, name: '', prefix: '', secretHash: crypto.randomUUID() })),
    });
    expect(await makes(ann, {})).toMatchObject({ code: 'TOO_MANY_TOKENS' });
    await revoke(ann, program);
    expect(await makes(ann, {})).toMatchObject({ __typename: 'CreateApiTokenPayload' });
  });
});

describe('a request with a token', () => {
  test('is its owner’s', async () => {
    const ann = await person('ann');
    const program = await programOf(ann, { scopes: every });
    expect(await asksWith(program)).toMatchObject({ status: 200, data: { viewer: { name: 'ann' } } });
    testServer().model.next(answers('Hello.'));
    const { chat, events } = await program.asks('hello', (await program.createsChat()).id);
    expect(events.at(-1)?.__typename).toBe('MessageEnd');
    expect((await asks<{ chat: unknown }>(ann, 'query One($id: ID!) { chat(id: $id) { id } }', chat)).chat).toEqual({
      id: chat.id,
    });
  });

  test('ignores a cookie, and needs no header against forgers', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const program = await programOf(ann, { scopes: every });
    const { cookie = '' } = bob.headers;
    const ask = (authorization: string) =>
      fetch(`${testServer().url}/graphql?query=${encodeURIComponent(WHO)}`, { headers: { authorization, cookie } });
    expect(await answerOf(await ask(`Bearer ${program.secret}`))).toMatchObject({ data: { viewer: { name: 'ann' } } });
    expect(await answerOf(await ask(`Bearer ${makeSecret()}`))).toMatchObject({ status: 401, code: 'INVALID_TOKEN' });
    // A proxy’s own, which is no token of ours, changes nothing.
    expect((await ask('Basic YTpi')).status).toBe(403);
  });

  test('looks the same where it is unknown, malformed, expired, revoked or its owner disabled', async () => {
    const ann = await person('ann');
    const [expired, revoked, disabled] = [
      await programOf(ann, { scopes: every }),
      await programOf(ann, { scopes: every }),
      await programOf(await person('bob'), { scopes: every }),
    ];
    for (const program of [expired, revoked, disabled]) expect((await asksWith(program)).status).toBe(200);
    const where = { id: rowId('ApiToken', expired.tokenId) };
    await db.apiToken.update({ where, data: { expiresAt: new Date(Date.now() - 1) } });
    await revoke(ann, revoked);
    const administrator = await db.user.findFirstOrThrow({ where: { role: 'ADMIN' } });
    await disable(administrator.id, disabled);

    const bodies = new Set<string>();
    const secrets = [expired, revoked, disabled].map(({ secret }) => secret);
    for (const secret of [...secrets, makeSecret(), 'confab_', 'x'.repeat(5_000), '']) {
      const ask = () =>
        fetch(`${testServer().url}/graphql`, {
          method: 'POST',
          headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
          body: JSON.stringify({ query: WHO }),
        });
      // What is known of one that has expired past the API is known for two seconds.
      await expect.poll(async () => (await ask()).status).toBe(401);
      const response = await ask();
      expect(response.headers.get('www-authenticate')).toContain('invalid_token');
      bodies.add(await response.text());
    }
    expect(bodies.size).toBe(1);
  });

  test('is refused with the secret in the address', async () => {
    const { secret } = await programOf(await person('ann'), { scopes: every });
    const query = encodeURIComponent(WHO);
    for (const path of [
      `/graphql?query=${query}&token=${secret}`,
      `/graphql?access_token=x&query=${query}`,
      `/${secret}`,
      `/${secret.replace('_', '%5F')}`,
    ]) {
      const response = await fetch(testServer().url + path, { headers: { 'x-graphql-yoga-csrf': '1' } });
      expect(await answerOf(response)).toMatchObject({ status: 400, code: 'TOKEN_IN_ADDRESS' });
    }
  });

  test('notes when it came and from where, to the minute', async () => {
    const ann = await person('ann');
    const program = await programOf(ann, { scopes: every });
    await asksWith(program);
    const id = rowId('ApiToken', program.tokenId);
    await expect
      .poll(() => db.apiToken.findUniqueOrThrow({ where: { id } }))
      .toMatchObject({ lastUsedAddress: '127.0.0.1', lastUsedAt: expect.any(Date) as Date });
    const { lastUsedAt } = await db.apiToken.findUniqueOrThrow({ where: { id } });
    expect(lastUsedAt?.getUTCSeconds()).toBe(0);
    expect(Math.abs(Date.now() - (lastUsedAt?.getTime() ?? 0))).toBeLessThan(90_000);
  });
});

async function disable(administratorId: string, { secret }: Program): Promise<void> {
  const { disablePerson } = await import('../accounts/disable.ts');
  const { hashOfSecret } = await import('./secret.ts');
  const { userId } = await db.apiToken.findUniqueOrThrow({ where: { secretHash: hashOfSecret(secret) } });
  await disablePerson({ id: administratorId, role: 'ADMIN', credential: { kind: 'SESSION', id: '' } }, userId);
}

describe('tokens', () => {
  test('are their owner’s alone, in a browser alone', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const program = await programOf(ann, { scopes: every });
    const list = '{ apiTokens { id } }';
    const node = `{ node(id: "${program.tokenId}") { ... on ApiToken { name } } }`;
    expect(await asks(ann, list, {})).toEqual({ apiTokens: [{ id: program.tokenId }] });
    expect(await asks(ann, node, {})).toEqual({ node: { name: 'A program' } });
    expect(await asks(bob, list, {})).toEqual({ apiTokens: [] });
    expect(await asks(bob, node, {})).toEqual({ node: null });
    await expect(revoke(bob, program)).rejects.toThrow('NotFoundError');

    for (const query of [list, node]) expect(await asksWith(program, query)).toMatchObject({ code: 'FORBIDDEN_SCOPE' });
    expect(await asksWith(program, `{ node(id: "${program.tokenId}") { id } }`)).toMatchObject({
      data: { node: null },
    });
    await expect(programOf(program, { scopes: every })).rejects.toThrow('FORBIDDEN_SCOPE');
    await expect(revoke(program, program)).rejects.toThrow('FORBIDDEN_SCOPE');
    await revoke(ann, program);
    expect(await asks(ann, list, {})).toEqual({ apiTokens: [] });
  });
});

describe('open streams end', () => {
  /** Long before the rows are read again, which is every 15 s. */
  const SOON_MS = 12_000;

  async function streamsOf(program: Program) {
    const held = testServer().model.hold();
    const { run } = await program.sends('A long story, please.', (await program.createsChat()).id);
    const words = Array.fromAsync(program.follows(run.id)).then(String, String);
    await held.arrived;
    const feed = program.feeds();
    await feed.next();
    const ends = Promise.all([words, Array.fromAsync(feed).then(String, String)]);
    return { ends, release: () => held.begin().end() };
  }

  test(
    'with the token’s revocation',
    async () => {
      const ann = await person('ann');
      const program = await programOf(ann, { scopes: every });
      const { ends, release } = await streamsOf(program);
      await revoke(ann, program);
      for (const end of await ends) expect(end).toContain('INVALID_TOKEN');
      release();
    },
    SOON_MS,
  );

  test(
    'with its expiry',
    async () => {
      const ann = await person('ann');
      const expiresAt = new Date(Date.now() + 3_000).toISOString();
      const program = await programOf(ann, { scopes: every, expiresAt });
      const { ends, release } = await streamsOf(program);
      for (const end of await ends) expect(end).toContain('INVALID_TOKEN');
      release();
    },
    SOON_MS,
  );

  test(
    'with the disabling of its owner',
    async () => {
      const program = await programOf(await person('ann'), { scopes: every });
      const { ends, release } = await streamsOf(program);
      const administrator = await db.user.findFirstOrThrow({ where: { role: 'ADMIN' } });
      await disable(administrator.id, program);
      for (const end of await ends) expect(end).toContain('INVALID_TOKEN');
      release();
    },
    SOON_MS,
  );

  test(
    'where the token was revoked in the moment in which they opened',
    async () => {
      const program = await programOf(await person('ann'), { scopes: every });
      const feed = program.feeds();
      await feed.next();
      // Without a hint, as if it had come before the stream listened.
      await db.apiToken.update({ where: { id: rowId('ApiToken', program.tokenId) }, data: { revokedAt: new Date() } });
      expect(await Array.fromAsync(feed).then(String, String)).toContain('INVALID_TOKEN');
    },
    SOON_MS,
  );
});

describe('a page of another origin', () => {
  const ORIGIN = 'https://explorer.example.org';
  const allowed = (response: Response) => response.headers.get('access-control-allow-origin');
  const preflight = (headers: string, origin = ORIGIN) =>
    fetch(`${testServer().url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': headers },
    });

  test('asks nothing, where none is allowed', async () => {
    const program = await programOf(await person('ann'), { scopes: every });
    expect(allowed(await preflight('authorization,content-type'))).toBeNull();
    expect(allowed(await program.post('/graphql', { query: WHO }, { origin: ORIGIN }))).toBeNull();
  });

  test('that is allowed asks with a token, and never with a cookie', async () => {
    withSetting({ ALLOWED_ORIGINS: [ORIGIN] });
    const ann = await person('ann');
    const program = await programOf(ann, { scopes: every });
    const asked = await preflight('authorization,content-type');
    expect([asked.status, allowed(asked)]).toEqual([204, ORIGIN]);
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(asked.headers.get('access-control-allow-credentials')).toBeNull();
    expect(allowed(await preflight('content-type,x-graphql-yoga-csrf'))).toBeNull();
    expect(allowed(await preflight('authorization', 'https://other.example.org'))).toBeNull();

    const response = await program.post('/graphql', { query: WHO }, { origin: ORIGIN });
    expect(allowed(response)).toBe(ORIGIN);
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect(await answerOf(response)).toMatchObject({ data: { viewer: { name: 'ann' } } });
    // So that the page can say why.
    const refused = await program.post('/graphql', { query: WHO }, { origin: ORIGIN, authorization: 'Bearer x' });
    expect([refused.status, allowed(refused)]).toEqual([401, ORIGIN]);
    expect(allowed(await ann.post('/graphql', { query: WHO }, { origin: ORIGIN }))).toBeNull();
    expect(allowed(await program.post('/graphql', { query: WHO }, { origin: 'https://x.org' }))).toBeNull();
  });
});
