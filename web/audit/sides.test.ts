import { expect, test } from 'vitest';
import { sidesOf } from './sides';

const sayMask = ({ length, hash }: { length: number; hash: string }) => `<${length} ${hash}>`;

function field(name: string, before: string | null, after: string | null, isMasked = false) {
  return { name, before, after, isMasked };
}

test('each column has a line, and words are a mask', () => {
  const fields = [
    field('content', null, '{"length": 3, "hash": "ab"}', true),
    field('deleted_at', 'null', '"2026-11-29"'),
    field('revision', '1', '2'),
  ];
  expect(sidesOf({ fields }, sayMask)).toEqual({
    before: 'deleted_at: null\nrevision: 1',
    after: 'content: <3 ab>\ndeleted_at: 2026-11-29\nrevision: 2',
  });
});

test('lines of a text stay lines, and what is deep is laid out', () => {
  const deep = JSON.stringify({ code: 'UPSTREAM_ERROR', reason: 'x'.repeat(80) });
  const { before, after } = sidesOf({ fields: [field('instructions', '"one\\ntwo"', deep)] }, sayMask);
  expect(before).toBe('instructions: \n  one\n  two');
  expect(after.split('\n')[2]).toBe('    "code": "UPSTREAM_ERROR",');
});

test('a number keeps its digits, and a masked null is null', () => {
  const fields = [field('seq', '12345678901234567890', '1'), field('title', 'null', null, true)];
  expect(sidesOf({ fields }, sayMask).before).toBe('seq: 12345678901234567890\ntitle: null');
});
