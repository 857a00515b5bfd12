import { readFileSync } from 'node:fs';

import { expect, onTestFinished, test } from 'vitest';

import { iconDrawing, setPageTitle, setTabCount, setTabMark } from '../ui/tab-mark';

test('the icon with a mark is the usual one, and more', () => {
  expect(readFileSync('web/public/favicon.svg', 'utf8')).toContain(iconDrawing);
});

test('the title says how much waits for its reader, up to 99, and whether an answer is written', () => {
  onTestFinished(() => {
    setTabCount(0);
    setTabMark(null);
    setPageTitle('');
  });
  setPageTitle('Launch');
  const titleAt = (count: number) => {
    setTabCount(count);
    return document.title;
  };
  expect([0, 1, 99, 100, 5_000].map(titleAt)).toEqual([
    'Launch',
    '(1) Launch',
    '(99) Launch',
    '(99+) Launch',
    '(99+) Launch',
  ]);
  setTabMark('running');
  expect(titleAt(3)).toBe('(3) ● Launch');
});
