/** Every field of what a provider sends, with every kind of JSON in its place: the answer ends, and the words before it are kept. */
import { expect, test, vi } from 'vitest';

import { AnthropicSpeech, bodyOf, sse } from '../testing/model-speech.ts';
import { choice, chunk } from '../testing/openai-speech.ts';
import { textOf } from '../testing/provider-events.ts';
import { anthropic } from './anthropic.ts';
import { openai } from './openai.ts';
import { type ModelRequest, type Provider, type ProviderEvent, ProviderFailure } from './provider.ts';

const kinds: unknown[] = [null, true, false, 7, -1, 2 ** 31, 1e30, 1.5, '', 'text', '10', [], ['x'], {}];

const usage = {
  prompt_tokens: 4,
  completion_tokens: 2,
  prompt_tokens_details: { cached_tokens: 1, cache_write_tokens: 1 },
};
const parts = [
  { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
  { type: 'text', text: 'x' },
];

const completions = {
  events: [
    {
      object: 'chat.completion.chunk',
      model: 'm',
      choices: [choice({ role: 'assistant', content: ' more', reasoning: 'Hm', refusal: null })],
    },
    { choices: [choice({ content: parts, reasoning_content: 'Hm' }, 'stop')] },
    { choices: [], usage, error: null },
    { choices: [{ index: 0, message: { content: ' more', refusal: null }, finish_reason: 'stop' }], usage },
  ],
  bodyWith: (event: string) =>
    `${chunk([choice({ content: 'Half ' })])}data: ${event}\n\n${chunk([choice({}, 'stop')])}data: [DONE]\n\n`,
  provider: () => openai({ apiKey: 'key', baseUrl: 'http://model.test/v1', model: 'gpt-test', silenceMs: 30_000 }),
};

const tokens = { input_tokens: 4, output_tokens: 2, cache_read_input_tokens: 1, cache_creation_input_tokens: 1 };

const messages = {
  events: [
    { type: 'message_start', message: { id: 'm', role: 'assistant', content: [], stop_reason: null, usage: tokens } },
    { type: 'content_block_start', index: 1, content_block: { type: 'text', text: 'x' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ' more' } },
    { type: 'content_block_delta', index: 2, delta: { type: 'thinking_delta', thinking: 'Hm' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: tokens },
    { type: 'message', content: [{ type: 'text', text: 'x' }], stop_reason: 'end_turn', usage: tokens },
    { type: 'error', error: { type: 'api_error', message: 'x' } },
  ],
  bodyWith: (event: string) =>
    `${new AnthropicSpeech().say('Half ')}data: ${event}\n\n${sse({ type: 'content_block_stop', index: 0 })}${bodyOf([]).replace(/^.*\n.*\n\n/, '')}`,
  provider: () => anthropic({ apiKey: 'key', baseUrl: 'http://model.test', model: 'claude-test', silenceMs: 30_000 }),
};

test.each([
  ['Chat Completions', completions],
  ['Anthropic', messages],
])('in the form of %s', async (_form, { events, bodyWith, provider }) => {
  const asked = provider();
  const odd = [...new Set(events.flatMap((event) => oddly(event)).map((event) => JSON.stringify(event)))];
  expect(odd.length).toBeGreaterThan(200);
  let body = '';
  using _network = vi.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(new Response(body)));
  for (const event of odd) {
    body = bodyWith(event);
    const { said, failure } = await outcome(asked);
    expect(textOf(said).startsWith('Half '), event).toBe(true);
    if (!failure) expect(said.at(-1)?.type, event).toBe('end');
    for (const each of said)
      if (each.type === 'usage') for (const count of Object.values(each.usage)) expectCount(count);
  }
});

/** A copy for each of its fields and each kind that the field can have, and each kind in its own place. */
function oddly(value: unknown): unknown[] {
  const copies = [...kinds];
  if (typeof value !== 'object' || value === null) return copies;
  for (const [name, field] of Object.entries(value)) {
    for (const odd of oddly(field)) {
      copies.push(Array.isArray(value) ? value.with(Number(name), odd) : { ...value, [name]: odd });
    }
  }
  return copies;
}

async function outcome(provider: Provider): Promise<{ said: ProviderEvent[]; failure?: ProviderFailure }> {
  const said: ProviderEvent[] = [];
  try {
    for await (const event of provider.stream(request, new AbortController().signal)) said.push(event);
    return { said };
  } catch (error) {
    expect(error).toBeInstanceOf(ProviderFailure);
    return { said, failure: error as ProviderFailure };
  }
}

function expectCount(count: unknown): void {
  expect(Number.isInteger(count)).toBe(true);
  expect(count).toBeGreaterThanOrEqual(0);
  expect(count).toBeLessThan(2 ** 31);
}

const request: ModelRequest = {
  model: 'gpt-test',
  system: [],
  messages: [{ role: 'user', content: 'Speak.' }],
  isContinuation: false,
  maxOutputTokens: 100,
  effort: null,
};
