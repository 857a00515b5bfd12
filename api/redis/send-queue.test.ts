import { setImmediate as turn } from 'node:timers/promises';

import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';

import { SendQueue } from './send-queue.ts';

test('what is added in whatever moment is said, also between the last word and the end of saying', async () => {
  const client = { status: 'ready' } as Redis;
  for (let steps = 0; steps < 20; steps += 1) {
    const said: string[] = [];
    using queue = new SendQueue<string>(client, async (words) => void said.push(...words));
    queue.add('a', 'first');
    for (let step = 0; step < steps; step += 1) await Promise.resolve();
    queue.add('b', 'second');
    await turn();
    expect(said, `added after ${steps} steps`).toEqual(['first', 'second']);
  }
});
