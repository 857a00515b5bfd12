import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { piecesOf } from '../testing/provider-events.ts';
import { EventReader, type ServerSentEvent } from './event-reader.ts';

test('it reads sound streams as the specification says, whatever the pieces in which they come', () => {
  const line = fc.constantFrom('data:x', 'data', 'data: {"a"', 'event: odd', 'event:', ': comment', 'id: 1', 'other');
  const json = fc.constantFrom(['event: odd', 'data: {"a":1}'], ['data: {"a":1}', ': comment'], ['data: [DONE]']);
  const event = fc.tuple(fc.oneof(fc.array(line, { maxLength: 3 }), json), fc.constantFrom('\n', '\r\n', '\r'));
  const stream = fc
    .array(event, { minLength: 1 })
    .map((events) => events.map(([lines, end]) => [...lines, '', ''].join(end)).join(''));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(500)), (text, cuts) => {
      const reader = new EventReader();
      const read = piecesOf(text, cuts).flatMap((piece) => reader.feed(piece));
      expect(read).toEqual(asTheLibraryReads(text));
    }),
    { numRuns: 300 },
  );
});

function asTheLibraryReads(text: string): ServerSentEvent[] {
  const events: EventSourceMessage[] = [];
  createParser({ onEvent: (event) => events.push(event) }).feed(text);
  return events.map(({ event, data }) => ({ name: event, data }));
}

test('an event without end is refused before it fills the memory', () => {
  for (const beginning of ['data: ', '{"a":"', ': ', '']) {
    const reader = new EventReader();
    let fed = 0;
    expect(() => {
      for (reader.feed(beginning); fed < 100; fed += 1) reader.feed('x'.repeat(1_000_000));
    }).toThrow('longer than');
    expect(fed).toBeLessThan(10);
  }
});

test('many lines of one event are bounded as well', () => {
  const reader = new EventReader();
  expect(() => {
    for (let line = 0; line < 100; line += 1) reader.feed(`data: ${'x'.repeat(1_000_000)}\n`);
  }).toThrow('longer than');
});
