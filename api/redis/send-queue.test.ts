import { setImmediate as turn } from 'node:timers/promises';

import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';

import { SendQueue } from './send-queue.ts';

test('an item added while the queue is sending is sent too', async () => {
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
