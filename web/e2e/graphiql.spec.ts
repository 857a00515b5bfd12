import { says } from '../../api/testing/model-server.ts';
import { ask, expect, send, test, thread } from './confab.ts';

test('GraphiQL reads the same chat, and shows the words of a run as they come', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  confab.model.next(says('An answer for two readers.'));
  await page.goto('/chat');
  await send(page, 'A question for two readers');
  await expect(thread(page)).toContainText('An answer for two readers.');
  const run = page.getByRole('button', { name: /Execute query/ });
  await page.goto(
    `/graphql?query=${encodeURIComponent('{ chats(first: 5) { nodes { title messages { nodes { content } } } } }')}`,
  );
  await run.click();
  await expect(page.locator('.graphiql-response')).toContainText('An answer for two readers.');

  // A run that goes on: its words are shown as they come.
  const { chats } = await ask<{ chats: { nodes: { id: string }[] } }>(page, confab.url, '{ chats { nodes { id } } }');
  const held = confab.model.hold();
  const { sendMessage } = await ask<{ sendMessage: { runs: { id: string }[] } }>(
    page,
    confab.url,
    'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { ... on SendMessagePayload { runs { id } } } }',
    { input: { chatId: chats.nodes[0]?.id, content: 'And slowly?', clientId: crypto.randomUUID() } },
  );
  await held.arrived;
  await page.goto(
    `/graphql?query=${encodeURIComponent(`subscription { runEvents(runId: "${sendMessage.runs[0]?.id}") { __typename ... on ContentDelta { text } ... on MessageEnd { run { status } } } }`)}`,
  );
  await run.click();
  held.begin().write('The first words, ');
  await expect(page.locator('.graphiql-response')).toContainText('The first words, ');
  await expect(page.locator('.graphiql-response')).not.toContainText('COMPLETED');
  held.write('and the last.').end();
  await expect(page.locator('.graphiql-response')).toContainText('COMPLETED');
});

test('GraphiQL shows the schema to a person who is not signed in, under a policy that allows its own scripts alone', async ({
  page,
  confab,
}) => {
  const response = await page.goto(`${confab.url}/graphql`);
  expect(response?.headers()['content-security-policy']).toMatch(/script-src 'sha256-/);
  await page.getByRole('button', { name: /Documentation Explorer/ }).click();
  await page.getByRole('link', { name: 'Query', exact: true }).click();
  await expect(page.getByRole('link', { name: 'viewer', exact: true })).toBeVisible();
});

test('GraphiQL opens with examples in tabs, the first of which says how to sign in', async ({ page, confab, ann }) => {
  await page.goto(`${confab.url}/graphql`);
  for (const name of ['History', 'Send', 'Stream', 'Room'])
    await expect(page.getByRole('tab').getByRole('button', { name, exact: true })).toBeVisible();
  const editor = page.locator('.graphiql-query-editor');
  await expect(editor).toContainText('Sign in to Confab in this browser');
  await expect(editor).toContainText('{"Authorization": "Bearer confab_…"}');
  await page.getByRole('button', { name: /Execute query/ }).click();
  await expect(page.locator('.graphiql-response')).toContainText(ann.name);
});
