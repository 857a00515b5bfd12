import { LLMock } from '@copilotkit/aimock';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bodyOf } from '../testing/model-speech.ts';
import {
  cutsAfter,
  endsAfter,
  fails,
  failsAfter,
  garblesAfter,
  hangsUp,
  modelServer,
  says,
  sends,
  silentAfter,
  thinks,
  type Answer,
  type Held,
  type ModelServer,
  type Wire,
} from '../testing/model-server.ts';
import { choice, chunk, OllamaSpeech, OpenAiSpeech } from '../testing/openai-speech.ts';
import {
  all,
  broken,
  collect,
  cutAt,
  deltasOf,
  piecesOf,
  textOf,
  turnsOfTheLoop,
  until,
} from '../testing/provider-events.ts';
import { openai } from './openai.ts';
import type { ModelRequest, ProviderEvent, ProviderFailure, StopReason } from './provider.ts';

const key = 'sk-secret';
const silenceMs = 10_000;
const question = 'What did I tell you in confidence?';
const done = 'data: [DONE]\n\n';
let model: ModelServer;

beforeEach(async () => {
  model = await modelServer();
});
afterEach(() => model.close());

describe('what is sent', () => {
  test('the request, with one system message', async () => {
    model.next(says('Hello'));
    await answer({
      model: 'gpt-6.1-sol',
      system: ['You are Confab.', 'Be brief.'],
      messages: [
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'second' },
        { role: 'user', content: question },
      ],
      effort: 'MEDIUM',
    });

    expect(model.calls[0]).toMatchObject({ path: '/v1/chat/completions', headers: { authorization: `Bearer ${key}` } });
    expect(model.calls[0]?.body).toEqual({
      model: 'gpt-6.1-sol',
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 1000,
      reasoning_effort: 'medium',
      messages: [
        { role: 'system', content: 'You are Confab.\n\nBe brief.' },
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'second' },
        { role: 'user', content: question },
      ],
    });
  });

  test.each([
    ['gpt-6.1-sol', 'max_completion_tokens', true],
    ['openai/gpt-5-mini', 'max_completion_tokens', true],
    ['o4-mini', 'max_completion_tokens', true],
    ['gpt-5-chat-latest', 'max_tokens', false],
    ['gpt-4.1', 'max_tokens', false],
    ['gpt-oss:20b', 'max_tokens', true],
    ['llama3.2:3b', 'max_tokens', false],
    ['Qwen/Qwen3-8B', 'max_tokens', false],
  ])('%s at another server is told its limit as %s, and an effort: %s', async (name, limit, hasEffort) => {
    model.next(says('Hello'));
    await answer({ model: name, effort: 'HIGH' });
    const { max_tokens: old, max_completion_tokens: young, reasoning_effort: effort } = model.calls[0]!.body;
    expect([old, young]).toEqual(limit === 'max_tokens' ? [1000, undefined] : [undefined, 1000]);
    expect(effort).toBe(hasEffort ? 'high' : undefined);
  });

  test('to OpenAI where no other server is named, and the limit by its new name', async () => {
    const real = fetch;
    using sent = vi
      .spyOn(globalThis, 'fetch')
      .mockImplementation((_url, init) => real(`${model.url}/v1/x/chat/completions`, init));
    model.next(says('Hello'));
    const itself = openai({ apiKey: key, baseUrl: undefined, model: 'gpt-test', silenceMs });
    expect(textOf(await all(itself.stream(asking({ model: 'gpt-4.1' }), forever)))).toBe('Hello');
    expect(sent.mock.calls[0]?.[0]).toBe('https://api.openai.com/v1/chat/completions');
    expect(model.calls[0]?.body).toMatchObject({ max_completion_tokens: 1000 });
  });

  test('to a server of which no model was named: the first that talks of those that it lists', async () => {
    const { url } = model;
    const unsure = openai({ apiKey: undefined, baseUrl: `${url}/v1`, model: undefined, silenceMs });
    await until(() => unsure.defaultModel() !== 'default');
    expect(unsure.defaultModel()).toBe('llama3.2:3b');
    expect(openai({ apiKey: key, baseUrl: undefined, model: undefined, silenceMs }).defaultModel()).toBe('gpt-6.1-sol');
  });

  test('to a server that was away at the start: asked again with the question', async () => {
    let isAway = true;
    const real = fetch;
    using _away = vi
      .spyOn(globalThis, 'fetch')
      .mockImplementation((...request) => (isAway ? Promise.reject(new Error('away')) : real(...request)));
    const unsure = openai({ apiKey: undefined, baseUrl: `${model.url}/v1`, model: undefined, silenceMs });
    await turnsOfTheLoop(5);
    const asked = asking({ model: unsure.defaultModel() });
    expect((await broken(unsure.stream(asked, forever))).failure).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });

    isAway = false;
    model.next(says('Hello'));
    expect(textOf(await all(unsure.stream(asked, forever)))).toBe('Hello');
    expect(model.calls[0]?.body.model).toBe('llama3.2:3b');
    expect(unsure.defaultModel()).toBe('llama3.2:3b');
  });

  test.each([
    ['gpt-6.1-sol', 1_050_000],
    ['gpt-5.4-mini', 400_000],
    ['openai/gpt-5', 400_000],
    ['gpt-4.1-mini', 1_047_576],
    ['o3', 200_000],
    ['gpt-5-chat-latest', 128_000],
    ['gpt-4o', 128_000],
    ['gpt-35-turbo', 128_000],
    ['llama3.2:3b', 128_000],
  ])('%s has a window of %i tokens', (name, tokens) => {
    expect(provider().contextWindow(name)).toBe(tokens);
  });

  test('people and model in turns, without what is white space alone', async () => {
    model.next(says('Hello'));
    await answer({
      system: [' '],
      messages: [
        { role: 'user', content: 'one' },
        { role: 'user', content: '\n' },
        { role: 'user', content: 'two' },
        { role: 'assistant', content: 'three' },
        { role: 'user', content: question },
      ],
    });
    expect(model.calls[0]?.body.messages).toEqual([
      { role: 'user', content: 'one\n\ntwo' },
      { role: 'assistant', content: 'three' },
      { role: 'user', content: question },
    ]);
  });

  test('no key where none is set, nor anything of the environment', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-of-somebody-else');
    vi.stubEnv('OPENAI_ORG_ID', 'org-of-somebody-else');
    try {
      model.next(says('Hello'));
      const keyless = openai({ apiKey: undefined, baseUrl: `${model.url}/v1`, model: 'gpt-test', silenceMs });
      expect(keyless.isConfigured()).toBe(true);
      expect(textOf(await all(keyless.stream(asking(), forever)))).toBe('Hello');
      expect(model.calls[0]?.headers).not.toHaveProperty('authorization');
      expect(JSON.stringify(model.calls[0]?.headers)).not.toContain('somebody');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('the request whatever the length of a silence', async () => {
    model.next(says('Hello'));
    const odd = openai({ apiKey: key, baseUrl: `${model.url}/v1`, model: 'gpt-test', silenceMs: 5000.3 });
    expect(textOf(await all(odd.stream(asking(), forever)))).toBe('Hello');
  });
});

describe('what is received', () => {
  test('from OpenAI: text delta by delta, the end, and usage without what was cached', async () => {
    model.next(says('Hello', ' world'));
    expect(await answer()).toEqual([
      { type: 'delta', part: 0, kind: 'TEXT', text: 'Hello' },
      { type: 'delta', part: 0, kind: 'TEXT', text: ' world' },
      { type: 'usage', usage: { inputTokens: 10, outputTokens: 2, cacheReadTokens: 5, cacheWriteTokens: 3 } },
      { type: 'end', stopReason: 'END_TURN' },
    ]);
  });

  test('from Ollama: thoughts in a part of their own, a role in each chunk', async () => {
    model.next(thinks('Hmm.', 'Yes', '!'));
    expect(await answer({ model: 'qwen3:8b' })).toEqual([
      { type: 'delta', part: 0, kind: 'THINKING', text: 'Hmm.' },
      { type: 'delta', part: 1, kind: 'TEXT', text: 'Yes' },
      { type: 'delta', part: 1, kind: 'TEXT', text: '!' },
      { type: 'usage', usage: { inputTokens: 10, outputTokens: 3, cacheReadTokens: 0, cacheWriteTokens: 0 } },
      { type: 'end', stopReason: 'END_TURN' },
    ]);
  });

  test('a delta at once, not when the answer is complete', async () => {
    const held = model.hold().begin().write('first');
    const events = provider().stream(asking(), forever)[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ text: 'first' });
    held.end();
    expect((await all({ [Symbol.asyncIterator]: () => events })).at(-1)).toMatchObject({ type: 'end' });
  });

  test.each([
    ['reasoning_content', { reasoning_content: 'Hmm.' }],
    ['reasoning', { reasoning: 'Hmm.' }],
    ['both names at once', { reasoning: 'Hmm.', reasoning_content: 'Hmm.' }],
    ['both, one of them empty', { reasoning: 'Hmm.', reasoning_content: '' }],
  ])('thoughts as %s', async (_name, delta) => {
    model.next(sends(chunk([choice({ ...delta, content: null })]), chunk([choice({ content: 'Yes.' }, 'stop')]), done));
    expect(deltasOf(await answer())).toEqual([
      { type: 'delta', part: 0, kind: 'THINKING', text: 'Hmm.' },
      { type: 'delta', part: 1, kind: 'TEXT', text: 'Yes.' },
    ]);
  });

  test('a thought and words of one chunk in that order, and a second thought as a third part', async () => {
    const both = choice({ role: 'assistant', content: 'one', reasoning: 'a' });
    model.next(sends(chunk([both]), chunk([choice({ reasoning: 'b' })]), chunk([choice({ content: 'two' }, 'stop')])));
    expect(deltasOf(await answer()).map(({ part, kind, text }) => `${part} ${kind} ${text}`)).toEqual([
      '0 THINKING a',
      '1 TEXT one',
      '2 THINKING b',
      '3 TEXT two',
    ]);
  });

  test.each([
    ['stop', 'END_TURN'],
    ['length', 'MAX_TOKENS'],
    ['content_filter', 'REFUSAL'],
    ['model_length', 'CONTEXT_WINDOW'],
    ['stop_sequence', 'STOP_SEQUENCE'],
    ['tool_calls', 'OTHER'],
    ['not_yet_invented', 'OTHER'],
  ] as const)('the finish reason %s as %s, also without a word said', async (finish, stopReason) => {
    model.next(sends(chunk([choice({}, finish)]), done), sends(chunk([choice({ content: 'Some' }, finish)]), done));
    expect(await answer()).toEqual([{ type: 'end', stopReason }]);
    expect((await answer()).at(-1)).toEqual({ type: 'end', stopReason });
  });

  test('a refusal in its own field, as words and as the reason', async () => {
    const refusing = [chunk([choice({ content: '', refusal: 'I will' })]), chunk([choice({ refusal: ' not.' })])];
    model.next(sends(...refusing, chunk([choice({}, 'stop')]), done));
    const events = await answer();
    expect(textOf(events)).toBe('I will not.');
    expect(events.at(-1)).toEqual({ type: 'end', stopReason: 'REFUSAL' });
  });

  test.each([
    ['without [DONE]', ''],
    ['with usage in the same breath', done],
  ])('an end %s', async (_name, last) => {
    const usage = { prompt_tokens: 4, completion_tokens: 1, total_tokens: 5 };
    model.next(sends(chunk([choice({ content: 'Hello' })]), chunk([choice({}, 'stop')], { usage }), last));
    const events = await answer();
    expect(textOf(events)).toBe('Hello');
    expect(events.slice(1)).toEqual([
      { type: 'usage', usage: { inputTokens: 4, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 } },
      { type: 'end', stopReason: 'END_TURN' },
    ]);
  });

  test.each<[string, Answer]>([
    ['a connection that breaks', (wire) => (wire.send(whole), wire.cut())],
    ['what cannot be read', sends(chunk([choice({ content: 'Hello' }, 'stop')]), 'data: {"usage\n\n')],
    ['an error', sends(chunk([choice({ content: 'Hello' }, 'stop')]), 'data: {"error":{"message":"late"}}\n\n')],
  ])('a whole answer, though %s comes after the reason to finish', async (_name, scripted) => {
    model.next(scripted);
    const events = await answer();
    expect(textOf(events)).toBe('Hello');
    expect(events.at(-1)).toEqual({ type: 'end', stopReason: 'END_TURN' });
  });
  const whole = chunk([choice({ content: 'Hello' }, 'stop')]);

  const hello = [{ type: 'delta', part: 0, kind: 'TEXT', text: 'Hello' }];
  const usage = { prompt_tokens: 4, completion_tokens: 1, total_tokens: 5 };
  const used = { type: 'usage', usage: { inputTokens: 4, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 } };
  const document = {
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
    usage,
  };

  test.each<[string, string, StopReason, ProviderEvent[]?]>([
    [
      'parts: a thought and words',
      contents([
        { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
        { type: 'text', text: 'Hello' },
      ]),
      'END_TURN',
      thoughtAndWords(),
    ],
    [
      'parts: a thought as text',
      contents([{ type: 'thinking', thinking: 'Hm' }, 'Hel', { type: 'image_url' }, { type: 'text', text: 'lo' }]),
      'END_TURN',
      thoughtAndWords('Hel', 'lo'),
    ],
    ['parts: a refusal', contents([{ type: 'refusal', refusal: 'Hello' }]), 'REFUSAL'],
    ['a last event without a blank line', contents('Hello').replace(/\n\n(data: \[DONE\])\n\n/, '\n\n$1'), 'END_TURN'],
    ['a last chunk without a line break', contents('Hello').replace(/\n\ndata: \[DONE\]\n\n/, ''), 'END_TURN'],
    ['a reason in capitals', contents('Hello', 'LENGTH'), 'MAX_TOKENS'],
    ['a reason of Gemini', contents('Hello', 'MAX_TOKENS'), 'MAX_TOKENS'],
    ['[DONE] without a reason', contents('Hello', null), 'OTHER'],
    ['an index as a string', contents('Hello').replaceAll('"index":0', '"index":"0"'), 'END_TURN'],
    ['events with single newlines between them', contents('Hello').replaceAll('\n\n', '\n'), 'END_TURN'],
    ['single carriage returns and newlines', contents('Hello').replaceAll('\n\n', '\r\n'), 'END_TURN'],
    ['one JSON in place of a stream', JSON.stringify(document), 'END_TURN', [...hello, used] as ProviderEvent[]],
    ['one JSON over many lines', JSON.stringify(document, null, 2), 'END_TURN', [...hello, used] as ProviderEvent[]],
    [
      'one JSON as the only event',
      `data: ${JSON.stringify(document)}\n\n`,
      'END_TURN',
      [...hello, used] as ProviderEvent[],
    ],
    ['one JSON without a reason', JSON.stringify({ choices: [{ message: { content: 'Hello' } }] }), 'OTHER'],
    [
      'deltas, and in each chunk the message so far',
      withMessages('Hel', 'lo'),
      'END_TURN',
      ['Hel', 'lo'].map((text) => ({ type: 'delta', part: 0, kind: 'TEXT', text }) as const),
    ],
  ])('%s', async (_name, body, stopReason, events = hello as ProviderEvent[]) => {
    model.next(sends(body));
    expect(await answer()).toEqual([...events, { type: 'end', stopReason }]);
  });

  function contents(content: unknown, reason: string | null = 'stop'): string {
    return chunk([choice({ content })]) + chunk([choice({}, reason)]) + done;
  }

  function withMessages(...words: string[]): string {
    const chunks = words.map((content, index) =>
      chunk([{ ...choice({ content }), message: { content: words.slice(0, index + 1).join('') } }]),
    );
    return chunks.join('') + chunk([{ ...choice({}, 'stop'), message: { content: words.join('') } }]) + done;
  }

  function thoughtAndWords(...words: string[]): ProviderEvent[] {
    const said = words.length > 0 ? words : ['Hello'];
    return [
      { type: 'delta', part: 0, kind: 'THINKING', text: 'Hm' },
      ...said.map((text) => ({ type: 'delta', part: 1, kind: 'TEXT', text }) as const),
    ];
  }

  test.each<[string, string[]]>([
    ['with each chunk', ['One', ' two', ' three'].map((content) => chunk([choice({ content }, 'stop')]))],
    [
      'before the words',
      [chunk([choice({}, 'stop')]), ...['One', ' two three'].map((content) => chunk([choice({ content })]))],
    ],
  ])('all words, though the reason to finish comes %s', async (_name, chunks) => {
    const { promise: paused, resolve: goOn } = Promise.withResolvers<void>();
    model.next(async (wire) => {
      wire.send(chunks[0]!);
      await paused;
      for (const each of chunks.slice(1)) wire.send(each);
      wire.send(done);
    });
    const events: ProviderEvent[] = [];
    const listening = collect(provider().stream(asking(), forever), events);
    await until(() => model.calls.length === 1);
    await turnsOfTheLoop(20);
    goOn();
    await listening;
    expect(textOf(events)).toBe('One two three');
    expect(events.at(-1)).toEqual({ type: 'end', stopReason: 'END_TURN' });
  });

  test('nothing of chunks, choices and events that it does not know', async () => {
    const unknown = [
      'event: not_yet_invented\ndata: {"type":"odd"}\n\n',
      ': a comment\n\n',
      chunk([], { prompt_filter_results: [{ prompt_index: 0 }] }),
      chunk([{ index: 1, delta: { content: 'another choice' }, finish_reason: 'stop' }]),
      chunk([{ index: 0, finish_reason: null }]),
      chunk([choice({ tool_calls: [{ index: 0 }], audio: {}, odd: 1 })]),
    ].join('');
    model.next(sends(unknown, bodyOf(['Hello'], 'end_turn', new OpenAiSpeech()).replaceAll(done, unknown + done)));
    const events = await answer();
    expect(textOf(events)).toBe('Hello');
    expect(events.at(-1)).toEqual({ type: 'end', stopReason: 'END_TURN' });
  });

  test('the same from aimock, which plays OpenAI too', async () => {
    const mock = new LLMock({ port: 0 });
    mock.onMessage(question, { content: 'Привет, мир 👋!', reasoning: 'A greeting.' });
    await mock.start();
    try {
      const events = await all(provider(`${mock.url}/v1`).stream(asking({ model: 'gpt-5' }), forever));
      const deltas = deltasOf(events);
      expect(new Set(deltas.map(({ part, kind }) => `${part} ${kind}`))).toEqual(new Set(['0 THINKING', '1 TEXT']));
      expect(textOf(events)).toBe('A greeting.Привет, мир 👋!');
      expect(events.at(-1)).toEqual({ type: 'end', stopReason: 'END_TURN' });
      expect(events.some((event) => event.type === 'usage')).toBe(true);
    } finally {
      await mock.stop();
    }
  });
});

describe.each([
  ['OpenAI', 'gpt-test', () => new OpenAiSpeech()],
  ['Ollama', 'llama3.2:3b', () => new OllamaSpeech()],
] as const)('%s’s text is never corrupted', (_who, name, speech) => {
  const texts = fc.array(
    fc.string({ unit: fc.constantFrom('👩‍🚀', '😀', 'Ж', 'ё', 'a', ' ', '\n', '漢', '𝄞'), minLength: 1 }),
    { minLength: 1, maxLength: 5 },
  );
  const body = (said: readonly string[]) => Buffer.from(bodyOf(said, 'end_turn', speech()));

  test('by the places at which the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(4000), { maxLength: 12 }), async (said, cuts) => {
        model.next(sends(...cutAt(body(said), cuts)));
        expect(textOf(await answer({ model: name }))).toBe(said.join(''));
      }),
      { numRuns: 60 },
    );
  });

  test('byte by byte', async () => {
    model.next(sends(...Array.from(body(['Привет 👋', '漢字 𝄞']), (byte) => Uint8Array.of(byte))));
    expect(textOf(await answer({ model: name }))).toBe('Привет 👋漢字 𝄞');
  });

  test('by deltas that end within a character', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(40), { maxLength: 8 }), async (said, cuts) => {
        const text = said.join('');
        model.next(says(...piecesOf(text, cuts)));
        const events = await answer({ model: name });
        expect(textOf(events)).toBe(text);
        expect(deltasOf(events).every((delta) => delta.text.isWellFormed())).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  // The law of cuts: whatever had come by then is kept, and nothing is taken for an end.
  test('by a connection that breaks anywhere', async () => {
    const said = ['Привет 👋', ' 漢字 𝄞', ' end'];
    const bytes = body(said);
    const reasonTold = bytes.indexOf('"finish_reason":"stop"');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: reasonTold }), async (length) => {
        model.next((wire) => {
          wire.send(bytes.subarray(0, length));
          wire.cut();
        });
        const { events, failure } = await broken(provider().stream(asking({ model: name }), forever));
        expect(said.join('').startsWith(textOf(events))).toBe(true);
        expect(failure).toMatchObject({ code: 'UPSTREAM_CUT' });
      }),
      { numRuns: 40 },
    );
  });
});

describe('a thought in the text', () => {
  test('between <think> and </think> at its beginning, whatever the pieces in which it comes', async () => {
    const words = fc.string({
      unit: fc.constantFrom('a', ' ', '😀', '<', '>', '/', 'think', '<think>', '\n'),
      maxLength: 8,
    });
    const word = fc.constantFrom('', 'x', '漢');
    const whole = fc
      .record({ space: fc.constantFrom('', '\n', '  '), thought: words, after: words, word })
      // The units can make a closing tag, which would end the thought early.
      .filter(({ thought }) => !thought.includes('</think>'));
    await fc.assert(
      fc.asyncProperty(whole, fc.array(fc.nat(60), { maxLength: 8 }), async ({ space, thought, after, word }, cuts) => {
        model.next(says(...piecesOf(`${space}<think>${word}${thought}</think>${word}${after}`, cuts)));
        const events = await answer();
        const breaks = /^[\r\n]+/;
        const spoken = (kind: string) =>
          textOf(events.filter((event) => event.type === 'delta' && event.kind === kind));
        expect(spoken('THINKING')).toBe((word + thought).replace(breaks, ''));
        expect(spoken('TEXT')).toBe((word + after).replace(breaks, ''));
        expect(deltasOf(events).map(({ part }) => part)).toEqual(
          deltasOf(events)
            .map(({ part }) => part)
            .toSorted((one, other) => one - other),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('is text anywhere else', async () => {
    for (const text of ['A <think>b</think>', '<thinking>b', '<b><think>', '<', 'x\n<think>']) {
      model.next(says(...Array.from(text)));
      const events = await answer();
      expect(deltasOf(events).every(({ kind, part }) => kind === 'TEXT' && part === 0)).toBe(true);
      expect(textOf(events)).toBe(text);
    }
  });

  test('and white space without end, are not held back for ever', async () => {
    model.next(says('\n'.repeat(150), 'a'), says(`<think>${'\n'.repeat(150)}b</think>${'\n'.repeat(150)}c`));
    expect(textOf(await answer())).toBe(`${'\n'.repeat(150)}a`);
    expect(textOf(await answer())).toMatch(/^\n{50}b\n{150}c$/);
  });
});

describe('what a server does not take', () => {
  const refuses =
    (status: number, body: object | string): Answer =>
    (wire) => {
      wire.head(status, { 'content-type': 'application/json' });
      wire.send(typeof body === 'string' ? body : JSON.stringify(body));
      wire.finish();
    };
  const tooMany = (message: string) => refuses(400, { error: { message, type: 'BadRequestError', code: 400 } });

  test.each([
    [400, { error: { message: 'Unrecognized request argument supplied: stream_options' } }],
    [422, { detail: [{ type: 'extra_forbidden', loc: ['body', 'stream_options'] }] }],
  ])('stream_options, with %i: asked once more without, and from then on', async (status, body) => {
    model.next(refuses(status, body), says('Hello'), says('again'));
    const old = provider();
    expect(textOf(await all(old.stream(asking(), forever)))).toBe('Hello');
    expect(textOf(await all(old.stream(asking(), forever)))).toBe('again');
    expect(model.calls.map(({ body: asked }) => 'stream_options' in asked)).toEqual([true, false, false]);
  });

  test('stream_options, of several requests at once: each is asked once more without', async () => {
    const refusal = refuses(400, { error: { message: 'Unrecognized request argument supplied: stream_options' } });
    const { promise: allThere, resolve } = Promise.withResolvers<void>();
    model.otherwise(async (wire, call) => {
      if (model.calls.length === 3) resolve();
      await allThere;
      return ('stream_options' in call.body ? refusal : says('Hello'))(wire, call);
    });
    const old = provider();
    const answers = [1, 2, 3].map(() => all(old.stream(asking(), forever)));
    expect((await Promise.all(answers)).map(textOf)).toEqual(['Hello', 'Hello', 'Hello']);
    expect(model.calls).toHaveLength(6);
  });

  test.each([
    [
      "'max_tokens' or 'max_completion_tokens' is too large: 16000. This model's maximum context length is 8192 tokens and your request has 150 input tokens (16000 > 8192 - 150).",
      8192,
      8042,
    ],
    [
      "This model's maximum context length is 8192 tokens. However, you requested 16150 tokens (150 in the messages, 16000 in the completion). Please reduce the length of the messages or completion.",
      8192,
      8042,
    ],
    [
      '`inputs` tokens + `max_new_tokens` must be <= 8192. Given: 150 `inputs` tokens and 16000 `max_new_tokens`',
      8192,
      8042,
    ],
    ['max_tokens (16000) exceeds context length of 8,192 tokens', 8192, null],
    ['max_tokens=16000 cannot be greater than max_model_len=8192. Please request fewer output tokens.', 8192, null],
    [
      'max_tokens is too large: 16000. This model supports at most 4096 completion tokens, whereas you provided 16000.',
      null,
      4096,
    ],
    ['Invalid max_tokens value, the valid range of max_tokens is [1, 8192]', null, 8192],
    [
      '`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model',
      null,
      8192,
    ],
  ])('so long an answer: asked once more for what fits, %s', async (message, context, fits) => {
    model.next(tooMany(message), says('Hello'), says('again'));
    const small = provider();
    const asked = asking({ model: 'small', maxOutputTokens: 16_000 });
    expect(textOf(await all(small.stream(asked, forever)))).toBe('Hello');
    const sent = model.calls[1]?.body.max_tokens ?? 0;
    if (fits) expect(sent).toBe(fits);
    expect(sent).toBeGreaterThan(1_000);
    expect(sent).toBeLessThan(8_193);
    expect(small.contextWindow('small')).toBe(context ?? 128_000);
    expect(small.contextWindow('another')).toBe(128_000);
    await all(small.stream(asked, forever));
    if (!context) expect(model.calls[2]?.body.max_tokens).toBe(fits);
  });

  test.each([
    ['request (9412 tokens) exceeds the available context size (8192 tokens), try increasing it', 8192],
    ['prompt is too long: 208310 tokens > 200000 maximum', 200_000],
    [
      "This model's maximum context length is 4096 tokens. However, your messages resulted in 9000 tokens in your prompt.",
      4096,
    ],
  ])('so long a question, which no shorter answer mends: %s', async (message, context) => {
    model.next(tooMany(message));
    const small = provider();
    const { failure } = await broken(small.stream(asking({ model: 'small' }), forever));
    expect(failure).toMatchObject({ code: 'INVALID_REQUEST', retryable: false, isTooLong: true });
    expect(small.contextWindow('small')).toBe(context);
    expect(model.calls).toHaveLength(1);
  });

  test('so long an answer, twice: asked no third time', async () => {
    const message = "This model's maximum context length is 8192 tokens and your request has 150 input tokens";
    model.next(tooMany(message), tooMany(message), says('never'));
    const { failure } = await broken(provider().stream(asking({ maxOutputTokens: 16_000 }), forever));
    expect(failure).toMatchObject({ code: 'INVALID_REQUEST', isTooLong: true });
    expect(model.calls).toHaveLength(2);
  });

  test('is read no further than it takes to understand it', async () => {
    let sent = 0;
    model.next(async (wire) => {
      wire.head(400, { 'content-type': 'application/json' });
      for (; sent < 1_000; sent += 1) {
        wire.send('x'.repeat(100_000));
        if ((await Promise.race([wire.gone.then(() => 'gone'), turnsOfTheLoop(1)])) === 'gone') return;
      }
    });
    const { failure } = await broken(provider().stream(asking(), forever));
    expect(failure).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(sent).toBeLessThan(1_000);
  });
});

describe('the model of a server of which none was named', () => {
  const unsure = () => openai({ apiKey: undefined, baseUrl: `${model.url}/v1`, model: undefined, silenceMs });
  const found = async () => {
    const server = unsure();
    await expect.poll(() => server.defaultModel()).not.toBe('default');
    return server;
  };

  test.each([
    ['bge-m3:latest', 'qwen3:8b'],
    ['nomic-embed-text:latest', 'all-minilm:l6-v2', 'mistral:7b'],
    ['BAAI/bge-reranker-v2-m3', 'Qwen/Qwen3-8B'],
    ['jina-embeddings-v3', 'whisper-large-v3', 'gemma3:4b'],
    ['llama-guard3:8b', 'dall-e-3', 'gpt-oss:20b'],
  ])('is one that chats, by its name: %s', async (...names) => {
    model.models = names;
    const server = await found();
    expect(server.defaultModel()).toBe(names.at(-1));
    expect(server.defaultModelSource()).toBe('SERVER_LIST');
  });

  test.each(['list', 'each'] as const)('is a model that can chat, by what Ollama says of it: %s', async (place) => {
    model.models = ['odd-one:latest', 'embedding-of-words:7b', 'another:1b'];
    const capabilities = {
      'odd-one:latest': ['embedding'],
      'embedding-of-words:7b': ['completion'],
      'another:1b': ['embedding'],
    };
    model.ollama = { place, capabilities };
    expect((await found()).defaultModel()).toBe('embedding-of-words:7b');
  });

  test('is asked for again when it is gone, and the run names the one that answers', async () => {
    const server = await found();
    expect(server.defaultModel()).toBe('llama3.2:3b');
    model.models = ['bge-m3:latest', 'gemma3:4b'];
    const gone = fails(404, 'not_found_error', {}, 'model "llama3.2:3b" not found, try pulling it first');
    model.next(gone, says('Hello'));
    const events = await all(server.stream(asking({ model: 'llama3.2:3b', isDefaultModel: true }), forever));
    expect(events[0]).toEqual({ type: 'model', model: 'gemma3:4b' });
    expect(textOf(events)).toBe('Hello');
    expect(model.calls.map(({ body }) => body.model)).toEqual(['llama3.2:3b', 'gemma3:4b']);
    expect(server.defaultModel()).toBe('gemma3:4b');

    // A model that an agent names is not replaced.
    model.next(gone);
    expect((await broken(server.stream(asking({ model: 'llama3.2:3b' }), forever))).failure.code).toBe(
      'INVALID_REQUEST',
    );
  });

  test.each([
    ['that is no list', '{"data":7}'],
    ['that is no JSON', '<html>'],
    ['with entries that are no models', '{"data":[null,7,{},{"id":7},{"id":""},{"id":"llama3.2:3b"}]}', 'llama3.2:3b'],
    ['without end', `{"data":[{"id":"${'x'.repeat(3_000_000)}`],
  ])('comes from a list %s', async (_name, list, name = 'default') => {
    const real = fetch;
    let lists = 0;
    using _listed = vi.spyOn(globalThis, 'fetch').mockImplementation((url, init) => {
      if (!String(url instanceof Request ? url.url : url).endsWith('/models')) return real(url, init);
      lists += 1;
      return Promise.resolve(new Response(list, { headers: { 'content-type': 'application/json' } }));
    });
    const server = unsure();
    await until(() => lists === 1);
    model.next(says('Hello'));
    const events: ProviderEvent[] = [];
    await collect(server.stream(asking({ model: 'default' }), forever), events).catch(() => {});
    expect(server.defaultModel()).toBe(name);
  });
});

describe('what fails', () => {
  const half = chunk([choice({ role: 'assistant', content: 'Half' })]);
  const overloaded = JSON.stringify({ error: { message: 'x', code: 'server_is_overloaded' } });
  const document = JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' } }] });
  const endless = Array.from({ length: 50 }, () => 'x'.repeat(100_000));
  const inStream = (error: unknown) => sends(half, `data: ${JSON.stringify({ error })}\n\n`);

  const rows: [string, Answer, Partial<ProviderFailure>, string][] = [
    ['the connection breaks', cutsAfter('Half', ' an'), { code: 'UPSTREAM_CUT', retryable: false }, 'Half an'],
    ['the body ends early', endsAfter('Half', ' an'), { code: 'UPSTREAM_CUT', retryable: false }, 'Half an'],
    [
      'Ollama’s model dies, which it tells by an empty chunk and an end',
      sends(half, chunk([choice({ role: 'assistant', content: '' })])),
      { code: 'UPSTREAM_CUT' },
      'Half',
    ],
    ['it is a page and no stream', sends('<html>Hello</html>'), { code: 'UPSTREAM_CUT' }, ''],
    ['it hangs up without a byte', hangsUp(), { code: 'UPSTREAM_UNREACHABLE', retryable: true }, ''],
    ['overloaded, at once', fails(503, 'overloaded_error'), { code: 'OVERLOADED', retryable: true }, ''],
    ['overloaded, in the stream', failsAfter('overloaded_error'), { code: 'OVERLOADED', retryable: true }, ''],
    ['overloaded, half-way', failsAfter('overloaded_error', 'Half'), { code: 'OVERLOADED', retryable: true }, 'Half'],
    ['rate limited', fails(429), { code: 'RATE_LIMITED', retryable: true }, ''],
    ['rate limited, in the stream', failsAfter('rate_limit_error'), { code: 'RATE_LIMITED', retryable: true }, ''],
    ['an account without money', quota(), { code: 'PROVIDER_AUTH', retryable: false }, ''],
    ['an error of its own', fails(500), { code: 'UPSTREAM_ERROR', retryable: true }, ''],
    ['a gateway without a body', fails(502, ''), { code: 'UPSTREAM_ERROR', retryable: true }, ''],
    ['an error in the stream', failsAfter('api_error', 'Half'), { code: 'UPSTREAM_ERROR', retryable: true }, 'Half'],
    ['an error not yet invented', failsAfter('odd_error'), { code: 'UPSTREAM_ERROR', retryable: true }, ''],
    ['an error that is a text alone', inStream('llama runner died'), { code: 'UPSTREAM_ERROR' }, 'Half'],
    ['vLLM’s error with a status', inStream({ message: 'x', code: 400 }), { code: 'INVALID_REQUEST' }, 'Half'],
    ['OpenRouter’s error', inStream({ message: 'x', code: 502 }), { code: 'UPSTREAM_ERROR' }, 'Half'],
    [
      'an error event by name',
      sends(half, 'event: error\ndata: {"message":"x","type":"invalid_request_error"}\n\n'),
      { code: 'INVALID_REQUEST' },
      'Half',
    ],
    ['an error as its reason', sends(half, chunk([choice({}, 'error')]), done), { code: 'UPSTREAM_ERROR' }, 'Half'],
    [
      'too little of DeepSeek',
      sends(half, chunk([choice({}, 'insufficient_system_resource')]), done),
      { code: 'OVERLOADED' },
      'Half',
    ],
    ['a wrong key', fails(401), { code: 'PROVIDER_AUTH', retryable: false }, ''],
    ['a forbidden model', fails(403), { code: 'PROVIDER_AUTH', retryable: false }, ''],
    ['a bad request', fails(400), { code: 'INVALID_REQUEST', retryable: false }, ''],
    ['more than the window holds', tooLong(), { code: 'INVALID_REQUEST', retryable: false }, ''],
    ['an unknown model', fails(404), { code: 'INVALID_REQUEST', retryable: false }, ''],
    ['too much', fails(413), { code: 'INVALID_REQUEST', retryable: false }, ''],
    ['broken JSON', garblesAfter('Half'), { code: 'UPSTREAM_MALFORMED', retryable: false }, 'Half'],
    ['JSON that is no chunk', sends(half, 'data: null\n\n'), { code: 'UPSTREAM_MALFORMED' }, 'Half'],
    ['choices that are none', sends(half, 'data: {"choices":7}\n\n'), { code: 'UPSTREAM_MALFORMED' }, 'Half'],
    [
      'words that came with the reason of a failure',
      sends(half, chunk([choice({ content: ' more' }, 'abort')]), done),
      { code: 'UPSTREAM_CUT' },
      'Half more',
    ],
    [
      'words that are no text, with the reason to finish',
      sends(half, chunk([choice({ content: [7] }, 'stop')]), done),
      { code: 'UPSTREAM_MALFORMED' },
      'Half',
    ],
    ['words that are no text', sends(half, chunk([choice({ content: 7 })])), { code: 'UPSTREAM_MALFORMED' }, 'Half'],
    ['a JSON error with status 200', sends(overloaded), { code: 'OVERLOADED', retryable: true }, ''],
    ['vLLM’s old form of an error', sends('{"object":"error","code":400}'), { code: 'INVALID_REQUEST' }, ''],
    [
      'an error event in words',
      sends(half, 'event: error\ndata: upstream died\n\n'),
      { code: 'UPSTREAM_ERROR' },
      'Half',
    ],
    ['a JSON answer that is cut', sends(document.slice(0, 60)), { code: 'UPSTREAM_CUT' }, ''],
    [
      'an event that is cut',
      sends(half, chunk([choice({ content: 'x' })]).slice(0, 40)),
      { code: 'UPSTREAM_CUT' },
      'Half',
    ],
    [
      'an event without end',
      sends(half, 'data: ', ...endless),
      { code: 'UPSTREAM_MALFORMED', retryable: false },
      'Half',
    ],
    ['a beginning that could have been a tag', endsAfter('<thi'), { code: 'UPSTREAM_CUT' }, '<thi'],
    ['a thought that is not closed', endsAfter('<think>Hm</thi'), { code: 'UPSTREAM_CUT' }, 'Hm</thi'],
  ];

  test.each(rows)('%s', async (_name, scripted, expected, text) => {
    model.next(scripted);
    const { events, failure } = await broken(provider().stream(asking(), forever));
    expect(failure).toMatchObject(expected);
    expect(textOf(events)).toBe(text);
    expect(events.some((event) => event.type === 'end')).toBe(false);
    expect(model.calls.length).toBe(1);
  });

  test.each<[string, Answer, Partial<ProviderFailure>]>([
    ['busy', fails(503), { code: 'OVERLOADED', retryable: true }],
    ['without that model', fails(404), { code: 'INVALID_REQUEST', retryable: false }],
    ['at fault', fails(500), { code: 'UPSTREAM_ERROR', retryable: true }],
    ['not let in', fails(401), { code: 'PROVIDER_AUTH', retryable: false }],
    ['cut', cutsAfter('Half'), { code: 'UPSTREAM_CUT', retryable: false }],
    ['at an early end', endsAfter('Half'), { code: 'UPSTREAM_CUT', retryable: false }],
    ['overloaded in the stream', failsAfter('overloaded_error'), { code: 'OVERLOADED', retryable: true }],
  ])('Ollama, %s', async (_name, scripted, expected) => {
    model.next(scripted);
    const { failure } = await broken(provider().stream(asking({ model: 'llama3.2:3b' }), forever));
    expect(failure).toMatchObject(expected);
  });

  test('connection refused', async () => {
    const { url } = model;
    await model.close();
    const { failure } = await broken(provider(`${url}/v1`).stream(asking(), forever));
    expect(failure).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', retryable: true });
    expect(failure.message).toContain('ECONNREFUSED');
    model = await modelServer();
  });

  test('neither a key nor a server is set', async () => {
    const lost = openai({ apiKey: undefined, baseUrl: undefined, model: 'gpt-test', silenceMs });
    expect([lost.isConfigured(), provider().isConfigured()]).toEqual([false, true]);
    expect((await broken(lost.stream(asking(), forever))).failure).toMatchObject({
      code: 'PROVIDER_AUTH',
      retryable: false,
    });
  });

  test.each([
    ['seconds', '7', 7000, 7000],
    ['a date', new Date(Date.now() + 3_600_000).toUTCString(), 3_000_000, 3_600_000],
    ['a date long gone', new Date(0).toUTCString(), 0, 0],
  ])('with retry-after in %s', async (_form, header, least, most) => {
    model.next(fails(429, 'rate_limit_error', { 'retry-after': header }));
    const { failure } = await broken(provider().stream(asking(), forever));
    expect(failure.retryAfterMs).toBeGreaterThanOrEqual(least);
    expect(failure.retryAfterMs).toBeLessThanOrEqual(most);
  });

  test('without the key or a word of the talk in what is logged', async () => {
    const printed = (['error', 'warn', 'info', 'log', 'debug'] as const).map((name) => vi.spyOn(console, name));
    const echoed = `${key} ${question}`;
    const answers = [
      fails(400, 'invalid_request_error', {}, echoed),
      inStream({ message: echoed, type: echoed, code: echoed }),
      inStream(echoed),
      sends(half, `data: ${echoed}\n\n`),
    ];
    for (const scripted of answers) {
      model.next(scripted);
      const { failure } = await broken(provider().stream(asking(), forever));
      const logged = `${failure.stack} ${JSON.stringify(failure)} ${String(failure.cause)}`;
      expect(logged).toContain('ProviderFailure');
      for (const secret of [key, question, 'confidence']) expect(logged).not.toContain(secret);
    }
    for (const spy of printed) expect(spy).not.toHaveBeenCalled();
  });

  function quota(): Answer {
    const error = { message: 'x', type: 'insufficient_quota', param: null, code: 'insufficient_quota' };
    return refuses(429, error);
  }

  function tooLong(): Answer {
    const error = { message: 'x', type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' };
    return refuses(400, error);
  }

  function refuses(status: number, error: object): Answer {
    return (wire) => {
      wire.head(status, { 'content-type': 'application/json' });
      wire.send(JSON.stringify({ error }));
      wire.finish();
    };
  }
});

describe('silence', () => {
  // Our clock alone stands still; sockets have one of their own.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test.each<[string, (held: Held) => Held, number]>([
    ['before the headers', (held) => held, 0],
    ['within the answer', (held) => held.write('Half').write(' an'), 2],
  ])('%s fails when it has lasted long enough', async (_when, play, said) => {
    const held = play(model.hold());
    const events: ProviderEvent[] = [];
    let failure: unknown;
    const listening = collect(provider().stream(asking(), forever), events).catch((error) => (failure = error));
    await held.arrived;
    await until(() => events.length === said && vi.getTimerCount() > 0);

    vi.advanceTimersByTime(silenceMs - 1);
    await turnsOfTheLoop(3);
    expect(failure).toBeUndefined();

    vi.advanceTimersByTime(1);
    await listening;
    expect(failure).toMatchObject({ code: 'UPSTREAM_SILENT', retryable: false });
    expect(events.length).toBe(said);
    await held.gone;
  });

  test('after the headers fails too', async () => {
    const held = model.hold().begin().ping();
    let failure: unknown;
    void all(provider().stream(asking(), forever)).catch((error) => (failure = error));
    await held.arrived;
    // Nothing of the headers, nor of what comes before the first word, is visible here: so as often as it takes.
    await until(() => (vi.advanceTimersByTime(silenceMs), failure !== undefined));
    expect(failure).toMatchObject({ code: 'UPSTREAM_SILENT' });
    await held.gone;
  });

  test('after the reason to finish and before the first word, lasts as long as any, and the answer is empty', async () => {
    const events: ProviderEvent[] = [];
    let hasEnded = false;
    model.next((wire) => wire.send(chunk([choice({}, 'stop')])));
    const patient = openai({ apiKey: key, baseUrl: `${model.url}/v1`, model: 'gpt-test', silenceMs: 60_000 });
    void collect(patient.stream(asking(), forever), events).then(() => (hasEnded = true));
    await until(() => model.calls.length === 1 && vi.getTimerCount() > 0);
    await turnsOfTheLoop(20);
    vi.advanceTimersByTime(59_999);
    await turnsOfTheLoop(5);
    expect(hasEnded).toBe(false);
    await until(() => (vi.advanceTimersByTime(60_000), hasEnded));
    expect(events).toEqual([{ type: 'end', stopReason: 'END_TURN' }]);
  });

  test('after the reason to finish and a word is ten seconds from each chunk', async () => {
    const events: ProviderEvent[] = [];
    let hasEnded = false;
    const said = Promise.withResolvers<Wire>();
    model.next((wire) => (wire.send(chunk([choice({ content: 'one' }, 'stop')])), said.resolve(wire)));
    const patient = openai({ apiKey: key, baseUrl: `${model.url}/v1`, model: 'gpt-test', silenceMs: 60_000 });
    void collect(patient.stream(asking(), forever), events).then(() => (hasEnded = true));
    await until(() => events.length === 1 && vi.getTimerCount() > 0);
    await turnsOfTheLoop(3);
    vi.advanceTimersByTime(9_999);
    (await said.promise).send(chunk([choice({ content: ' two' }, 'stop')]));
    await until(() => events.length === 2);
    await turnsOfTheLoop(3);
    vi.advanceTimersByTime(9_999);
    await turnsOfTheLoop(3);
    expect(hasEnded).toBe(false);
    vi.advanceTimersByTime(1);
    await until(() => hasEnded);
    expect(textOf(events)).toBe('one two');
    expect(events.at(-1)).toEqual({ type: 'end', stopReason: 'END_TURN' });
  });

  test('after the reason to finish takes nothing from the answer', async () => {
    const events: ProviderEvent[] = [];
    model.next((wire) => wire.send(chunk([choice({ content: 'Hello' }, 'stop')])));
    const listening = collect(provider().stream(asking(), forever), events);
    await until(() => events.length === 1 && vi.getTimerCount() > 0);
    vi.advanceTimersByTime(silenceMs);
    await listening;
    expect(events.at(-1)).toEqual({ type: 'end', stopReason: 'END_TURN' });
  });
});

test('signs of life without a word do not keep an answer open whose finish reason has come', async () => {
  const alive = openai({ apiKey: key, baseUrl: `${model.url}/v1`, model: 'gpt-test', silenceMs: 200 });
  model.next(async (wire) => {
    wire.send(chunk([choice({ content: 'Hello' }, 'stop')]));
    const pinging = setInterval(() => wire.send(': ping\n\n'), 20);
    await wire.gone;
    clearInterval(pinging);
  });
  const events = await all(alive.stream(asking(), forever));
  expect(textOf(events)).toBe('Hello');
  expect(events.at(-1)).toEqual({ type: 'end', stopReason: 'END_TURN' });
});

test.each([
  [429, 'RATE_LIMITED', undefined],
  [503, 'OVERLOADED', 2],
  [400, 'INVALID_REQUEST', undefined],
])('an error (%i) as the only element of a JSON array, with status 200, is %s', async (code, expected, indent) => {
  model.next(sends(JSON.stringify([{ error: { code, message: 'x', status: 'UNKNOWN' } }], null, indent)));
  const { failure } = await broken(provider().stream(asking(), forever));
  expect(failure).toMatchObject({ code: expected });
});

describe('a stop', () => {
  test('before the request sends nothing', async () => {
    await expect(all(provider().stream(asking(), AbortSignal.abort('enough')))).rejects.toBe('enough');
    expect(model.calls).toEqual([]);
  });

  test('while waiting for the headers, hangs up and throws its reason', async () => {
    const stop = new AbortController();
    const held = model.hold();
    const heard = all(provider().stream(asking(), stop.signal));
    await Promise.all([expect(heard).rejects.toBe('enough'), held.arrived.then(() => stop.abort('enough'))]);
    await held.gone;
  });

  test('in the middle, hangs up and throws its reason', async () => {
    const stop = new AbortController();
    const held = model.hold().write('one').write('two');
    const { events, failure } = await broken(stopAtFirstDelta(stop), stop);
    expect(failure).toBe('enough');
    // The second word was there already: it is not delivered after the stop.
    expect(textOf(events)).toBe('one');
    await held.gone;
  });

  test('after the reason to finish is a stop all the same', async () => {
    const stop = new AbortController();
    model.next((wire) => wire.send(chunk([choice({ content: 'one' }, 'stop')])));
    expect((await broken(stopAtFirstDelta(stop), stop)).failure).toBe('enough');
  });

  test('takes effect within a turn of the event loop', async () => {
    const stop = new AbortController();
    model.next(silentAfter('one'));
    const events = provider().stream(asking(), stop.signal)[Symbol.asyncIterator]();
    await events.next();
    const waiting = events.next().then(null, (reason: unknown) => reason);
    stop.abort('enough');
    expect(await Promise.race([waiting, turnsOfTheLoop(2)])).toBe('enough');
  });

  test('of reading alone hangs up too', async () => {
    const held = model.hold().write('one');
    for await (const event of provider().stream(asking(), forever)) if (event.type === 'delta') break;
    await held.gone;
  });

  function stopAtFirstDelta(stop: AbortController): AsyncIterable<ProviderEvent> {
    return (async function* () {
      for await (const event of provider().stream(asking(), stop.signal)) {
        yield event;
        if (event.type === 'delta') stop.abort('enough');
      }
    })();
  }
});

const forever = new AbortController().signal;

function provider(baseUrl = `${model.url}/v1`) {
  return openai({ apiKey: key, baseUrl, model: 'gpt-test', silenceMs });
}

function asking(part: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'gpt-test',
    system: ['Be kind.'],
    messages: [{ role: 'user', content: question }],
    maxOutputTokens: 1000,
    effort: null,
    isContinuation: false,
    ...part,
  };
}

function answer(part: Partial<ModelRequest> = {}): Promise<ProviderEvent[]> {
  return all(provider().stream(asking(part), forever));
}
