/** Hashes in earnest, which most tests do without (testing/quick-passwords.ts). */
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';

import { hashPassword as betterAuthHash, verifyPassword as betterAuthVerify } from 'better-auth/crypto';
import { expect, test, vi } from 'vitest';

vi.unmock('./passwords.ts');

import { useConfab } from '../testing/confab.ts';
import { Viewer } from '../testing/documents.ts';
import { Person, person } from '../testing/person.ts';
import { answeringClient } from './client.ts';
import { hashPassword, verifyPassword } from './passwords.ts';

useConfab();

test('hashing is bounded: of 100 sign-ins at once most are refused with a wait, and no other request is delayed', async () => {
  const ann = await person('ann');
  const order: string[] = [];
  const signIns = Array.from({ length: 100 }, async () => {
    const nobody = new Person('nobody', `${crypto.randomUUID()}@example.org`, 'not the password');
    const response = await nobody.post('/api/auth/sign-in/email', { email: nobody.email, password: nobody.password });
    order.push(String(response.status));
    return response;
  });
  await expect.poll(() => order.includes('429'), { timeout: 30_000 }).toBe(true);
  // Reads of files and answers need libuv's threads and this one.
  const bystander = Promise.all([readFile(import.meta.filename), ann.ask(Viewer, {})]);
  await bystander.then(() => order.push('bystander'));
  const responses = await Promise.all(signIns);

  const refused = responses.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(50);
  expect(responses.filter(({ status }) => status === 401).length).toBe(100 - refused.length);
  for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(order.indexOf('bystander')).toBeLessThan(order.lastIndexOf('401'));
});

test('a hash whose client has hung up is skipped', async () => {
  const gone = { destroyed: true } as ServerResponse;
  await expect(answeringClient(gone, () => hashPassword('x'))).rejects.toThrow('closed the connection');
});

test('better-auth knows our hashes, and we those that it made before', async () => {
  const password = 'pa\u0308ssword \ufb01';
  const [theirs, ours] = await Promise.all([betterAuthHash(password), hashPassword(password)]);
  expect(await verifyPassword({ hash: theirs, password })).toBe(true);
  expect(await betterAuthVerify({ hash: ours, password })).toBe(true);
  expect(await verifyPassword({ hash: theirs, password: 'another' })).toBe(false);
  expect(await verifyPassword({ hash: 'no hash', password })).toBe(false);
});
