import OpenAI from 'openai';
import { failureOf } from './openai-failures.ts';
import { Answer } from './openai-answer.ts';
import { firstModelOf, unnamedModel } from './openai-models.ts';
import { ProviderFailure, type ModelRequest, type Provider, type ProviderEvent } from './provider.ts';
import { noKey } from './refusal.ts';
import { Wire } from './wire.ts';

export interface OpenAiSettings {
  /** OpenAI's own server wants one; those at home mostly do not. */
  apiKey: string | undefined;
  /** Another server that speaks Chat Completions, as `http://localhost:11434/v1`. */
  baseUrl: string | undefined;
  /** Answers for agents that name none. Left out: OpenAI's usual one, or at another server the first that it lists. */
  model: string | undefined;
  /** How long the wire may carry no byte at all. */
  silenceMs: number;
}

/** OpenAI, and whatever else speaks its Chat Completions: Ollama, vLLM, llama.cpp, gateways. */
export function openai(given: OpenAiSettings): Provider {
  const settings = { ...given, model: given.model ?? (given.baseUrl ? undefined : 'gpt-6.1-sol') };
  // So that the first question knows its model's name already; a server that is away now is asked again with the question.
  if (!settings.model) void findModel(settings).catch(() => {});
  return {
    isConfigured: () => Boolean(settings.apiKey || settings.baseUrl),
    defaultModel: () => settings.model ?? unnamedModel,
    contextWindow: windowOf,
    stream: (request, signal) => generate(settings, request, signal),
  };
}

async function findModel(settings: OpenAiSettings): Promise<void> {
  const wire = new Wire(settings.silenceMs);
  settings.model = await firstModelOf(clientFor(settings, wire.fetch), wire.signal);
}

async function* generate(
  settings: OpenAiSettings,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ProviderEvent> {
  if (!settings.apiKey && !settings.baseUrl) throw noKey('OPENAI_API_KEY');
  const wire = new Wire(settings.silenceMs);
  const client = clientFor(settings, wire.fetch);

  try {
    const either = AbortSignal.any([signal, wire.signal]);
    if (request.model === unnamedModel) settings.model ??= await firstModelOf(client, either);
    const model = request.model === unnamedModel ? (settings.model ?? unnamedModel) : request.model;
    const body = bodyFor({ ...request, model }, settings.baseUrl);
    const response = await client.chat.completions.create(body, { signal: either }).asResponse();
    const answer = new Answer(response);
    yield* wholeOf(answer, wire, response, signal);
    signal.throwIfAborted();
    if (answer.stopReason) return yield { type: 'end', stopReason: answer.stopReason };
    throw new ProviderFailure('UPSTREAM_CUT', 'The stream ended before a finish_reason.', { retryable: false });
  } catch (error) {
    // An abort looks like a clean end or like any error, so ask the signals first.
    signal.throwIfAborted();
    wire.signal.throwIfAborted();
    throw failureOf(error);
  }
}

/** Milliseconds. After the reason to finish only the usage may follow; some servers send none, and keep the connection. */
const USAGE_MS = 1_000;

async function* wholeOf(
  answer: Answer,
  wire: Wire,
  response: Response,
  signal: AbortSignal,
): AsyncGenerator<ProviderEvent> {
  try {
    for await (const events of wire.events(response)) {
      for (const wireEvent of events) {
        for (const event of answer.read(wireEvent)) {
          // What came together with others must not be heard after a stop.
          signal.throwIfAborted();
          yield event;
        }
      }
      if (answer.isOver) return;
      if (answer.stopReason) wire.expectLittle(USAGE_MS);
    }
  } catch (error) {
    // After the reason to finish the text is whole: what the wire does then costs us the usage at most.
    if (!answer.stopReason) throw error;
  }
}

function clientFor({ apiKey, baseUrl, silenceMs }: OpenAiSettings, fetch: typeof globalThis.fetch): OpenAI {
  return new OpenAI({
    // The SDK wants one; without a key of ours it is not sent.
    apiKey: apiKey?.trim() || 'none',
    ...(!apiKey?.trim() && { defaultHeaders: { authorization: null } }),
    // `undefined` would let the SDK read the environment by itself, here and below.
    baseURL: baseUrl ?? null,
    adminAPIKey: null,
    organization: null,
    project: null,
    maxRetries: 0,
    // Longer than the watch, which then is the only one to tell. The SDK wants whole milliseconds.
    timeout: Math.ceil(silenceMs * 2),
    fetch,
    // It would print what it cannot parse.
    logLevel: 'off',
  });
}

function bodyFor({ model, system, messages, maxOutputTokens, effort }: ModelRequest, baseUrl: string | undefined) {
  return {
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: messagesOf(system, messages),
    ...(knowsCompletionTokens(model, baseUrl)
      ? { max_completion_tokens: maxOutputTokens }
      : { max_tokens: maxOutputTokens }),
    ...(effort && isReasoner(model) && { reasoning_effort: effortNames[effort] }),
  } satisfies OpenAI.ChatCompletionCreateParamsStreaming;
}

const effortNames = { LOW: 'low', MEDIUM: 'medium', HIGH: 'high' } as const;

type WireMessage = { role: 'system' | 'user' | 'assistant'; content: string };

/**
 * One system message, and people and model in turns: the chat templates of many open models refuse a second system message, or
 * two neighbours of one role. The prefix stays the same from turn to turn, which is all that caching by prefix needs.
 */
function messagesOf(system: ModelRequest['system'], messages: ModelRequest['messages']): WireMessage[] {
  const said: WireMessage[] = [...system.map((content) => ({ role: 'system' as const, content })), ...messages];
  const turns: WireMessage[] = [];
  for (const { role, content } of said.filter(({ content }) => content.trim())) {
    const last = turns.at(-1);
    if (last?.role === role) last.content += `\n\n${content}`;
    else turns.push({ role, content });
  }
  return turns;
}

/**
 * The limit has two names, and no server takes both: OpenAI's reasoning models answer 400 to `max_tokens`, whereas Ollama
 * and older servers ignore `max_completion_tokens` without a word, and an answer there would have no limit at all.
 */
function knowsCompletionTokens(model: string, baseUrl: string | undefined): boolean {
  return !baseUrl || /(^|\.)openai\.(azure\.)?com$/.test(new URL(baseUrl).hostname) || isOpenAisReasoner(model);
}

/** Others answer 400 to an effort, so that only models known to understand it are told one. */
function isReasoner(model: string): boolean {
  return isOpenAisReasoner(model) || /\bgpt-oss\b/.test(model);
}

/** By OpenAI's name, or as gateways write it: `openai/gpt-6.1-sol`. Its chat variants do not reason. */
function isOpenAisReasoner(model: string): boolean {
  return /^(?:.*\/)?(?:o\d|gpt-(?:[5-9]|1\d))(?!.*-chat)/.test(model);
}

/** Tokens. The table is of OpenAI's; for others the size that most open models of these years have. */
function windowOf(model: string): number {
  const name = model.replace(/^.*\//, '');
  return windows.find(([names]) => names.test(name))?.[1] ?? 128_000;
}

const windows: [names: RegExp, tokens: number][] = [
  [/^gpt-.*-chat/, 128_000],
  [/^gpt-5\.4-(?:mini|nano)/, 400_000],
  [/^gpt-(?:5\.[4-9]|[6-9]|1\d)/, 1_050_000],
  [/^gpt-5/, 400_000],
  [/^gpt-4\.1/, 1_047_576],
  [/^o\d/, 200_000],
  [/^gpt-3\.5/, 16_385],
];
