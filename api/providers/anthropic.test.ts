import { LLMock } from '@copilotkit/aimock';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bodyOf, sse } from '../testing/model-speech.ts';
import {
  cutsAfter,
  endsAfter,
  fails,
  failsAfter,
  hangsUp,
  modelServer,
  says,
  sends,
  silentAfter,
  stopsAt,
  thinks,
  type Answer,
  type Held,
  type ModelServer,
} from '../testing/model-server.ts';
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
import { anthropic } from './anthropic.ts';
import type { ModelRequest, ProviderEvent, ProviderFailure } from './provider.ts';

const key = 'sk-ant-secret';
const silenceMs = 10_000;
const question = 'What did I tell you in confidence?';
let model: ModelServer;

beforeEach(async () => {
  model = await modelServer();
});
afterEach(() => model.close());

describe('what is sent', () => {
  test('the request, marked for caching at the end of the system prompt and of the messages', async () => {
    model.next(says('Hello'));
    await answer({
      system: ['You are Confab.', 'Be brief.'],
      messages: [
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'second' },
        { role: 'user', content: question },
      ],
      effort: 'MEDIUM',
    });

    const cached = { cache_control: { type: 'ephemeral' } };
    expect(model.calls[0]?.headers.authorization).toBe(`Bearer ${key}`);
    expect(model.calls[0]?.body).toEqual({
      model: 'claude-sonnet-5-5',
      stream: true,
      max_tokens: 1000,
      system: [
        { type: 'text', text: 'You are Confab.' },
        { type: 'text', text: 'Be brief.', ...cached },
      ],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'first' }] },
        { role: 'assistant', content: [{ type: 'text', text: 'second' }] },
        { role: 'user', content: [{ type: 'text', text: question, ...cached }] },
      ],
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'medium' },
    });
  });

  test.each([
    ['claude-sonnet-5-5', true],
    ['claude-haiku-5-5', true],
    ['claude-mythos-preview', true],
    ['claude-opus-4-6', true],
    ['claude-sonnet-4-6', true],
    ['a-model-behind-a-gateway', true],
    ['claude-haiku-4-5', false],
    ['claude-haiku-4-5-20251001', false],
    ['claude-opus-4-1-20250805', false],
    ['claude-sonnet-4-20250514', false],
    ['claude-3-7-sonnet-latest', false],
  ])('%s is asked for adaptive thinking and effort: %s', async (name, modern) => {
    model.next(says('Hello'));
    await answer({ model: name, effort: 'HIGH' });
    const { thinking, output_config: outputConfig } = model.calls[0]!.body;
    expect([thinking !== undefined, outputConfig !== undefined]).toEqual([modern, modern]);
    expect(provider().contextWindow(name)).toBe(modern ? 1_000_000 : 200_000);
  });

  test('no block of white space alone', async () => {
    model.next(says('Hello'));
    await answer({
      system: ['Be kind.', ' '],
      messages: [
        { role: 'user', content: '\n' },
        { role: 'user', content: question },
      ],
    });
    const { system, messages } = model.calls[0]!.body;
    expect(system).toMatchObject([{ text: 'Be kind.', cache_control: { type: 'ephemeral' } }]);
    expect(messages).toMatchObject([{ content: [{ text: question, cache_control: { type: 'ephemeral' } }] }]);
  });

  test('the request whatever the length of a silence', async () => {
    model.next(says('Hello'));
    const odd = anthropic({ apiKey: key, baseUrl: model.url, model: 'claude-sonnet-5-5', silenceMs: 5000.3 });
    expect(textOf(await all(odd.stream(asking(), forever)))).toBe('Hello');
  });

  test('an empty system prompt as none', async () => {
    model.next(says('Hello'));
    await answer({ system: [] });
    expect(model.calls[0]?.body.system ?? []).toEqual([]);
  });
});

describe('what is received', () => {
  test('text delta by delta, usage as it becomes known, and the end', async () => {
    model.next(says('Hello', ' world'));
    expect(await answer()).toEqual([
      { type: 'usage', usage: { inputTokens: 10, outputTokens: 1, cacheReadTokens: 5, cacheWriteTokens: 3 } },
      { type: 'delta', part: 0, kind: 'TEXT', text: 'Hello' },
      { type: 'delta', part: 0, kind: 'TEXT', text: ' world' },
      { type: 'usage', usage: { outputTokens: 2 } },
      { type: 'end', stopReason: 'END_TURN' },
    ]);
  });

  test('a delta at once, not when the answer is complete', async () => {
    const held = model.hold().begin().write('first');
    const events = provider().stream(asking(), forever)[Symbol.asyncIterator]();
    await events.next();
    expect((await events.next()).value).toMatchObject({ text: 'first' });
    held.end();
    expect((await all({ [Symbol.asyncIterator]: () => events })).at(-1)).toMatchObject({ type: 'end' });
  });

  test('thinking as a part of its own, without its signature', async () => {
    model.next(thinks('Hmm.', 'Yes.'));
    expect(deltasOf(await answer())).toEqual([
      { type: 'delta', part: 0, kind: 'THINKING', text: 'Hmm.' },
      { type: 'delta', part: 1, kind: 'TEXT', text: 'Yes.' },
    ]);
  });

  test('parts without holes where blocks are empty or unknown', async () => {
    const blocks = [
      block(0, { type: 'thinking', thinking: '' }),
      block(1, { type: 'redacted_thinking', data: 'xyz' }),
      block(2, { type: 'text', text: '' }, { type: 'text_delta' }, { type: 'text_delta', text: 'one' }),
      block(3, { type: 'not_yet_invented' }, { type: 'not_yet_invented_delta', text: 'no' }),
      block(4, { type: 'text', text: 'two' }, { type: 'citations_delta', citation: {} }),
    ];
    model.next(sends(...blocks, bodyOf([])));
    expect(deltasOf(await answer())).toEqual([
      { type: 'delta', part: 0, kind: 'TEXT', text: 'one' },
      { type: 'delta', part: 1, kind: 'TEXT', text: 'two' },
    ]);
  });

  test.each([
    ['end_turn', 'END_TURN'],
    ['max_tokens', 'MAX_TOKENS'],
    ['model_context_window_exceeded', 'CONTEXT_WINDOW'],
    ['stop_sequence', 'STOP_SEQUENCE'],
    ['refusal', 'REFUSAL'],
    ['tool_use', 'OTHER'],
  ] as const)('the stop reason %s as %s, also without a word said', async (wire, stopReason) => {
    model.next(stopsAt(wire), stopsAt(wire, 'Some', ' text'));
    expect((await answer()).at(-1)).toEqual({ type: 'end', stopReason });
    expect((await answer()).at(-1)).toEqual({ type: 'end', stopReason });
  });

  test('nothing of events and pings that it does not know', async () => {
    const unknown = sse({ type: 'not_yet_invented', index: 0 }) + sse({ type: 'ping' }) + ': a comment\n\n';
    model.next(sends(unknown, bodyOf(['Hello']).replaceAll('\n\n', `\n\n${unknown}`)));
    expect(textOf(await answer())).toBe('Hello');
  });

  test('the same from aimock, which plays Anthropic too', async () => {
    const mock = new LLMock({ port: 0 });
    mock.onMessage(question, { content: 'Привет, мир 👋!', reasoning: 'A greeting.' });
    await mock.start();
    try {
      const events = await all(provider(mock.url).stream(asking(), forever));
      const deltas = deltasOf(events);
      expect(new Set(deltas.map(({ part, kind }) => `${part} ${kind}`))).toEqual(new Set(['0 THINKING', '1 TEXT']));
      expect(textOf(events)).toBe('A greeting.Привет, мир 👋!');
      expect(events.at(-1)).toEqual({ type: 'end', stopReason: 'END_TURN' });
    } finally {
      await mock.stop();
    }
  });
});

describe('text is never corrupted', () => {
  const texts = fc.array(
    fc.string({ unit: fc.constantFrom('👩‍🚀', '😀', 'Ж', 'ё', 'a', ' ', '\n', '漢', '𝄞'), minLength: 1 }),
    {
      minLength: 1,
      maxLength: 5,
    },
  );

  test('by the places at which the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(4000), { maxLength: 12 }), async (said, cuts) => {
        model.next(sends(...cutAt(Buffer.from(bodyOf(said)), cuts)));
        expect(textOf(await answer())).toBe(said.join(''));
      }),
      { numRuns: 60 },
    );
  });

  test('byte by byte', async () => {
    const body = Buffer.from(bodyOf(['Привет 👋', '漢字 𝄞']));
    model.next(sends(...Array.from(body, (byte) => Uint8Array.of(byte))));
    expect(textOf(await answer())).toBe('Привет 👋漢字 𝄞');
  });

  test('by deltas that end within a character', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(40), { maxLength: 8 }), async (said, cuts) => {
        const text = said.join('');
        model.next(says(...piecesOf(text, cuts)));
        const events = await answer();
        expect(textOf(events)).toBe(text);
        expect(deltasOf(events).every((delta) => delta.text.isWellFormed())).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('by half a character that stays alone', async () => {
    model.next(says('a', '\ud83d'), says('\ud83d', 'b'), thinks('\ud83d', '\ude00c'));
    expect([textOf(await answer()), textOf(await answer()), textOf(await answer())]).toEqual([
      'a',
      '\ufffdb',
      '\ufffdc',
    ]);
  });
});

describe('what fails', () => {
  const rows: [string, Answer, Partial<ProviderFailure>, string][] = [
    ['the connection breaks', cutsAfter('Half', ' an'), { code: 'UPSTREAM_CUT', retryable: false }, 'Half an'],
    ['the body ends early', endsAfter('Half', ' an'), { code: 'UPSTREAM_CUT', retryable: false }, 'Half an'],
    ['no message_delta came', sends(sse({ type: 'message_stop' })), { code: 'UPSTREAM_CUT' }, ''],
    ['it hangs up without a byte', hangsUp(), { code: 'UPSTREAM_UNREACHABLE', retryable: true }, ''],
    ['overloaded, at once', fails(529), { code: 'OVERLOADED', retryable: true }, ''],
    ['overloaded, in the stream', failsAfter('overloaded_error'), { code: 'OVERLOADED', retryable: true }, ''],
    ['overloaded, half-way', failsAfter('overloaded_error', 'Half'), { code: 'OVERLOADED', retryable: true }, 'Half'],
    ['rate limited', fails(429), { code: 'RATE_LIMITED', retryable: true }, ''],
    ['an error of its own', fails(500), { code: 'UPSTREAM_ERROR', retryable: true }, ''],
    ['a gateway without a body', fails(502, ''), { code: 'UPSTREAM_ERROR', retryable: true }, ''],
    ['api_error in the stream', failsAfter('api_error', 'Half'), { code: 'UPSTREAM_ERROR', retryable: true }, 'Half'],
    ['an error not yet invented', failsAfter('odd_error'), { code: 'UPSTREAM_ERROR', retryable: true }, ''],
    [
      'a proxy’s error, in words, after an event without data',
      sends('event: odd\ndata:\n\n', 'event: error\ndata: upstream connect error\n\n'),
      { code: 'UPSTREAM_ERROR', retryable: true },
      '',
    ],
    ['a wrong key', fails(401), { code: 'PROVIDER_AUTH', retryable: false }, ''],
    ['a forbidden model', fails(403), { code: 'PROVIDER_AUTH', retryable: false }, ''],
    ['a bad request', fails(400), { code: 'INVALID_REQUEST', retryable: false }, ''],
    ['an unknown model', fails(404), { code: 'INVALID_REQUEST', retryable: false }, ''],
    ['too much', fails(413), { code: 'INVALID_REQUEST', retryable: false }, ''],
    ['broken JSON', sends(halfSaid('{"type":')), { code: 'UPSTREAM_MALFORMED', retryable: false }, 'Half'],
    ['JSON that is no event', sends(halfSaid('null')), { code: 'UPSTREAM_MALFORMED' }, 'Half'],
    [
      'an event without its fields',
      sends(halfSaid('{"type":"content_block_delta"}')),
      { code: 'UPSTREAM_MALFORMED' },
      'Half',
    ],
  ];

  test.each(rows)('%s', async (_name, scripted, expected, text) => {
    model.next(scripted);
    const { events, failure } = await broken(provider().stream(asking(), forever));
    expect(failure).toMatchObject(expected);
    expect(textOf(events)).toBe(text);
    expect(events.some((event) => event.type === 'end')).toBe(false);
    expect(model.calls.length).toBe(1);
  });

  test('connection refused', async () => {
    const { url } = model;
    await model.close();
    const { failure } = await broken(provider(url).stream(asking(), forever));
    expect(failure).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', retryable: true });
    expect(failure.message).toContain('ECONNREFUSED');
    model = await modelServer();
  });

  test('no key is set', async () => {
    const keyless = anthropic({ apiKey: undefined, baseUrl: model.url, model: 'claude-sonnet-5-5', silenceMs });
    expect([keyless.isConfigured(), provider().isConfigured()]).toEqual([false, true]);
    expect((await broken(keyless.stream(asking(), forever))).failure).toMatchObject({
      code: 'PROVIDER_AUTH',
      retryable: false,
    });
    expect(model.calls).toEqual([]);
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

  test.each(['', 'soon'])('with a retry-after of "%s" that says nothing', async (header) => {
    model.next(fails(429, 'rate_limit_error', { 'retry-after': header }));
    expect((await broken(provider().stream(asking(), forever))).failure.retryAfterMs).toBeUndefined();
  });

  test('without the key or a word of the talk in what is logged', async () => {
    const printed = (['error', 'warn', 'info', 'log', 'debug'] as const).map((name) => vi.spyOn(console, name));
    const echoed = `${key} ${question}`;
    const inStream = sse({ type: 'error', error: { type: 'api_error', message: echoed } });
    const answers = [fails(400, 'invalid_request_error', {}, echoed), sends(inStream), sends(halfSaid(echoed))];
    for (const scripted of answers) {
      model.next(scripted);
      const { failure } = await broken(provider().stream(asking(), forever));
      const logged = `${failure.stack} ${JSON.stringify(failure)} ${String(failure.cause)}`;
      expect(logged).toContain('ProviderFailure');
      for (const secret of [key, question, 'confidence']) expect(logged).not.toContain(secret);
    }
    for (const spy of printed) expect(spy).not.toHaveBeenCalled();
  });
});

describe('silence', () => {
  // Our clock alone stands still; sockets have one of their own.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test.each<[string, (held: Held) => Held, number]>([
    ['before the headers', (held) => held, 0],
    ['after the headers', (held) => held.begin(), 1],
    ['within the answer', (held) => held.write('Half').write(' an'), 3],
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

  test('takes effect within a turn of the event loop', async () => {
    const stop = new AbortController();
    model.next(silentAfter('one'));
    const events = provider().stream(asking(), stop.signal)[Symbol.asyncIterator]();
    await events.next();
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

function provider(baseUrl = model.url) {
  return anthropic({ apiKey: key, baseUrl, model: 'claude-sonnet-5-5', silenceMs });
}

function asking(part: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'claude-sonnet-5-5',
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

function block(index: number, content: object, ...deltas: object[]): string {
  const start = sse({ type: 'content_block_start', index, content_block: content });
  return start + deltas.map((delta) => sse({ type: 'content_block_delta', index, delta })).join('');
}

function halfSaid(data: string): string {
  const start = bodyOf(['Half']).split('event: content_block_stop')[0];
  return `${start}event: content_block_delta\ndata: ${data}\n\n`;
}
