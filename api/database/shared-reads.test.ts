import { expect, test } from 'vitest';

import { shareRead } from './shared-reads.ts';

test('those who wait for the same share one read, and none that had begun before they came', async () => {
  const begun: string[] = [];
  const gate = Promise.withResolvers<void>();
  const read = (name: string) => async () => {
    begun.push(name);
    await gate.promise;
    return begun.length;
  };
  const busy = ['a', 'b', 'c', 'd'].map((name) => shareRead([name], read(name)));
  await expect.poll(() => begun).toEqual(['a', 'b', 'c', 'd']);

  const waiting = [
    shareRead(['a'], read('a again')),
    shareRead(['a'], read('a once more')),
    shareRead(['e'], read('e')),
  ];
  gate.resolve();
  await Promise.all(busy);
  const [one, other] = await Promise.all(waiting);
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'a again', 'e']);
  expect(one).toBe(other);
});

test('a failed read fails for all callers that share it, and is repeated for the next', async () => {
  const failing = () => Promise.reject(new Error('away'));
  const both = [shareRead(['x'], failing), shareRead(['x'], failing)];
  await expect(Promise.allSettled(both)).resolves.toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  await expect(shareRead(['x'], () => Promise.resolve('there'))).resolves.toBe('there');
});
