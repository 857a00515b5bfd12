import { setImmediate as turn } from 'node:timers/promises';

import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';

import { Outbox } from './send-queue.ts';

test('what is added in whatever moment is said, also between the last word and the end of saying', async () => {
  const client = { status: 'ready' } as Redis;
  for (let steps = 0; steps < 20; steps += 1) {
    const said: string[] = [];
    using outbox = new Outbox<string>(client, async (words) => void said.push(...words));
    outbox.add('a', 'first');
    for (let step = 0; step < steps; step += 1) await Promise.resolve();
    outbox.add('b', 'second');
    await turn();
    expect(said, `added after ${steps} steps`).toEqual(['first', 'second']);
  }
});
