/** What is asked of a server that speaks Chat Completions. */
import type OpenAI from 'openai';
import type { ModelRequest } from './provider.ts';

export interface Dialect {
  baseUrl: string | undefined;
  /** Whether the server takes `stream_options`, by which it is asked for its usage. */
  hasStreamOptions: boolean;
}

export function bodyFor(
  { model, system, messages, maxOutputTokens, effort }: ModelRequest,
  { baseUrl, hasStreamOptions }: Dialect,
) {
  return {
    model,
    stream: true,
    ...(hasStreamOptions && { stream_options: { include_usage: true } }),
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

/** Others answer 400 to an effort, so that only models known to understand it are sent one. */
function isReasoner(model: string): boolean {
  return isOpenAisReasoner(model) || /\bgpt-oss\b/.test(model);
}

/** By OpenAI's name, or as gateways write it: `openai/gpt-6.1-sol`. Its chat variants do not reason. */
function isOpenAisReasoner(model: string): boolean {
  return /^(?:.*\/)?(?:o\d|gpt-(?:[5-9]|1\d))(?!.*-chat)/.test(model);
}

/** Tokens. The table is of OpenAI's; for others the size that most open models of these years have. */
export function windowOf(model: string): number {
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
