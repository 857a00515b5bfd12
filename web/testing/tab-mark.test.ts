import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { iconDrawing } from '../ui/tab-mark';

test('the icon with a mark is the usual one, and more', () => {
  expect(readFileSync('web/public/favicon.svg', 'utf8')).toContain(iconDrawing);
});
