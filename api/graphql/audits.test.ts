/** The audits of GraphQL over HTTP: https://github.com/graphql/graphql-over-http, by graphql-http. */
import { serverAudits } from 'graphql-http';
import { expect, test } from 'vitest';

import { testServer, useConfab } from '../testing/confab.ts';
import { person } from '../testing/person.ts';
import { programOf } from '../testing/tokens.ts';

useConfab();

type AuditFetch = (url: string, init?: RequestInit) => Promise<Response>;

/** The names of the audits that do not pass, with the reasons. */
async function failedAudits(fetchFn: AuditFetch): Promise<string[]> {
  const audits = serverAudits({ url: () => `${testServer().url}/graphql`, fetchFn });
  expect(audits).toHaveLength(61);
  const failed: string[] = [];
  for (const audit of audits) {
    const result = await audit.fn();
    if (result.status !== 'ok') failed.push(`${result.status}: ${audit.id} ${audit.name}: ${result.reason}`);
  }
  return failed;
}

// A query by GET needs the header: see the README.
const csrf = { 'x-graphql-yoga-csrf': '1' };

test('all pass signed out', async () => {
  const asStranger: AuditFetch = (url, init = {}) =>
    fetch(url, { ...init, headers: { ...(init.headers as Record<string, string>), ...csrf } });
  expect(await failedAudits(asStranger)).toEqual([]);
});

test('all pass signed in', async () => {
  const { cookie = '' } = (await person('ann')).headers;
  const asAnn: AuditFetch = (url, init = {}) =>
    fetch(url, { ...init, headers: { ...(init.headers as Record<string, string>), ...csrf, cookie } });
  expect(await failedAudits(asAnn)).toEqual([]);
});

test('all pass with a token, which needs no other header', async () => {
  const { authorization = '' } = (await programOf(await person('bob'), { scopes: ['READ_CHATS'] })).headers;
  const asProgram: AuditFetch = (url, init = {}) =>
    fetch(url, { ...init, headers: { ...(init.headers as Record<string, string>), authorization } });
  expect(await failedAudits(asProgram)).toEqual([]);
});
