/** What the status line shows of an answer while it is being written, before its provider has counted anything. All of it is estimated. */
import { createEffect, createSignal, on, onCleanup, untrack, type Accessor } from 'solid-js';

import { visibleThread, type FeedState } from '../store/reduce';
import { useFeed } from '../feed/create-feed';
import { contextUsed, isActive, type Run } from '../store/run';

const SAMPLE_MS = 500;
/** Over less than that a speed says nothing. */
const SHORTEST_MS = 900;

const encoder = new TextEncoder();

/** A token is some four bytes of UTF-8: four Latin letters, two Cyrillic ones, more than one of Chinese. */
export function estimateTokens(text: string): number {
  return encoder.encode(text).length / 4;
}

export interface LiveNumbers {
  runId: string;
  tokens: number;
  /** Null until there is enough to measure. */
  perSecond: number | null;
  /** All that the model has read and written for the answer. */
  context: number;
}

/** Of the run while it goes on, twice a second. They stay after its end, for a run whose tokens were not counted. */
export function createLiveNumbers(run: Accessor<Run | null>): Accessor<LiveNumbers | null> {
  const feed = useFeed();
  const [numbers, setNumbers] = createSignal<LiveNumbers | null>(null);
  const activeId = () => {
    const current = run();
    return current && isActive(current) ? current.id : null;
  };

  createEffect(
    on(activeId, (runId) => {
      if (!runId) return;
      const before = contextBefore(feed.state(), runId);
      // By this machine's clock, from the first words that it saw: the server's clock may be another.
      let first: { at: number; tokens: number } | null = null;
      const sample = () => {
        const tokens = estimateTokens(textOf(feed.state(), runId));
        const now = performance.now();
        if (tokens > 0) first ??= { at: now, tokens };
        const elapsed = first ? now - first.at : 0;
        const perSecond = first && elapsed >= SHORTEST_MS ? (tokens - first.tokens) / (elapsed / 1000) : null;
        const read = readTokens(untrack(run));
        setNumbers({ runId, tokens, perSecond, context: Math.round((read ?? before) + tokens) });
      };
      sample();
      const timer = setInterval(sample, SAMPLE_MS);
      onCleanup(() => clearInterval(timer));
    }),
  );
  return numbers;
}

/** Some providers say at once how much they have read. */
function readTokens(run: Run | null): number | null {
  if (!run?.usage) return null;
  const { inputTokens, cacheReadTokens, cacheWriteTokens } = run.usage;
  return inputTokens + cacheReadTokens + cacheWriteTokens || null;
}

function textOf({ texts }: FeedState, runId: string): string {
  return (texts.get(runId)?.parts ?? []).map(({ text }) => text).join('');
}

/** What the newest counted answer before it had used, and an estimate of what was said since. */
function contextBefore({ threads }: FeedState, runId: string): number {
  const thread = [...threads.values()].find(({ runs }) => runs.has(runId));
  const messages = thread ? visibleThread(thread) : [];
  const own = messages.findIndex(({ run }) => run?.id === runId);
  let tokens = 0;
  for (const message of messages.slice(0, Math.max(0, own)).reverse()) {
    const counted = message.run?.status === 'COMPLETED' ? contextUsed(message.run) : null;
    if (counted) return tokens + counted.tokens;
    tokens += estimateTokens(message.editedContent ?? message.content);
  }
  return tokens;
}
