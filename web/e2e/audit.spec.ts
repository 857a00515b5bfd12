import { readFile } from 'node:fs/promises';

import type { Page } from '@playwright/test';

import { ask, expect, test } from './confab.ts';
import { expectSound } from './sound.ts';

interface SampleChange {
  commit: number;
  seq: number;
  at: string;
  actor: object;
  requestId: string | null;
  table: string;
  operation: string;
  rowId: string;
  isErased: boolean;
  fields: { name: string; isMasked: boolean; before: string | null; after: string | null }[];
}

const field = (name: string, before: string | null, after: string | null, isMasked = false) => ({
  __typename: 'ChangedField',
  name,
  isMasked,
  before,
  after,
});

const mask = (length: number) => JSON.stringify({ length, hash: '5d41402abc4b2a76b9719d911017c592' });

const ada = {
  __typename: 'ChangeActor',
  kind: 'USER',
  subject: 'Person_01234567-89ab-7def-8123-456789abcdef',
  person: { __typename: 'Person', name: 'Ada Admin', handle: 'ada.admin' },
  agent: null,
};
const purge = { __typename: 'ChangeActor', kind: 'SERVER', subject: 'purge', person: null, agent: null };

function sample(commit: number): SampleChange & { __typename: string } {
  const isUpdate = commit % 3 === 0;
  const isDelete = commit % 7 === 0 && !isUpdate;
  return {
    __typename: 'Change',
    commit,
    seq: commit * 10,
    at: new Date(Date.UTC(2026, 10, 29, 10, 0, commit)).toISOString(),
    actor: isDelete ? purge : ada,
    requestId: isDelete ? null : `0198-${commit}`,
    table: isUpdate ? 'chat' : isDelete ? 'reaction' : 'message',
    operation: isUpdate ? 'UPDATE' : isDelete ? 'DELETE' : 'INSERT',
    rowId: `01234567-89ab-7def-8123-${String(commit).padStart(12, '0')}`,
    isErased: false,
    fields: isUpdate
      ? [field('revision', '3', '4'), field('title', mask(12), mask(31), true)]
      : isDelete
        ? [field('emoji', '"🎉"', null), field('id', '"01234567"', null)]
        : [
            field('author_id', null, '"01234567-89ab-7def-8123-456789abcdef"'),
            field('content', null, mask(120), true),
            field('edited_content', null, 'null', true),
            field('role', null, '"USER"'),
          ],
  };
}

interface Paging {
  first?: number;
  after?: string | null;
  last?: number;
  before?: string | null;
}

/** The server's part by a sample log, in which the newest transaction can grow. */
async function withLog(page: Page) {
  const log = { newest: 120, fails: false, filters: [] as Record<string, unknown>[], basesWanted: 0 };
  const pageOf = (variables: Record<string, unknown>) => {
    const { first, after, last, before } = variables as Paging;
    const filter = (variables['filter'] ?? {}) as { tables?: string[]; operations?: string[] };
    log.filters.push(filter);
    const all = Array.from({ length: log.newest }, (_, index) => sample(index + 1)).filter(
      ({ table, operation }) =>
        (filter.tables?.includes(table) ?? true) && (filter.operations?.includes(operation) ?? true),
    );
    const inside = all.filter(({ commit }) => commit > Number(after ?? 0) && commit < Number(before ?? Infinity));
    const nodes = last ? inside.slice(-last) : inside.slice(0, first);
    return {
      __typename: 'ChangeConnection',
      edges: nodes.map((node) => ({ __typename: 'ChangeEdge', cursor: String(node.commit), node })),
      pageInfo: {
        __typename: 'PageInfo',
        hasNextPage: !last && nodes.length < inside.length,
        hasPreviousPage: !!last && nodes.length < inside.length,
        startCursor: String(nodes[0]?.commit ?? ''),
        endCursor: String(nodes.at(-1)?.commit ?? after ?? log.newest),
      },
    };
  };
  const changelog = () => ({
    __typename: 'Changelog',
    isOn: true,
    problem: null,
    commit: log.newest,
    tables: ['chat', 'message', 'reaction'],
    lagCommits: 2,
    lagSeconds: 0.4,
    bytes: 12_345_678,
    baseAt: '2026-11-20T10:00:00.000Z',
    baseWantedAt: log.basesWanted > 0 ? '2026-11-29T10:00:00.000Z' : null,
    verifiedAt: null,
    verifyProblem: null,
  });
  await page.route('**/graphql', async (route) => {
    const { operationName, variables } = (route.request().postDataJSON() ?? {}) as {
      operationName?: string;
      variables?: Record<string, unknown>;
    };
    if (operationName === 'ShownChanges') {
      if (log.fails) return route.abort();
      return route.fulfill({ json: { data: { changes: pageOf(variables ?? {}) } } });
    }
    if (operationName === 'ChangelogState') return route.fulfill({ json: { data: { changelog: changelog() } } });
    if (operationName === 'WriteChangelogBase') {
      log.basesWanted += 1;
      const payload = { __typename: 'WriteChangelogBasePayload', changelog: changelog() };
      return route.fulfill({ json: { data: { writeChangelogBase: payload } } });
    }
    return route.continue();
  });
  return log;
}

const rows = (page: Page) => page.getByRole('list', { name: 'Changes' }).getByRole('listitem');

test('the log of the server itself is shown, or that there is none yet', async ({ page, admin }) => {
  expect(admin.name).toBe('Ada Admin');
  await page.goto('/admin/agents');
  await page.getByRole('link', { name: 'Audit' }).click();
  await expect(page.getByRole('heading', { name: 'Audit' })).toBeVisible();
  await expect(page.getByText('Last transaction')).toBeVisible();
  await expect(rows(page).first().or(page.getByText('No changes'))).toBeVisible();
});

test('the newest changes stand above, new ones appear by themselves, and wait while it is paused', async ({
  page,
  admin,
}) => {
  expect(admin.name).toBe('Ada Admin');
  const log = await withLog(page);
  await page.goto('/admin/audit');
  await expect(rows(page)).toHaveCount(50);
  await expect(rows(page).first()).toContainText('120');
  log.newest = 122;
  await expect(rows(page).first()).toContainText('122');

  await page.getByRole('button', { name: 'Pause' }).click();
  log.newest = 124;
  const asked = log.filters.length;
  await page.getByRole('button', { name: 'Show older' }).press('Enter');
  await expect(rows(page)).toHaveCount(102);
  expect(log.filters.length).toBe(asked + 1);
  await expect(rows(page).first()).toContainText('122');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(rows(page).first()).toContainText('124');
  await page.getByRole('button', { name: 'Show older' }).press('Enter');
  await expect(rows(page)).toHaveCount(124);
  await expect(page.getByRole('button', { name: 'Show older' })).toBeHidden();
});

test('the filter is in the address, also after a reload, and a change leads to its like', async ({ page, admin }) => {
  expect(admin.name).toBe('Ada Admin');
  const log = await withLog(page);
  await page.goto('/admin/audit');
  await page.getByLabel('Table').selectOption('chat');
  await expect(rows(page)).toHaveCount(40);
  await expect(page).toHaveURL(/[?&]table=chat/);
  await page.reload();
  await expect(rows(page)).toHaveCount(40);
  await expect(page.getByLabel('Table')).toHaveValue('chat');
  await page.getByRole('button', { name: 'Clear filter' }).click();
  await expect(rows(page)).toHaveCount(50);

  await page.getByLabel('Operation').selectOption('Delete');
  await rows(page).first().click();
  const panel = page.getByRole('complementary', { name: 'Change' });
  await expect(panel).toContainText('Server: purge');
  await page.getByRole('button', { name: 'Clear filter' }).click();
  await rows(page).filter({ hasText: 'Insert' }).first().click();
  await panel.getByRole('button', { name: 'Only by them' }).click();
  await expect(page).toHaveURL(/actor=Person_01234567/);
  await expect(page.getByLabel('Person or agent (id)')).toHaveValue(/^Person_/);
  await expect.poll(() => log.filters.at(-1)).toEqual({ actorId: ada.subject });

  await page.goto('/admin/audit?operation=DELETE&table=chat');
  await expect(page.getByText('Nothing matches this filter.')).toBeVisible();
});

test('a change is shown before and after, by keys too, and words are a mask', async ({ page, admin }) => {
  expect(admin.name).toBe('Ada Admin');
  await withLog(page);
  await page.goto('/admin/audit?table=chat');
  await expect(rows(page)).toHaveCount(40);
  await page.getByRole('button', { name: 'Pause' }).click();
  await rows(page).first().getByRole('button').focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary', { name: 'Change' });
  await expect(panel.getByRole('heading')).toHaveText('Transaction 120');
  const comparison = panel.getByRole('region', { name: 'Before and after' });
  await expect(comparison).toContainText('removed: revision: 3');
  await expect(comparison).toContainText('added: revision: 4');
  await expect(comparison).toContainText('title: 31 characters · 5d41402abc4b');
  await page.keyboard.press('ArrowDown');
  await expect(panel.getByRole('heading')).toHaveText('Transaction 117');
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(page).toHaveURL(/admin\/audit/);
});

test('the filtered list is saved as lines of JSON, the oldest first', async ({ page, admin }) => {
  expect(admin.name).toBe('Ada Admin');
  await withLog(page);
  await page.goto('/admin/audit?table=message');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export as JSON lines' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^changes-.*\.jsonl$/);
  const text = await readFile(await download.path(), 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as SampleChange);
  expect(lines.map(({ commit }) => commit)).toEqual(
    Array.from({ length: 120 }, (_, index) => sample(index + 1))
      .filter(({ table }) => table === 'message')
      .map(({ commit }) => commit),
  );
  expect(text).not.toContain('__typename');
  await expect(page.getByText(/^\d+ changes were exported\.$/)).toBeVisible();
});

test('a base is asked for once, after a warning, and a failure can be tried again', async ({ page, admin }) => {
  expect(admin.name).toBe('Ada Admin');
  const log = await withLog(page);
  log.fails = true;
  await page.goto('/admin/audit');
  const alert = page.getByRole('alert');
  await expect(alert).toBeVisible();
  log.fails = false;
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(rows(page)).toHaveCount(50);

  await page.getByRole('button', { name: 'Write a base' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Write a base' }).click();
  await expect(page.getByRole('button', { name: 'Write a base' })).toBeDisabled();
  expect(log.basesWanted).toBe(1);
});

test('the page does not exist for a person who is not an administrator', async ({ page, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/admin/audit');
  await expect(page.getByRole('heading', { name: 'Audit' })).toBeHidden();
  await expect(page.getByRole('link', { name: 'Audit' })).toBeHidden();
});

const looks = [
  { viewport: { width: 1440, height: 900 }, locale: 'EN', theme: 'DARK' },
  { viewport: { width: 1440, height: 900 }, locale: 'RU', theme: 'LIGHT' },
  { viewport: { width: 390, height: 844 }, locale: 'EN', theme: 'LIGHT' },
  { viewport: { width: 390, height: 844 }, locale: 'RU', theme: 'DARK' },
];

for (const { viewport, locale, theme } of looks) {
  test(`nothing is too wide or unreadable, ${viewport.width} wide, ${locale}`, async ({
    page,
    confab,
    admin,
  }, testInfo) => {
    expect(admin.name).toBe('Ada Admin');
    await page.setViewportSize(viewport);
    const set = 'mutation ($input: UpdatePreferencesInput!) { updatePreferences(input: $input) { __typename } }';
    await ask(page, confab.url, set, { input: { locale, theme } });
    await withLog(page);
    await page.goto('/admin/audit?table=chat');
    const list = page.getByRole('list').filter({ has: page.getByRole('button', { name: /chat/ }) });
    await list.getByRole('listitem').first().waitFor();
    await expectSound(page);
    await testInfo.attach('list.png', { body: await page.screenshot(), contentType: 'image/png' });
    await list.getByRole('listitem').first().getByRole('button').click();
    await page.getByText('revision: 4').waitFor();
    await expectSound(page);
    await testInfo.attach('panel.png', { body: await page.screenshot(), contentType: 'image/png' });
    await ask(page, confab.url, set, { input: { locale: 'EN', theme: 'SYSTEM' } });
  });
}
