import { ask, expect, send, test, thread } from './confab.ts';

test('what one chooses in the palette stays chosen while an answer is written', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  for (const title of ['Breakfast', 'Lunch']) {
    await ask(page, confab.url, 'mutation ($title: String!) { createChat(input: { title: $title }) { __typename } }', {
      title,
    });
  }
  await page.goto('/chat');
  const held = confab.model.hold();
  await send(page, 'Dinner');
  await held.arrived;
  held.begin().write('Soup, ');
  await expect(thread(page)).toContainText('Soup,');

  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox');
  await field.fill('n');
  await expect(page.getByRole('option', { name: 'Lunch' })).toBeVisible();
  const options = await page.getByRole('option').allTextContents();
  const place = options.findIndex((words) => words.startsWith('Lunch'));
  expect(place).toBeGreaterThan(0);
  for (let step = 0; step < place; step += 1) await field.press('ArrowDown');
  await expect(page.getByRole('option', { name: 'Lunch', selected: true })).toBeVisible();
  held.write('bread and salad.');
  // The dialog hides the thread from whoever asks by role.
  await expect(page.getByText('Soup, bread and salad.')).toBeVisible();
  await expect(page.getByRole('option', { name: 'Lunch', selected: true })).toBeVisible();
  await field.press('Enter');
  await expect(page.getByRole('heading', { name: 'Lunch' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  held.end();
});
