import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { lengthOf, type Part } from './parts.ts';
import { Flusher } from '../runner/flusher.ts';
import { RunText, soundOffset } from './text.ts';

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const part = fc.record({ kind: fc.constantFrom('TEXT' as const, 'THINKING' as const), text: words });
const answer = fc.array(part, { maxLength: 6 });

describe('a reader', () => {
  test('has the whole text, whatever offset it goes on from', () => {
    fc.assert(
      fc.property(answer, fc.nat(300), (parts, cut) => {
        const text = RunText.of(parts);
        const from = soundOffset(parts, cut);
        const whole = joined(parts);
        expect(whole.slice(0, from) + readAll(text, from)).toBe(whole);
      }),
    );
  });

  test('goes on from each slice’s end, never inside a surrogate pair and never over the edge of a part', () => {
    fc.assert(
      fc.property(answer, (parts) => {
        const text = RunText.of(parts);
        let offset = 0;
        for (let slice = text.read(0); slice; slice = text.read(offset)) {
          expect(slice.from).toBe(offset);
          expect(slice.to - slice.from).toBe(slice.text.length);
          expect(slice.text.isWellFormed()).toBe(true);
          expect(slice.kind).toBe(parts[slice.part]?.kind);
          offset = slice.to;
        }
        expect(offset).toBe(lengthOf(parts));
      }),
    );
  });

  test('gets a long text in pieces of at most 16 KB', () => {
    const long = '😀ж'.repeat(20_000);
    const text = RunText.of([{ kind: 'TEXT', text: long }]);
    const pieces: string[] = [];
    for (let slice = text.read(0); slice; slice = text.read(slice.to)) pieces.push(slice.text);
    expect(pieces.length).toBeGreaterThan(10);
    expect(Math.max(...pieces.map((piece) => Buffer.byteLength(piece)))).toBeLessThanOrEqual(16 * 1024);
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    expect(pieces.join('')).toBe(long);
  });

  test('is woken by the next words, by the end and by its own signal', async () => {
    const text = new RunText();
    const controller = new AbortController();
    for (const cause of [() => text.append(0, 'TEXT', 'a'), () => controller.abort(), () => text.end()]) {
      const woken = text.changed(controller.signal, 60_000);
      cause();
      await woken;
    }
    expect(text.isEnded).toBe(true);
  });

  test('leaves nothing on a signal that outlives many waits', async () => {
    const text = new RunText();
    const { signal } = new AbortController();
    const listeners = { added: 0, removed: 0 };
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners.added++, add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners.removed++, remove(...args));
    for (let wait = 0; wait < 100; wait += 1) {
      const woken = text.changed(signal, 60_000);
      text.append(0, 'TEXT', 'x');
      await woken;
    }
    expect(listeners).toEqual({ added: 100, removed: 100 });
  });
});

describe('a flusher', () => {
  test('loses nothing and changes no order, whatever the pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), words), { maxLength: 20 }), (pieces) => {
        const text = new RunText();
        let index = 0;
        {
          using flusher = new Flusher(text, 60_000);
          for (const [isNewPart, piece] of pieces) {
            if (isNewPart && text.parts.length > 0) index += 1;
            flusher.write(index, index % 2 ? 'THINKING' : 'TEXT', piece);
          }
        }
        expect(joined(text.parts)).toBe(pieces.map(([, piece]) => piece).join(''));
      }),
    );
  });

  test('lets the first words through at once and holds later ones for the pause', () => {
    const text = new RunText();
    using flusher = new Flusher(text, 60_000);
    flusher.write(0, 'TEXT', 'first ');
    expect(text.length).toBe(6);
    flusher.write(0, 'TEXT', 'second ');
    flusher.write(0, 'TEXT', 'third');
    expect(text.length).toBe(6);
    flusher.write(1, 'THINKING', 'a new part');
    expect(text.parts[0]?.text).toBe('first second third');
  });

  test('lets what it holds go when the pause is over, whether more follows or not', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const text = new RunText();
    using flusher = new Flusher(text, 33);
    flusher.write(0, 'TEXT', 'first ');
    flusher.write(0, 'TEXT', 'second ');
    flusher.write(0, 'TEXT', 'third');
    vi.advanceTimersByTime(32);
    expect(joined(text.parts)).toBe('first ');
    vi.advanceTimersByTime(1);
    expect(joined(text.parts)).toBe('first second third');

    // They were not the first ones, so that the next have to wait as well; and where nothing waited, nothing has to.
    flusher.write(0, 'TEXT', ' fourth');
    expect(joined(text.parts)).toBe('first second third');
    vi.advanceTimersByTime(33);
    expect(joined(text.parts)).toBe('first second third fourth');
    vi.advanceTimersByTime(33);
    flusher.write(0, 'TEXT', ' fifth');
    expect(joined(text.parts)).toBe('first second third fourth fifth');
  });
});

function joined(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join('');
}

function readAll(text: RunText, from: number): string {
  let read = '';
  for (let slice = text.read(from); slice; slice = text.read(slice.to)) read += slice.text;
  return read;
}
