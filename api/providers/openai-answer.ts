import type { EventSourceMessage } from 'eventsource-parser';
import OpenAI from 'openai';
import { Parts } from './parts.ts';
import { ProviderFailure, type FailureCode, type ProviderEvent, type StopReason, type TokenUsage } from './provider.ts';

type Chunk = OpenAI.ChatCompletionChunk;

/** What a model thought, under the names that Ollama and OpenRouter, and that vLLM, llama.cpp and DeepSeek give it. */
type Delta = Chunk['choices'][number]['delta'] & { reasoning?: string | null; reasoning_content?: string | null };

/** The chunks in our words, but for the `end`: it comes after what else the server has to say. */
export class Answer {
  readonly #headers: Headers;
  readonly #parts = new Parts();
  #refused = false;
  /** Null as long as no reason to finish was told: what ends before is cut. */
  stopReason: StopReason | null = null;
  /** The server has said that it is done. */
  isOver = false;

  constructor({ headers }: Response) {
    this.#headers = headers;
  }

  /** Throws what the SDK would, after the words that came with it. */
  *read({ event: name, data }: EventSourceMessage): Generator<ProviderEvent> {
    if (data === '[DONE]') this.isOver = true;
    if (this.isOver || !data) return;
    const chunk = JSON.parse(data) as Chunk & { error?: object };
    const error = chunk.error ?? (name === 'error' ? chunk : undefined);
    if (error) throw new OpenAI.APIError(undefined, error, undefined, this.#headers);
    const { choices, usage } = chunk;
    // Usage comes last, in a chunk without a choice; a server may say things in others that we do not know.
    const choice = choices?.find(({ index }) => !index);
    if (choice?.delta?.refusal) this.#refused = true;
    if (choice?.delta) yield* deltasOf(this.#parts, choice.delta);
    if (choice?.finish_reason) this.stopReason = stopReasonOf(choice.finish_reason);
    if (this.stopReason && this.#refused) this.stopReason = 'REFUSAL';
    if (usage) yield { type: 'usage', usage: tokensOf(usage) };
  }
}

function deltasOf(parts: Parts, { content, refusal, ...delta }: Delta): ProviderEvent[] {
  return [
    // Some send both names, with the same words.
    ...parts.append('', 'THINKING', textIn(delta.reasoning_content) || textIn(delta.reasoning)),
    ...parts.append('', 'TEXT', textIn(content) + textIn(refusal)),
  ];
}

function textIn(field: unknown): string {
  if (field === undefined || field === null) return '';
  if (typeof field === 'string') return field;
  throw new TypeError('A delta is no text.');
}

function tokensOf(wire: Partial<OpenAI.CompletionUsage>): Partial<TokenUsage> {
  const { prompt_tokens: prompt, completion_tokens: completion, prompt_tokens_details: details } = wire;
  const read = details?.cached_tokens ?? 0;
  const written = details?.cache_write_tokens ?? 0;
  return {
    // Theirs counts what was cached.
    ...(prompt != null && { inputTokens: Math.max(0, prompt - read - written) }),
    ...(completion != null && { outputTokens: completion }),
    cacheReadTokens: read,
    cacheWriteTokens: written,
  };
}

function stopReasonOf(finishReason: string): StopReason {
  const failure = failures.get(finishReason);
  if (failure) {
    throw new ProviderFailure(failure, `The model's server finished with ${failure}.`, { retryable: true });
  }
  return stopReasons.get(finishReason) ?? 'OTHER';
}

const stopReasons = new Map<string, StopReason>([
  ['stop', 'END_TURN'],
  ['length', 'MAX_TOKENS'],
  ['content_filter', 'REFUSAL'],
  // Mistral's.
  ['model_length', 'CONTEXT_WINDOW'],
  // Hugging Face's.
  ['eos_token', 'END_TURN'],
  ['stop_sequence', 'STOP_SEQUENCE'],
]);

/** Reasons to finish that are none: OpenRouter's, vLLM's, DeepSeek's. */
const failures = new Map<string, FailureCode>([
  ['error', 'UPSTREAM_ERROR'],
  ['abort', 'UPSTREAM_CUT'],
  ['insufficient_system_resource', 'OVERLOADED'],
]);
