import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { expect } from './confab.ts';

interface SoundOptions {
  /** What is looked at, for the message of a failure. */
  where?: string;
  /** Which findings of axe fail. */
  findings?: 'serious' | 'all';
}

/** No serious finding of axe, or none at all, and nothing wider than the screen. */
export async function expectSound(
  page: Page,
  { where = page.url(), findings = 'serious' }: SoundOptions = {},
): Promise<void> {
  // What fades in has other colours until then; what blinks as long as an answer grows has no end.
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState, effect }) => {
      return playState === 'finished' || effect?.getTiming().iterations === Infinity;
    }),
  );
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.filter(({ impact }) => findings === 'all' || impact === 'serious' || impact === 'critical');
  expect(
    found.map(({ id, nodes }) => ({ id, at: nodes.map(({ target }) => target.join(' ')) })),
    where,
  ).toEqual([]);
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(content, `${where}: width`).toBeLessThanOrEqual(screen ?? 0);
}
