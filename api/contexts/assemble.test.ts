import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { assemble, DEFAULT_PRIMARY_CONTEXT, type Material, type ThreadMessage } from './assemble.ts';

const nothing: Material = {
  primaryContext: '',
  agentInstructions: '',
  personalContext: '',
  thread: [],
  model: 'a-model',
  maxOutputTokens: 100,
  effort: null,
  contextWindow: 100_000,
};

describe('the system prompt', () => {
  test('is the primary context, the agent’s instructions and the personal context, in this order', () => {
    const { request } = assemble({
      ...nothing,
      primaryContext: ' one ',
      agentInstructions: 'two\n',
      personalContext: 'three',
    });
    expect(request.system).toEqual(['one', 'two', 'three']);
  });

  test('has no empty parts, and a default where no primary context was written', () => {
    expect(assemble({ ...nothing, personalContext: 'three' }).request.system).toEqual([
      DEFAULT_PRIMARY_CONTEXT,
      'three',
    ]);
    expect(assemble({ ...nothing, primaryContext: ' \n', agentInstructions: ' ' }).request.system).toEqual([
      DEFAULT_PRIMARY_CONTEXT,
    ]);
  });

  test('and the request are the same for the same material, since nothing else is asked', () => {
    const material = { ...nothing, thread: [says('hello')], effort: 'HIGH' as const };
    expect(assemble(material)).toEqual(assemble(structuredClone(material)));
    expect(assemble(material).request).toMatchObject({ model: 'a-model', maxOutputTokens: 100, effort: 'HIGH' });
  });
});

describe('the history', () => {
  test('is what people said and what was answered, as it is worded now', () => {
    const thread = [says('hello'), answers('Hi.'), { ...says('first wording'), editedContent: 'second wording' }];
    expect(wordsOf(thread)).toEqual(['user: hello', 'assistant: Hi.', 'user: second wording']);
  });

  test.each([
    ['COMPLETED', true],
    ['STOPPED', true],
    ['FAILED', false],
    ['INTERRUPTED', false],
    ['QUEUED', false],
    ['RUNNING', false],
  ] as const)('of answers that are %s: %s', (runStatus, isSent) => {
    const thread = [says('hello'), { ...answers('Half of an'), runStatus }, says('go on')];
    expect(wordsOf(thread)).toEqual(['user: hello', ...(isSent ? ['assistant: Half of an'] : []), 'user: go on']);
  });

  test.each(['INTERRUPTED', 'FAILED'] as const)('with an answer that is %s and was continued has it', (runStatus) => {
    const half = { ...answers('Half'), runStatus };
    const { request, historyIds } = assemble({ ...nothing, thread: [says('hello'), half] });
    expect(request).toMatchObject({
      isContinuation: true,
      messages: [{ content: 'hello' }, { role: 'assistant', content: 'Half' }, { role: 'user' }],
    });
    expect(historyIds).toHaveLength(2);
    expect(wordsOf([says('hello'), half, answers(' and half.'), says('thanks')])).toEqual([
      'user: hello',
      'assistant: Half and half.',
      'user: thanks',
    ]);
  });

  test('has nothing that was deleted and nothing that is empty', () => {
    const thread = [
      { ...says('deleted'), isDeleted: true },
      says('kept'),
      { ...answers('deleted too'), isDeleted: true },
      answers('  '),
      { ...says('emptied'), editedContent: ' ' },
      says('the question'),
    ];
    expect(wordsOf(thread)).toEqual(['user: kept', 'user: the question']);
  });

  test('begins with a person', () => {
    const thread = [{ ...says('deleted'), isDeleted: true }, answers('An answer.'), says('the question')];
    expect(wordsOf(thread)).toEqual(['user: the question']);
    expect(assemble({ ...nothing, thread }).omittedCount).toBe(1);
  });

  test('leaves out the oldest whole messages where the window is too small, and counts them', () => {
    const long = 'x'.repeat(300);
    const thread = [says(long), answers(long), says('near'), answers('Nearer.'), says('the question')];
    const system = Math.ceil(Buffer.byteLength(DEFAULT_PRIMARY_CONTEXT) / 3);
    const { historyIds, omittedCount, request } = assemble({ ...nothing, thread, contextWindow: 100 + system + 60 });

    expect(historyIds).toEqual(thread.slice(2).map(({ id }) => id));
    expect(omittedCount).toBe(2);
    expect(request.messages.map(({ content }) => content)).toEqual(['near', 'Nearer.', 'the question']);
  });

  test('always has the question, however small the window', () => {
    const question = says('x'.repeat(10_000));
    const { historyIds, omittedCount } = assemble({
      ...nothing,
      thread: [says('a'), answers('b'), question],
      contextWindow: 0,
    });
    expect([historyIds, omittedCount]).toEqual([[question.id], 2]);
  });

  test('is the end of what can be sent, begins and ends with a person, and nothing is uncounted', () => {
    fc.assert(
      fc.property(
        fc.array(message),
        fc.string({ minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== ''),
        fc.nat(400),
        (before, words, room) => {
          const question = says(words);
          const thread = [...before, question];
          const sendable = thread.filter(canBeSent);
          const system = Math.ceil(Buffer.byteLength(DEFAULT_PRIMARY_CONTEXT) / 3);
          const { historyIds, omittedCount, request } = assemble({
            ...nothing,
            thread,
            contextWindow: 100 + system + room,
          });

          expect(historyIds.length).toBeGreaterThan(0);
          expect(historyIds).toEqual(sendable.slice(omittedCount).map(({ id }) => id));
          expect(omittedCount + historyIds.length).toBe(sendable.length);
          expect(historyIds.at(-1)).toBe(question.id);
          expect(request.messages[0]?.role).toBe('user');
          const tokens = request.messages.map(({ content }) => Math.ceil(Buffer.byteLength(content) / 3));
          if (historyIds.length > 1) expect(tokens.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(room);
        },
      ),
    );
  });
});

const message: fc.Arbitrary<ThreadMessage> = fc.record({
  id: fc.uuid(),
  role: fc.constantFrom('USER' as const, 'ASSISTANT' as const),
  content: fc.string({ maxLength: 60, unit: 'grapheme' }),
  editedContent: fc.option(fc.string({ maxLength: 20 }), { freq: 5 }),
  isDeleted: fc.nat(9).map((dice) => dice === 0),
  runStatus: fc.constantFrom('COMPLETED' as const, 'STOPPED' as const, 'FAILED' as const, 'INTERRUPTED' as const),
});

function canBeSent(message: ThreadMessage, index: number, thread: readonly ThreadMessage[]): boolean {
  const { role, runStatus, isDeleted, content, editedContent } = message;
  const isBroken = runStatus === 'INTERRUPTED' || runStatus === 'FAILED';
  const isContinued = isBroken && thread[index + 1]?.role === 'ASSISTANT';
  const isWhole = role === 'USER' || runStatus === 'COMPLETED' || runStatus === 'STOPPED' || isContinued;
  return isWhole && !isDeleted && (editedContent ?? content).trim() !== '';
}

function says(content: string): ThreadMessage {
  return { id: crypto.randomUUID(), role: 'USER', content, editedContent: null, isDeleted: false, runStatus: null };
}

function answers(content: string): ThreadMessage {
  return { ...says(content), role: 'ASSISTANT', runStatus: 'COMPLETED' };
}

function wordsOf(thread: readonly ThreadMessage[]): string[] {
  return assemble({ ...nothing, thread }).request.messages.map(({ role, content }) => `${role}: ${content}`);
}
