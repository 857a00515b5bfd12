import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { expect } from './confab.ts';

/** No serious finding of axe, and nothing wider than the screen. */
export async function expectSound(page: Page): Promise<void> {
  // What fades in has other colours until then; what blinks as long as an answer grows has no end.
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState, effect }) => {
      return playState === 'finished' || effect?.getTiming().iterations === Infinity;
    }),
  );
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => ({ id, at: nodes.map(({ target }) => target.join(' ')) }))).toEqual([]);
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(content).toBeLessThanOrEqual(screen ?? 0);
}
