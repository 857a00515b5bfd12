import { expect, test, vi } from 'vitest';

// Before the settings are read, which they are once.
vi.hoisted(() => {
  process.env['SIGN_UP'] = 'closed';
});

import { db } from '../database/db.ts';
import { useConfab } from '../testing/confab.ts';
import { Viewer } from '../testing/documents.ts';
import { person, stranger } from '../testing/person.ts';

useConfab();

test('a closed server lets the first person in, and no other', async () => {
  expect(await server()).toEqual({ signUp: 'CLOSED', needsFirstAccount: true });

  const first = await person('first');
  expect(await first.ask(Viewer, {})).toMatchObject({ viewer: { role: 'ADMIN' } });
  expect(await server()).toEqual({ signUp: 'CLOSED', needsFirstAccount: false });

  const refusal = await stranger().post('/api/auth/sign-up/email', {
    name: 'second',
    email: 'second@example.org',
    password: 'long enough',
  });
  expect(refusal.status).toBe(403);
  const said = await refusal.json();
  expect(said).toMatchObject({ code: 'SIGN_UP_CLOSED' });

  // The same to whatever else is sent, so that it does not reveal who has an account; and nothing is looked up for it.
  const lookUps = vi.spyOn(db.user, 'findFirst');
  for (const input of [
    { name: 'first', email: first.email, password: 'long enough' },
    { name: 'first', email: first.email.toUpperCase(), password: 'short' },
    { name: '', email: 'no address', password: 'short' },
    {},
  ]) {
    const answer = await stranger().post('/api/auth/sign-up/email', input);
    expect(answer.status).toBe(403);
    expect(await answer.json()).toEqual(said);
  }
  expect(lookUps).not.toHaveBeenCalled();
  lookUps.mockRestore();

  // Nor does any other address of the accounts, to a signed-out client.
  for (const path of ['sign-in/email', 'request-password-reset', 'send-verification-email', 'change-email']) {
    const [known, unknown] = await Promise.all(
      [first.email, 'nobody@example.org'].map(async (email) => {
        const answer = await stranger().post(`/api/auth/${path}`, { email, newEmail: email, password: 'not it, no' });
        return [answer.status, await answer.text()];
      }),
    );
    expect(known, path).toEqual(unknown);
  }
  expect(await db.user.count()).toBe(1);
});

test('of many who come to an empty closed server at once, one is let in', async () => {
  await db.user.deleteMany();
  // As if all of them had been asked before the first one was there.
  vi.spyOn(db.user, 'count').mockResolvedValue(0);

  const responses = await Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      stranger().post('/api/auth/sign-up/email', {
        name: `p${index}`,
        email: `p${index}@example.org`,
        password: 'long enough',
      }),
    ),
  );

  expect(responses.filter(({ ok }) => ok)).toHaveLength(1);
  for (const { status } of responses) expect(status).toBeLessThan(500);
  expect(await db.user.findMany({ select: { role: true } })).toEqual([{ role: 'ADMIN' }]);
  expect(await db.session.count()).toBe(1);
});

async function server(): Promise<unknown> {
  const response = await stranger().post('/graphql', { query: '{ server { signUp needsFirstAccount } }' });
  return ((await response.json()) as { data: { server: unknown } }).data.server;
}
