import { expect, test, vi } from 'vitest';

import { useConfab } from '../../testing/confab.ts';
import { person, stranger } from '../../testing/person.ts';
import { DocumentCache } from './document-cache.ts';

useConfab();

test('neither what strangers send nor what is not valid takes room among the documents that were parsed', async () => {
  const ann = await person('ann');
  const set = vi.spyOn(DocumentCache.prototype, 'set');
  await ann.post('/graphql', { query: '{ viewer { id } }' });
  const cache = set.mock.contexts[0] as DocumentCache | undefined;
  const bytes = () => cache?.bytes;
  const before = bytes();
  expect(before).toBeGreaterThan(0);

  for (let count = 0; count < 50; count += 1) {
    const valid = await stranger().post('/graphql', { query: `{ server { v${count}: version } }` });
    expect(await valid.json()).toEqual({ data: { server: { [`v${count}`]: expect.any(String) as string } } });
    const invalid = await ann.post('/graphql', { query: `{ nothing${count} }` });
    expect(await invalid.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('Cannot query') as string }],
    });
  }
  expect(bytes()).toBe(before);

  // Else nothing could have made it grow.
  await ann.post('/graphql', { query: '{ server { version } }' });
  expect(bytes()).toBeGreaterThan(before ?? 0);
  set.mockRestore();
});
