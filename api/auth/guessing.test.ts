/** Limits of sign-in and sign-up by address, account and device. A proxy in front names the address of each request. */
import { expect, test, vi } from 'vitest';

// Before the settings are read, which happens once.
vi.hoisted(() => {
  process.env['TRUST_PROXY'] = 'true';
  process.env['SIGN_IN_FAILURES_PER_ADDRESS'] = '';
  process.env['SIGN_UPS_PER_ADDRESS'] = '';
});

import { db } from '../database/db.ts';
import { useConfab } from '../testing/confab.ts';
import { Person, person, stranger } from '../testing/person.ts';

useConfab();

/** The documentation's networks (RFC 5737 and 3849), a new address each time. */
let used = 0;
const newAddress = () => `198.51.${100 + Math.floor(++used / 250)}.${used % 250}`;

/** A browser without cookies. */
function signInFrom(address: string, email: string, password = 'a wrong password'): Promise<Response> {
  return stranger().post('/api/auth/sign-in/email', { email, password }, { 'x-forwarded-for': address });
}

async function statuses(count: number, attempt: (index: number) => Promise<Response>): Promise<number[]> {
  const seen: number[] = [];
  for (let index = 0; index < count; index += 1) seen.push((await attempt(index)).status);
  return seen;
}

const nobody = () => `nobody-${crypto.randomUUID()}@example.org`;
const times = (count: number, status: number) => Array.from({ length: count }, () => status);

test('an address has 30 wrong passwords a minute, over all accounts, and a right one costs nothing', async () => {
  const address = newAddress();
  const ann = await person('ann');
  expect(await statuses(29, () => signInFrom(address, nobody()))).toEqual(times(29, 401));
  expect(await statuses(8, () => signInFrom(address, ann.email, ann.password))).toEqual(times(8, 200));
  expect(await statuses(3, () => signInFrom(address, nobody()))).toEqual([401, 429, 429]);
  const refusal = await signInFrom(address, ann.email, ann.password);
  expect(refusal.status).toBe(429);
  expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await signInFrom(newAddress(), ann.email, ann.password)).status).toBe(200);
});

test('what was no guess costs nothing', async () => {
  const address = newAddress();
  expect(await statuses(40, () => signInFrom(address, 'no address'))).toEqual(times(40, 400));
  expect((await signInFrom(address, nobody())).status).toBe(401);
});

test.for([
  ['an IPv6 network of 64 bits', (index: number) => `2001:db8:0:1:${index}::1`, '2001:db8:0:2::1'],
  ['IPv4 and the same in IPv6', (index: number) => (index % 2 ? '192.0.2.1' : '::ffff:192.0.2.1'), '192.0.2.2'],
] as const)('%s counts as one address', async ([, address, another]) => {
  expect(await statuses(31, (index) => signInFrom(address(index), nobody()))).toEqual([...times(30, 401), 429]);
  expect((await signInFrom(another, nobody())).status).toBe(401);
});

test('an address has 20 sign-ups in ten minutes; those that are refused as invalid cost nothing', async () => {
  const address = newAddress();
  const signUp = (email: string, from = address) =>
    stranger().post(
      '/api/auth/sign-up/email',
      { name: 'x', email, password: 'long enough' },
      { 'x-forwarded-for': from },
    );
  expect(await statuses(5, () => signUp('no address'))).toEqual(times(5, 400));
  expect(await statuses(21, () => signUp(nobody()))).toEqual([...times(20, 200), 429]);
  expect((await signUp(nobody(), newAddress())).status).toBe(200);
});

test('wrong passwords from everywhere do not lock out a browser that signed in before, whose own are still counted', async () => {
  const ann = await person('ann');
  await ann.post('/api/auth/sign-out', {});
  await lockForForeign(ann.email);
  expect((await signInFrom(newAddress(), ann.email, ann.password)).status).toBe(429);

  const signIn = (password: string) =>
    ann.post('/api/auth/sign-in/email', { email: ann.email, password }, { 'x-forwarded-for': newAddress() });
  expect((await signIn(ann.password)).status).toBe(200);
  expect(await statuses(5, () => signIn('a wrong password'))).toEqual(times(5, 401));
  expect((await signIn(ann.password)).status).toBe(429);
});

test('nor one at an address that is signed in to the account, where a wrong one looks as at any other', async () => {
  const [home, ann] = [newAddress(), await person('ann')];
  const phone = new Person('ann', ann.email, ann.password);
  const signIn = { email: ann.email, password: ann.password };
  expect((await phone.post('/api/auth/sign-in/email', signIn, { 'x-forwarded-for': home })).status).toBe(200);
  await lockForForeign(ann.email);
  const [atHome, elsewhere] = [await signInFrom(home, ann.email), await signInFrom(newAddress(), ann.email)];
  expect([atHome.status, elsewhere.status]).toEqual([429, 429]);
  const { retryAfterSeconds: _, message: __, ...told } = (await atHome.json()) as Record<string, unknown>;
  expect(await elsewhere.json()).toMatchObject(told);
  expect((await signInFrom(home, ann.email, ann.password)).status).toBe(200);
});

test('the cookie of one account does not help with another, nor does a forged one', async () => {
  const [ann, eve] = [await person('ann'), await person('eve')];
  await lockForForeign(ann.email);
  const forged = (eve.headers['cookie'] ?? '').replace(/confab\.device=[^;]*/, 'confab.device=a.b.c');
  expect(forged).toContain('confab.device=a.b.c');
  for (const cookie of [eve.headers['cookie'] ?? '', forged]) {
    const response = await stranger().post(
      '/api/auth/sign-in/email',
      { email: ann.email, password: ann.password },
      { cookie, 'x-forwarded-for': newAddress() },
    );
    expect(response.status).toBe(429);
  }
});

test('a browser keeps several accounts, and its cookie names none of them', async () => {
  const browser = stranger();
  const people = [];
  for (let index = 0; index < 3; index += 1) people.push(await person(`p${index}`));
  for (const { email, password } of people) await browser.post('/api/auth/sign-in/email', { email, password });
  for (const { email } of people) await lockForForeign(email);
  for (const { email, password } of people) {
    expect((await browser.post('/api/auth/sign-in/email', { email, password })).status).toBe(200);
    expect(decodeURIComponent(browser.headers['cookie'] ?? '')).not.toContain(email);
  }
});

test('a locked account looks the same whether there is one or not', async () => {
  const [there, none] = [(await person('ann')).email, nobody()];
  for (const email of [there, none]) await lockForForeign(email);
  const [first, second] = [await signInFrom(newAddress(), there), await signInFrom(newAddress(), none)];
  expect([first.status, second.status]).toEqual([429, 429]);
  expect(Object.keys((await first.json()) as object)).toEqual(Object.keys((await second.json()) as object));
  expect([...first.headers.keys()].sort()).toEqual([...second.headers.keys()].sort());
  expect(await db.user.count({ where: { email: none } })).toBe(0);
});

/** Fifty wrong passwords, each from another address. */
async function lockForForeign(email: string): Promise<void> {
  let last = 401;
  for (let wave = 0; wave < 10 && last === 401; wave += 1) {
    const responses = await Promise.all(Array.from({ length: 10 }, () => signInFrom(newAddress(), email)));
    last = responses.at(-1)?.status ?? 0;
  }
  expect(last).toBe(429);
}
