import { parse } from 'graphql';
import { expect, test } from 'vitest';

import { CACHE_BYTES, DocumentCache } from './document-cache.ts';

test('holds no more than its bytes, whatever comes, and keeps what was used last', () => {
  const cache = new DocumentCache();
  const often = '{ viewer { id } }';
  cache.set(often, parse(often), 7);
  // Two gigabytes, if all were kept.
  for (let count = 0; count < 1_000; count += 1) {
    const text = `{ viewer { id } } # ${count} ${'x'.repeat(31_000)}`;
    cache.set(text, parse(text), 7);
    expect(cache.bytes).toBeLessThanOrEqual(CACHE_BYTES);
    expect(cache.get(often)).toBeDefined();
    if (count > 0) expect(cache.get(text)).toBeDefined();
  }
  expect(cache.bytes).toBeGreaterThan(CACHE_BYTES / 2);
  expect(cache.get(`{ viewer { id } } # 0 ${'x'.repeat(31_000)}`)).toBeUndefined();
});

test('counts the tokens of a document, and not its text alone', () => {
  const cache = new DocumentCache();
  for (let count = 0; count < 100; count += 1) cache.set(`{ a${count} }`, parse(`{ a${count} }`), 3_000);
  // 1.5 MB each.
  expect([...Array.from({ length: 100 }).keys()].filter((count) => cache.get(`{ a${count} }`)).length).toBeLessThan(25);
});

test('leaves out what is larger than all of it', () => {
  const cache = new DocumentCache();
  cache.set('{ a }', parse('{ a }'), 1_000_000);
  expect(cache.get('{ a }')).toBeUndefined();
});
