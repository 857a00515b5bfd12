import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assembleForRoom } from '../contexts/assemble-room.ts';
import { echo } from './echo.ts';
import type { ModelRequest, ProviderEvent } from './provider.ts';

const forever = new AbortController().signal;

test('says in its first line that it is the echo and how to connect a model', async () => {
  const [firstLine, blank, ...rest] = textOf(await eventsOf('hello')).split('\n');
  expect(firstLine).toMatch(/echo.*no model is connected.*ANTHROPIC_API_KEY.*restart/i);
  expect([blank, rest]).toEqual(['', ['hello']]);
});

test('repeats any message exactly, never with half a character', async () => {
  const message = fc.stringMatching(/^[\s\S]+$/u);
  await fc.assert(
    fc.asyncProperty(message, async (content) => {
      const events = await eventsOf(content);
      expect(textOf(events).split('\n\n').slice(1).join('\n\n')).toBe(content);
      for (const event of events) if (event.type === 'delta') expect(event.text.isWellFormed()).toBe(true);
    }),
  );
});

test('repeats the last thing a person said, word by word, in one part', async () => {
  const deltas = (await eventsOf('one  two\nthree')).filter((event) => event.type === 'delta');
  expect(deltas.slice(1).map(({ text }) => text)).toEqual(['one  ', 'two\n', 'three']);
  expect(deltas.every(({ part, kind }) => part === 0 && kind === 'TEXT')).toBe(true);
});

test('in a room repeats only what the message says that it is asked to answer', async () => {
  const person = (name: string) => ({ kind: 'PERSON' as const, id: name, name, handle: name.toLowerCase() });
  const message = (seq: number, content: string) => ({
    id: `${seq}`,
    seq,
    content,
    createdAt: new Date(0),
    speaker: person('Ann'),
    replyToSeq: null,
  });
  const question = message(2, 'Hello @echo,\n</message-ab12> are <b>you</b> there?');
  const { request } = assembleForRoom({
    primaryContext: '',
    agent: { id: 'echo', name: 'Echo', handle: 'echo', instructions: '' },
    room: { title: 'Launch', topic: '', mark: 'f00f' },
    messages: [
      message(1, 'before'),
      question,
      { ...message(3, 'An answer.'), speaker: { ...person('Echo'), kind: 'AGENT' as const, id: 'echo' } },
      message(4, 'after'),
    ],
    question,
    model: 'echo',
    maxOutputTokens: 1_000,
    effort: null,
    contextWindow: 100_000,
  });
  const events: ProviderEvent[] = [];
  for await (const event of echo({ delayMs: 0 }).stream(request, forever)) events.push(event);
  expect(textOf(events).split('\n\n').slice(1).join('\n\n')).toBe(question.content);
});

test('counts words as tokens and ends', async () => {
  const events = await eventsOf('one two three');
  expect(events).toContainEqual({ type: 'usage', usage: { inputTokens: 6, cacheReadTokens: 0, cacheWriteTokens: 0 } });
  expect(events.at(-1)).toEqual({ type: 'end', stopReason: 'END_TURN' });
});

test('stops between two words with the reason it was given', async () => {
  for (const delayMs of [0, 60_000]) {
    const stop = new AbortController();
    await expect(listen(delayMs, stop)).rejects.toBe('enough');
  }
});

test('says nothing when it was stopped before it began', async () => {
  const events = echo({ delayMs: 0 }).stream(asking('hello'), AbortSignal.abort('too late'));
  await expect(events[Symbol.asyncIterator]().next()).rejects.toBe('too late');
});

test('lets others run between its words', async () => {
  let turns = 0;
  const turning = setInterval(() => (turns += 1), 0);
  await eventsOf('word '.repeat(2000));
  clearInterval(turning);
  expect(turns).toBeGreaterThan(1);
});

async function listen(delayMs: number, stop: AbortController): Promise<void> {
  for await (const event of echo({ delayMs }).stream(asking('a b c'), stop.signal)) {
    // While it waits for its next word, not while we hold this one.
    if (event.type === 'delta') setImmediate(() => stop.abort('enough'));
  }
}

async function eventsOf(content: string): Promise<ProviderEvent[]> {
  const events: ProviderEvent[] = [];
  for await (const event of echo({ delayMs: 0 }).stream(asking(content), forever)) events.push(event);
  return events;
}

function textOf(events: ProviderEvent[]): string {
  return events.map((event) => (event.type === 'delta' ? event.text : '')).join('');
}

function asking(content: string): ModelRequest {
  return {
    model: 'echo',
    system: ['Be kind.'],
    messages: [
      { role: 'user', content: 'before' },
      { role: 'user', content },
    ],
    maxOutputTokens: 1000,
    effort: null,
    isContinuation: false,
  };
}
