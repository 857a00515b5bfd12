import { says } from '../../api/testing/model-server.ts';
import { ask, expect, send, test, thread } from './confab.ts';

test('GraphiQL reads the same chat, and follows a run', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  confab.model.next(says('An answer for two readers.'));
  await page.goto('/chat');
  await send(page, 'A question for two readers');
  await expect(thread(page)).toContainText('An answer for two readers.');
  const { chats } = await ask<{ chats: { nodes: { messages: { nodes: { run: { id: string } | null }[] } }[] } }>(
    page,
    confab.url,
    '{ chats { nodes { messages { nodes { run { id } } } } } }',
  );
  const runId = chats.nodes[0]?.messages.nodes[1]?.run?.id;

  const run = page.getByRole('button', { name: /Execute query/ });
  await page.goto(
    `/graphql?query=${encodeURIComponent('{ chats(first: 5) { nodes { title messages { nodes { content } } } } }')}`,
  );
  await run.click();
  await expect(page.locator('.graphiql-response')).toContainText('An answer for two readers.');

  await page.goto(
    `/graphql?query=${encodeURIComponent(`subscription { runEvents(runId: "${runId}") { __typename ... on ContentDelta { text } ... on MessageEnd { run { status } } } }`)}`,
  );
  await run.click();
  await expect(page.locator('.graphiql-response')).toContainText('COMPLETED');
});

test('GraphiQL shows the schema to somebody who is not signed in, under a policy that allows its own scripts alone', async ({
  page,
  confab,
}) => {
  const response = await page.goto(`${confab.url}/graphql`);
  expect(response?.headers()['content-security-policy']).toMatch(/script-src 'sha256-/);
  await page.getByRole('button', { name: /Documentation Explorer/ }).click();
  await page.getByRole('link', { name: 'Query', exact: true }).click();
  await expect(page.getByRole('link', { name: 'viewer', exact: true })).toBeVisible();
});

test('GraphiQL opens with examples in tabs', async ({ page, confab, ann }) => {
  await page.goto(`${confab.url}/graphql`);
  for (const name of ['History', 'Send', 'Stream', 'Room'])
    await expect(page.getByRole('tab').getByRole('button', { name, exact: true })).toBeVisible();
  await page.getByRole('button', { name: /Execute query/ }).click();
  await expect(page.locator('.graphiql-response')).toContainText(ann.name);
});
