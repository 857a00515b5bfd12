import type OpenAI from 'openai';
import { Parts } from './parts.ts';
import { ProviderFailure, type FailureCode, type ProviderEvent, type StopReason, type TokenUsage } from './provider.ts';

type Chunk = OpenAI.ChatCompletionChunk;

/** What a model thought, under the names that Ollama and OpenRouter, and that vLLM, llama.cpp and DeepSeek give it. */
type Delta = Chunk['choices'][number]['delta'] & { reasoning?: string | null; reasoning_content?: string | null };

/** The chunks in our words. Ends with `end`, or without one where the wire ends before a reason to finish was told. */
export async function* readAnswer(wire: AsyncIterable<Chunk>): AsyncGenerator<ProviderEvent> {
  const parts = new Parts();
  let stopReason: StopReason | null = null;
  let refused = false;

  try {
    for await (const { choices, usage } of wire) {
      // Usage comes last, in a chunk without a choice; a server may say things in others that we do not know.
      const choice = choices?.find(({ index }) => !index);
      if (choice?.delta) for (const told of deltasOf(parts, choice.delta)) yield told;
      if (choice?.delta?.refusal) refused = true;
      if (choice?.finish_reason) stopReason = stopReasonOf(choice.finish_reason);
      if (usage) yield { type: 'usage', usage: tokensOf(usage) };
    }
  } catch (error) {
    // After the reason to finish the text is whole: what the wire does then costs us the usage at most.
    if (!stopReason) throw error;
  }
  if (stopReason) yield { type: 'end', stopReason: refused ? 'REFUSAL' : stopReason };
}

function* deltasOf(parts: Parts, { content, refusal, ...delta }: Delta): Generator<ProviderEvent> {
  // Some send both names, with the same words.
  yield* parts.append('', 'THINKING', textIn(delta.reasoning_content) || textIn(delta.reasoning));
  yield* parts.append('', 'TEXT', textIn(content) + textIn(refusal));
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
