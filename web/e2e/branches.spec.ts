import type { Page } from '@playwright/test';

import { says, stopsAt } from '../../api/testing/model-server.ts';
import { ask, expect, post, send, test, thread } from './confab.ts';

test.beforeEach(({ ann }) => expect(ann.name).toBe('Ann Lee'));

async function asks(page: Page, question: string, answer: string): Promise<void> {
  await send(page, question);
  await expect(thread(page).getByText(answer, { exact: true })).toBeVisible();
  await expect(thread(page)).toHaveAttribute('aria-busy', 'false');
}

const version = (page: Page, name: string) => thread(page).getByRole('group', { name, exact: true });

test('editing a question and sending it again keeps the old branch whole', async ({ page, confab }) => {
  for (let number = 1; number <= 4; number += 1) confab.model.next(says(`Answer ${number}.`));
  await page.goto('/chat');
  for (let number = 1; number <= 4; number += 1) await asks(page, `Question ${number}`, `Answer ${number}.`);

  // The third of seven things said: the answers after it belong to its old wording.
  confab.model.next(says('Another answer.'));
  await thread(page).getByText('Question 2', { exact: true }).hover();
  await thread(page).getByRole('button', { name: 'Edit message' }).nth(1).click();
  await page.getByRole('textbox', { name: 'Edited message' }).fill('Question 2, better put');
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Edited message' })).toHaveValue('Question 2, better put');
  await page.getByRole('textbox', { name: 'Edited message' }).press('Enter');
  await expect(thread(page).getByText('Another answer.', { exact: true })).toBeVisible();
  await expect(thread(page).getByRole('article')).toHaveCount(4);
  await expect(thread(page)).not.toContainText('Answer 2.');
  await expect(version(page, 'Version 2 of 2')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeFocused();

  await version(page, 'Version 2 of 2').getByRole('button', { name: 'Previous version' }).click();
  await expect(thread(page).getByRole('article')).toHaveCount(8);
  for (let number = 1; number <= 4; number += 1) {
    await expect(thread(page).getByText(`Question ${number}`, { exact: true })).toHaveCount(1);
    await expect(thread(page).getByText(`Answer ${number}.`, { exact: true })).toHaveCount(1);
  }

  // The focus is where it was, on the button of the other version; so the same key goes on.
  await expect(version(page, 'Version 1 of 2').getByRole('button', { name: 'Previous version' })).toBeFocused();
  await page.keyboard.press('Alt+ArrowRight');
  await expect(thread(page)).toContainText('Another answer.');
  await expect(thread(page)).not.toContainText('Answer 4.');
  await page.reload();
  await expect(thread(page)).toContainText('Another answer.');
  await version(page, 'Version 2 of 2').getByRole('button', { name: 'Previous version' }).focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(thread(page)).toContainText('Answer 4.');
  await expect(page).toHaveURL(/Chat_/);
});

test('a page that never loaded the other branch follows there, and asks there', async ({ page, confab, context }) => {
  confab.model.next(says('First.'), says('Second.'), says('Of the first.'));
  await page.goto('/chat');
  await asks(page, 'A question', 'First.');
  await thread(page).getByRole('button', { name: 'Answer again' }).last().click();
  await page.getByRole('menuitem', { name: 'Answer again' }).click();
  await expect(thread(page).getByText('Second.', { exact: true })).toBeVisible();
  await expect(thread(page)).toHaveAttribute('aria-busy', 'false');

  const other = await context.newPage();
  await other.goto(page.url());
  await expect(version(other, 'Version 2 of 2')).toBeVisible();
  await expect(other.getByText('connected', { exact: true })).toBeVisible();
  await version(page, 'Version 2 of 2').getByRole('button', { name: 'Previous version' }).click();
  await expect(version(other, 'Version 1 of 2')).toBeVisible();
  await expect(thread(other).getByText('First.', { exact: true })).toBeVisible();
  await asks(other, 'And further', 'Of the first.');
  await expect(thread(page).getByText('Of the first.', { exact: true })).toBeVisible();
  await expect(thread(page)).not.toContainText('Second.');
  await other.close();
});

test('the place is kept while one goes through the versions', async ({ page, confab }) => {
  const long = Array.from({ length: 30 }, (_, index) => `Line ${index}.`).join('\n\n');
  confab.model.next(says(long), says('First.'), says('Second.'), says(`${long}\n\nThe end.`));
  await page.goto('/chat');
  await asks(page, 'Something long', 'Line 29.');
  await asks(page, 'Something short', 'First.');
  await thread(page).getByRole('button', { name: 'Answer again' }).last().click();
  await page.getByRole('menuitem', { name: 'Answer again' }).click();
  await expect(thread(page).getByText('Second.', { exact: true })).toBeVisible();
  await asks(page, 'And long again', 'The end.');

  const question = thread(page).getByText('Something short', { exact: true });
  await question.scrollIntoViewIfNeeded();
  await page.mouse.move(700, 400);
  await page.mouse.wheel(0, -120);
  const at = async () => Math.round((await question.boundingBox())?.y ?? 0);
  await expect(version(page, 'Version 2 of 2')).toBeInViewport();
  const before = await at();
  await version(page, 'Version 2 of 2').getByRole('button', { name: 'Previous version' }).click();
  await expect(thread(page).getByText('First.', { exact: true })).toBeVisible();
  await version(page, 'Version 1 of 2').getByRole('button', { name: 'Next version' }).click();
  await expect(thread(page).getByText('Second.', { exact: true })).toBeVisible();
  // Where the other branch is too short to fill the screen, its end comes down; nothing ever jumps to the other end.
  await expect(question).toBeInViewport();
  expect(Math.abs((await at()) - before)).toBeLessThan(500);
});

test('an answer that is written on another branch than the one shown can be stopped', async ({ page, confab }) => {
  confab.model.next(says('First.'));
  await page.goto('/chat');
  await asks(page, 'A question', 'First.');
  const held = confab.model.hold();
  await thread(page).getByRole('button', { name: 'Answer again' }).click();
  await page.getByRole('menuitem', { name: 'Answer again' }).click();
  await held.arrived;
  held.begin().write('Second, ');
  await expect(thread(page)).toContainText('Second,');
  await version(page, 'Version 2 of 2').getByRole('button', { name: 'Previous version' }).click();
  await expect(thread(page).getByText('First.', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();

  // After a reload the page has it too.
  await page.reload();
  await expect(thread(page).getByText('First.', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await held.gone;
  await expect(page.getByRole('button', { name: 'Stop' })).toHaveCount(0);
  await asks(page, 'Go on with the first', 'Well said.');
});

test('another agent can answer the same question, though not the echo beside a model', async ({
  page,
  confab,
  browser,
}) => {
  const office = await browser.newPage();
  await post(office.request, confab.url, '/api/auth/sign-in/email', confab.admin);
  await ask(
    office,
    confab.url,
    'mutation { createAgent(input: { handle: "second", name: "Second", provider: ANTHROPIC }) { __typename } }',
  );
  await office.close();
  confab.model.next(says('Says Claude.'), says('Says Second.'));
  await page.goto('/chat');
  await asks(page, 'Who are you?', 'Says Claude.');
  await page.getByRole('button', { name: /^Agent: / }).click();
  await expect(page.getByRole('menuitemradio', { name: 'Default agent: Claude' })).toBeVisible();
  await expect(page.getByRole('menuitemradio', { name: /Second/ })).toBeVisible();
  await expect(page.getByRole('menuitemradio', { name: /Echo/ })).toHaveCount(0);
  await expect(page.getByRole('menu')).not.toContainText('_API_KEY');
  await page.keyboard.press('Escape');
  await thread(page).getByRole('button', { name: 'Answer again' }).click();
  await expect(page.getByRole('menuitem', { name: /Let Second answer/ })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: /Echo/ })).toHaveCount(0);
  await page.getByRole('menuitem', { name: /Let Second answer/ }).click();
  await expect(thread(page).getByRole('article', { name: 'Second' })).toContainText('Says Second.');
  await expect(version(page, 'Version 2 of 2')).toBeVisible();
  await expect(thread(page)).toHaveAttribute('aria-busy', 'false');
  // Where one writes, the keys go from word to word.
  await page.getByRole('textbox', { name: 'Message', exact: true }).focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(version(page, 'Version 2 of 2')).toBeVisible();
  await version(page, 'Version 2 of 2').getByRole('button', { name: 'Next version' }).focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(thread(page).getByText('Says Claude.', { exact: true })).toBeVisible();
});

test('an answer that was cut goes on below, as one answer', async ({ page, confab }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  confab.model.next(stopsAt('max_tokens', 'The first ha'), says('lf and the second.'));
  await page.goto('/chat');
  await send(page, 'A novel, please.');
  await expect(thread(page)).toContainText('Cut at the length limit');
  await thread(page).getByRole('button', { name: 'Continue' }).click();
  await expect(thread(page).getByText('The first half and the second.', { exact: true })).toBeVisible();
  await expect(thread(page)).not.toContainText('Cut at the length limit');
  await expect(thread(page).getByText('Claude', { exact: true })).toHaveCount(1);
  await thread(page).getByRole('button', { name: 'Copy answer' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('The first half and the second.');
  await page.reload();
  await expect(thread(page).getByText('The first half and the second.', { exact: true })).toBeVisible();
  expect(await ask(page, confab.url, '{ viewer { name } }')).toEqual({ viewer: { name: 'Ann Lee' } });
});
