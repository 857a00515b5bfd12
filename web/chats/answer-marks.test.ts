import { expect, test } from 'vitest';

import { formatPercent } from '../i18n/format';
import { estimateTokens } from '../runs/live-numbers';
import { awaitedAfter, parseAwaited } from './answer-marks';

const chat = (id: string, isAnswering: boolean, deletedAt: string | null = null) => ({ id, isAnswering, deletedAt });
const elsewhere = { isNew: () => true, isOnScreen: () => false };

test('a chat is awaited from the time it is answered until it is seen at rest', () => {
  const running = awaitedAfter(new Set(), [chat('a', true), chat('b', false)], {
    ...elsewhere,
    isOnScreen: () => true,
  });
  expect([...running]).toEqual(['a']);
  const ended = awaitedAfter(running, [chat('a', false)], elsewhere);
  expect(ended).toBe(running);
  expect([...awaitedAfter(ended, [chat('a', false)], { ...elsewhere, isOnScreen: ({ id }) => id === 'a' })]).toEqual(
    [],
  );
  expect([...awaitedAfter(ended, [chat('a', false, '2026-11-25T00:00:00.000Z')], elsewhere)]).toEqual([]);
  // Not known here: another tab may see it, or a page that is not loaded.
  expect(awaitedAfter(ended, [], elsewhere)).toBe(ended);
});

test('an answer that another tab has seen ended is not awaited again by a tab that has not received the end', () => {
  const seen = new Set<string>();
  expect(awaitedAfter(seen, [chat('a', true)], { ...elsewhere, isNew: () => false })).toBe(seen);
});

test('no more than a hundred are awaited, whatever the storage holds', () => {
  const many = Array.from({ length: 150 }, (_, index) => chat(`chat ${index}`, true));
  expect(awaitedAfter(new Set(), many, elsewhere).size).toBe(100);
  expect(parseAwaited(JSON.stringify(many.map(({ id }) => id))).size).toBe(100);
  for (const odd of [null, '', '{', '{}', 'null', '3', '[1, null, {}]', JSON.stringify(['x'.repeat(1_000)])])
    expect([odd, ...parseAwaited(odd)]).toEqual([odd]);
});

test('a share that is not nothing is not 0%', () => {
  expect([0, 0.000_02, 0.000_9, 0.001, 0.5].map(formatPercent)).toEqual(['0%', '<0.1%', '<0.1%', '0.1%', '50%']);
});

test('tokens are estimated alike in all scripts', () => {
  expect(['word', 'слово', '漢字', ''].map((text) => Math.round(estimateTokens(text)))).toEqual([1, 3, 2, 0]);
});
