import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, describe, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { SettingError } from '../env.ts';
import { bus } from '../bus/bus.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { schema } from '../graphql/schema.ts';
import { useConfab } from '../testing/confab.ts';
import { ListChats, Viewer } from '../testing/documents.ts';
import { Person, person, stranger } from '../testing/person.ts';
import { madeUpThings, mutationDocument, mutationNames, soundArguments, soundInput } from '../testing/samples.ts';
import { authSecret } from './secret.ts';

const UpdatePreferences = graphql(`
  mutation UpdatePreferences($input: UpdatePreferencesInput!) {
    updatePreferences(input: $input) {
      __typename
      ... on UpdatePreferencesPayload {
        user {
          locale
          theme
        }
      }
    }
  }
`);

useConfab();

describe('the first account', () => {
  beforeEach(async () => {
    await db.user.deleteMany();
  });

  test('is the administrator, the second is not', async () => {
    expect(await roleOf(await person('first'))).toBe('ADMIN');
    expect(await roleOf(await person('second'))).toBe('USER');
  });

  test('is one, also where many sign up at once', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, (_, index) => person(`p${index}`)));
    const roles = await Promise.all(people.map(roleOf));

    expect(roles.filter((role) => role === 'ADMIN')).toHaveLength(1);
    expect(roles.filter((role) => role === 'USER')).toHaveLength(7);
  });

  test('cannot be made an administrator by asking for it', async () => {
    await person('first');
    const eve = new Person('eve', 'eve@example.org', 'a password');

    await eve.post('/api/auth/sign-up/email', {
      name: 'eve',
      email: eve.email,
      password: eve.password,
      role: 'ADMIN',
      maxChats: 9_999,
    });
    await signIn(eve);
    await eve.post('/api/auth/update-user', { role: 'ADMIN', maxChats: 9_999 });

    expect((await eve.ask(Viewer, {})).viewer).toMatchObject({ role: 'USER', maxChats: 100 });
  });
});

describe('signing', () => {
  test('up, out and in again', async () => {
    const ann = await person('ann');
    expect(await ann.ask(Viewer, {})).toMatchObject({ viewer: { name: 'ann', email: ann.email } });

    const cookie = ann.headers['cookie'] ?? '';
    expect((await ann.post('/api/auth/sign-out', {})).status).toBe(200);
    expect(await ann.ask(Viewer, {})).toEqual({ viewer: null });
    // A copy of the cookie is not valid either.
    expect(await viewerWith(cookie)).toEqual({ viewer: null });

    expect((await signIn(ann)).status).toBe(200);
    expect(await ann.ask(Viewer, {})).toMatchObject({ viewer: { name: 'ann' } });
  });

  test('up needs a valid address that is not taken', async () => {
    const ann = await person('ann');
    const signUp = (email: string) =>
      stranger().post('/api/auth/sign-up/email', { name: 'x', email, password: 'long enough' });

    for (const email of ['', 'x', 'x@', '@x.org', ann.email, ann.email.toUpperCase()]) {
      expect((await signUp(email)).status).toBeGreaterThanOrEqual(400);
      expect((await signUp(email)).status).toBeLessThan(500);
    }
    expect((await signUp('another@example.org')).status).toBe(200);
  });

  test('up with one address at once makes one account', async () => {
    const email = `twin-${crypto.randomUUID()}@example.org`;
    const responses = await Promise.all(
      Array.from({ length: 5 }, () =>
        stranger().post('/api/auth/sign-up/email', { name: 'twin', email, password: 'long enough' }),
      ),
    );

    expect(responses.filter(({ ok }) => ok)).toHaveLength(1);
    for (const { status } of responses) expect(status).toBeLessThan(500);
    expect(await db.user.count({ where: { email } })).toBe(1);
  });

  test.each([
    [7, false],
    [8, true],
    [128, true],
    [129, false],
  ])('up with a password of %i characters: %s', async (length, isTaken) => {
    const email = `p${crypto.randomUUID()}@example.org`;
    const password = 'p'.repeat(length);
    const response = await stranger().post('/api/auth/sign-up/email', { name: 'p', email, password });

    expect(response.status).toBe(isTaken ? 200 : 400);
    expect(await db.user.count({ where: { email } })).toBe(isTaken ? 1 : 0);
    expect((await signIn(new Person('p', email, password))).ok).toBe(isTaken);
  });

  test('in with a wrong password and with an unknown address look the same', async () => {
    const ann = await person('ann');
    const wrong = await signIn(ann, 'not the password');
    const unknown = await signIn(new Person('nobody', 'nobody@example.org', 'not the password'));

    expect(wrong.status).toBe(401);
    expect(unknown.status).toBe(wrong.status);
    expect(await unknown.json()).toEqual(await wrong.json());
  });
});

describe('an account', () => {
  test('can be given another name', async () => {
    const ann = await person('ann');
    expect((await ann.post('/api/auth/update-user', { name: 'Ann B.' })).status).toBe(200);
    expect(await ann.ask(Viewer, {})).toMatchObject({ viewer: { name: 'Ann B.' } });
  });

  test('can be given another password by those who know the old one, and its other sessions end, asked for or not', async () => {
    const ann = await person('ann');
    const elsewhere = await secondDevice(ann);
    const stream = await openFeed(elsewhere);
    const change = (currentPassword: string) =>
      ann.post('/api/auth/change-password', {
        currentPassword,
        newPassword: 'a wholly new one',
        revokeOtherSessions: false,
      });

    expect((await change('not the password')).status).toBe(400);
    expect(await elsewhere.ask(Viewer, {})).toMatchObject({ viewer: { name: 'ann' } });

    expect((await change(ann.password)).status).toBe(200);
    expect(await ann.ask(Viewer, {})).toMatchObject({ viewer: { name: 'ann' } });
    expect(await elsewhere.ask(Viewer, {})).toEqual({ viewer: null });
    expect(await stream.end).toContain('UNAUTHENTICATED');
    expect((await signIn(ann)).status).toBe(401);
    expect((await signIn(ann, 'a wholly new one')).status).toBe(200);
  });

  test('has one session for a browser: signing in again ends the old one and its streams', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const elsewhere = await secondDevice(ann);
    const first = ann.headers['cookie'] ?? '';
    const stream = await openFeed(ann);
    // A wrong password ends nothing.
    expect((await signIn(ann, 'not the password')).status).toBe(401);
    expect(await viewerWith(first)).not.toEqual({ viewer: null });

    expect((await signIn(ann)).status).toBe(200);
    expect(await viewerWith(first)).toEqual({ viewer: null });
    expect(await stream.end).toContain('UNAUTHENTICATED');
    expect(await elsewhere.ask(Viewer, {})).toMatchObject({ viewer: { name: 'ann' } });

    // The same where another person signs in, or up, in this browser.
    const second = ann.headers['cookie'] ?? '';
    await ann.post('/api/auth/sign-in/email', { email: bob.email, password: bob.password });
    expect(await viewerWith(second)).toEqual({ viewer: null });
    const third = ann.headers['cookie'] ?? '';
    const email = `new-${crypto.randomUUID()}@example.org`;
    await ann.post('/api/auth/sign-up/email', { name: 'new', email, password: 'long enough' });
    expect(await viewerWith(third)).toEqual({ viewer: null });
    expect(await bob.ask(Viewer, {})).toMatchObject({ viewer: { name: 'bob' } });
  });

  test('lists its sessions, and a revoked one is signed out at once', async () => {
    const ann = await person('ann');
    const elsewhere = await secondDevice(ann);
    const bob = await person('bob');
    const sessions = (await (await ann.get('/api/auth/list-sessions')).json()) as { token: string }[];
    const mine = (await (await ann.get('/api/auth/get-session')).json()) as { session: { token: string } };
    const other = sessions.find(({ token }) => token !== mine.session.token);

    expect(sessions).toHaveLength(2);
    await bob.post('/api/auth/revoke-session', { token: other?.token });
    expect(await elsewhere.ask(Viewer, {})).toMatchObject({ viewer: { name: 'ann' } });

    expect((await ann.post('/api/auth/revoke-session', { token: other?.token })).status).toBe(200);
    expect(await elsewhere.ask(Viewer, {})).toEqual({ viewer: null });
    expect(await elsewhere.askFor(ListChats, {})).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(await ann.ask(Viewer, {})).toMatchObject({ viewer: { name: 'ann' } });
  });

  test('has the end of each of its sessions reported once, and of no session that did not exist', async () => {
    const ended: string[] = [];
    const stopListening = bus.listen('sessionEnded', (id) => ended.push(id));
    const ann = await person('ann');
    const [phone, tablet] = [await secondDevice(ann), await secondDevice(ann)];
    const idOf = async (device: Person) =>
      ((await (await device.get('/api/auth/get-session')).json()) as { session: { id: string; token: string } })
        .session;
    const [onPhone, onTablet] = [await idOf(phone), await idOf(tablet)];

    const kept = phone.headers['cookie'] ?? '';
    for (const path of ['sign-out', 'revoke-session', 'revoke-sessions', 'revoke-other-sessions', 'change-password']) {
      await stranger().post(`/api/auth/${path}`, { token: onPhone.token });
      await stranger().post(`/api/auth/${path}`, {}, { cookie: 'confab.session_token=made.up' });
    }
    await ann.post('/api/auth/change-password', { currentPassword: 'not it', newPassword: 'long enough' });
    expect(ended).toEqual([]);

    await phone.post('/api/auth/sign-out', {});
    await stranger().post('/api/auth/sign-out', {}, { cookie: kept });
    expect(ended).toEqual([onPhone.id]);
    await ann.post('/api/auth/revoke-other-sessions', {});
    expect(ended).toEqual([onPhone.id, onTablet.id]);
    stopListening();
  });

  test('keeps its preferences, on all devices', async () => {
    const ann = await person('ann');
    const elsewhere = await secondDevice(ann);
    const set = async (
      input: Parameters<
        typeof ann.ask<unknown, { input: { locale?: 'EN' | 'RU' | null; theme?: 'DARK' | 'LIGHT' | null } }>
      >[1]['input'],
    ) => (await ann.ask(UpdatePreferences, { input })).updatePreferences;

    expect(await ann.ask(Viewer, {})).toMatchObject({ viewer: { locale: null, theme: 'SYSTEM' } });
    expect(await set({ locale: 'RU' })).toMatchObject({ user: { locale: 'RU', theme: 'SYSTEM' } });
    expect(await set({ theme: 'DARK' })).toMatchObject({ user: { locale: 'RU', theme: 'DARK' } });
    expect(await elsewhere.ask(Viewer, {})).toMatchObject({ viewer: { locale: 'RU', theme: 'DARK' } });
    expect(await set({ locale: null, theme: null })).toMatchObject({ user: { locale: null, theme: 'DARK' } });
    expect(await set({})).toMatchObject({ user: { locale: null, theme: 'DARK' } });
  });

  test('is seen by no other person', async () => {
    const [first, ann] = [await person('first'), await person('ann')];
    const { viewer } = await ann.ask(Viewer, {});
    const query = '{ node(id: "ID") { ... on User { email } } }'.replace('ID', viewer?.id ?? '');

    expect(await (await ann.post('/graphql', { query })).json()).toEqual({ data: { node: { email: ann.email } } });
    expect(await (await first.post('/graphql', { query })).json()).toEqual({ data: { node: null } });
  });
});

describe('guessing a password', () => {
  test('is stopped after five tries, also the right one; others may sign in', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    for (let attempts = 0; attempts < 5; attempts += 1) expect((await signIn(ann, 'a guess')).status).toBe(401);

    for (const password of ['a guess', ann.password]) {
      const refusal = await signIn(ann, password);
      const { retryAfterSeconds } = (await refusal.json()) as { retryAfterSeconds: number };
      expect(refusal.status).toBe(429);
      expect(retryAfterSeconds).toBeGreaterThan(0);
      expect(retryAfterSeconds).toBeLessThanOrEqual(60);
      expect(refusal.headers.get('retry-after')).toBe(String(retryAfterSeconds));
    }
    expect((await signIn(bob)).status).toBe(200);
    // Present sessions stay valid.
    expect(await ann.ask(Viewer, {})).toMatchObject({ viewer: { name: 'ann' } });
  });

  test('is not made easier by another spelling of the address, nor by a claimed one of the network', async () => {
    const ann = await person('ann');
    const spellings = [ann.email, ann.email.toUpperCase()];
    for (let attempts = 0; attempts < 5; attempts += 1) {
      await stranger().post('/api/auth/sign-in/email', { email: spellings[attempts % 2], password: 'a guess' });
    }

    const claimed = {
      'x-forwarded-for': '192.0.2.7',
      'x-real-ip': '192.0.2.7',
      'x-confab-client-address': '192.0.2.7',
    };
    const refusal = await stranger().post(
      '/api/auth/sign-in/email',
      { email: ann.email, password: ann.password },
      claimed,
    );
    expect(refusal.status).toBe(429);
  });

  test('starts at zero after a success', async () => {
    const ann = await person('ann');
    for (let round = 0; round < 3; round += 1) {
      for (let attempts = 0; attempts < 4; attempts += 1) expect((await signIn(ann, 'a guess')).status).toBe(401);
      expect((await signIn(ann)).status).toBe(200);
    }
  });
});

describe('asking for the password of an account that is signed in', () => {
  const paths = [
    ['verify-password', (password: string) => ({ password })],
    ['change-password', (currentPassword: string) => ({ currentPassword, newPassword: 'a wholly new one' })],
  ] as const;

  test.each(paths)('is limited as signing in is: %s', async (path, body) => {
    const ann = await person('ann');
    const elsewhere = await secondDevice(ann);
    const ask = (someone: Person, password: string) => someone.post(`/api/auth/${path}`, body(password));
    // Refused for other reasons than a wrong password: that is no guess.
    expect((await ann.post('/api/auth/change-password', { currentPassword: 'x', newPassword: 'short' })).status).toBe(
      400,
    );
    for (let attempts = 0; attempts < 5; attempts += 1) expect((await ask(ann, 'a guess')).status).toBe(400);
    const refusal = await ask(ann, ann.password);
    expect(refusal.status).toBe(429);
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
    // A stolen session cannot be used to lock the owner out.
    expect((await ask(elsewhere, ann.password)).status).toBe(200);
  });
});

describe('signed out', () => {
  const forAll = new Set(['Query.viewer', 'Query.server', 'Query.invitation']);
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const fields = roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {}).map((field) => ({ place: `${root?.name}.${field.name}`, field })),
  );

  test('a signed-out request reads server settings and no person', async () => {
    const query = '{ viewer { id } server { version signUp needsFirstAccount hasModelKey } }';
    expect(await (await stranger().post('/graphql', { query })).json()).toEqual({
      data: {
        viewer: null,
        server: {
          version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
          signUp: 'OPEN',
          needsFirstAccount: false,
          hasModelKey: true,
        },
      },
    });
  });

  test.each(fields.filter(({ place }) => !forAll.has(place)))('$place is refused', async ({ place, field }) => {
    const [root = '', name = ''] = place.split('.');
    const body = mutationNames().includes(name)
      ? { query: mutationDocument(name), variables: { input: soundInput(name, madeUpThings) } }
      : {
          query: `${root.toLowerCase()} Try${declared(field.args)} { ${name}${given(field.args)} { __typename } }`,
          variables: soundArguments(field.args, name, madeUpThings),
        };
    const refusal = await stranger().post('/graphql', body);

    expect(refusal.status).toBe(401);
    expect(await refusal.json()).toMatchObject({
      errors: [{ message: 'Sign in first.', extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });
});

describe('the secret that signs cookies', () => {
  test('is what the setting says', () => {
    expect(authSecret({ AUTH_SECRET: 's'.repeat(32), DATABASE_URL: undefined, DATA_DIR: '/nowhere' })).toBe(
      's'.repeat(32),
    );
  });

  test('is made once beside the embedded data, kept, and readable by its owner alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'confab-secret-'));
    try {
      const settings = { AUTH_SECRET: undefined, DATABASE_URL: undefined, DATA_DIR: folder };
      const secret = authSecret(settings);
      expect(secret.length).toBeGreaterThanOrEqual(32);
      expect(authSecret(settings)).toBe(secret);
      expect(existsSync(join(folder, 'auth-secret'))).toBe(true);
      expect(statSync(join(folder, 'auth-secret')).mode & 0o077).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('must be given with a database server, which other nodes may share', () => {
    const settings = { AUTH_SECRET: undefined, DATABASE_URL: 'postgres://localhost/confab', DATA_DIR: '/nowhere' };
    expect(() => authSecret(settings)).toThrow(SettingError);
    expect(() => authSecret(settings)).toThrow(/AUTH_SECRET/);
  });
});

async function roleOf(someone: Person): Promise<string | undefined> {
  return (await someone.ask(Viewer, {})).viewer?.role;
}

function signIn(someone: Person, password = someone.password): Promise<Response> {
  return someone.post('/api/auth/sign-in/email', { email: someone.email, password });
}

async function secondDevice({ name, email, password }: Person): Promise<Person> {
  const device = new Person(name, email, password);
  const response = await signIn(device);
  if (!response.ok) throw new Error(await response.text());
  return device;
}

/** Resolves when the feed is open, to a promise of what it ends with. */
async function openFeed(someone: Person): Promise<{ end: Promise<string> }> {
  const feed = someone.feeds();
  await feed.next();
  return { end: Array.fromAsync(feed).then(String, String) };
}

async function viewerWith(cookie: string): Promise<unknown> {
  const response = await stranger().post('/graphql', { query: '{ viewer { id } }' }, { cookie });
  return ((await response.json()) as { data: unknown }).data;
}

function declared(args: readonly { name: string; type: unknown }[]): string {
  return args.length > 0 ? `(${args.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ')})` : '';
}

function given(args: readonly { name: string }[]): string {
  return args.length > 0 ? `(${args.map(({ name }) => `${name}: $${name}`).join(', ')})` : '';
}
