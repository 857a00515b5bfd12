import { render } from '@solidjs/testing-library';
import { expect, test } from 'vitest';

import { emptyState } from '../store/reduce';
import { FeedProvider, type Feed } from '../feed/create-feed';
import { runOf } from '../testing/rows';
import type { Run } from '../store/run';
import { StatusLine } from './status-line';

const feed = { state: () => emptyState, connection: () => 'open' } as unknown as Feed;

function wordsFor(run: Run | null, model: string | null = 'claude'): string {
  const { container, unmount } = render(() => (
    <FeedProvider value={feed}>
      <StatusLine run={run} model={model} />
    </FeedProvider>
  ));
  const words = container.textContent ?? '';
  unmount();
  return words;
}

test('the model is the one that writes, else the one that answers next', () => {
  expect(wordsFor(null)).toContain('claude');
  expect(wordsFor(runOf('run', 'RUNNING'))).toContain('echo');
  const ended = wordsFor(runOf('run', 'COMPLETED'));
  expect(ended).toContain('claude');
  expect(ended).not.toContain('echo');
});

test('without a run and a model, as in a room, there are no numbers', () => {
  expect(wordsFor(null)).toContain('context');
  expect(wordsFor(null, null)).toBe('connected');
});

test('the first token is shown while the answer goes on, and a small share is not nothing', () => {
  const begun = { ...runOf('run', 'RUNNING'), startedAt: '2026-11-21T00:00:00.000Z' };
  expect(wordsFor(begun)).toMatch(/first token —/);
  expect(wordsFor({ ...begun, firstTokenAt: '2026-11-21T00:00:01.500Z' })).toMatch(/first token 1\.5/);
  const usage = { inputTokens: 10, outputTokens: 9, cacheReadTokens: 0, cacheWriteTokens: 0 };
  expect(wordsFor({ ...runOf('run', 'COMPLETED'), usage, contextWindow: 1_000_000 })).toContain('context 19 (<0.1%)');
});
