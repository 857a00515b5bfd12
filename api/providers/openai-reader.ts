import OpenAI from 'openai';
import type { ServerSentEvent } from './event-reader.ts';
import { Chunk, type Content, type ContentPart, type Delta, type Usage } from './openai-chunk.ts';
import { PartNumbering } from './part-numbering.ts';
import {
  ProviderFailure,
  type FailureCode,
  type PartKind,
  type ProviderEvent,
  type StopReason,
  type TokenUsage,
} from './provider.ts';

/** The chunks in our words, but for the `end`: it comes after what else the server has to say. */
export class OpenAiReader {
  readonly #headers: Headers;
  readonly #parts = new PartNumbering();
  #refused = false;
  /** The last finish reason that came. Words may still come after it. */
  #stopReason: StopReason | null = null;
  /** The server has said that it is done. */
  hasEnded = false;

  constructor({ headers }: Response) {
    this.#headers = headers;
  }

  get hasWords(): boolean {
    return !this.#parts.areEmpty;
  }

  /** Null as long as neither a finish reason nor an end has come: an answer that ends before is cut. */
  get stopReason(): StopReason | null {
    if (this.#stopReason && this.#refused) return 'REFUSAL';
    return this.#stopReason ?? (this.hasEnded ? 'OTHER' : null);
  }

  /** Throws what the SDK would, after the words that came with it. */
  *read({ name, data, isDocument }: ServerSentEvent): Generator<ProviderEvent> {
    if (data.trim() === '[DONE]') this.hasEnded = true;
    if (this.hasEnded || !data) return;
    const json = jsonIn(data, name);
    const { object, choices, usage, error } = Chunk.parse(json);
    if (error || object === 'error' || name === 'error') throw this.#failure(error || json);
    // Usage comes last, in a chunk without a choice; a server may say things in others that we do not know.
    const choice = choices?.find(({ index }) => !index);
    const said = choice?.delta ?? choice?.message;
    if (said?.refusal) this.#refused = true;
    if (said) yield* this.#deltasOf(said);
    if (choice?.finish_reason) this.#stopReason = stopReasonOf(choice.finish_reason);
    if (usage) yield { type: 'usage', usage: tokensOf(usage) };
    // In a stream, some servers send the message so far beside each delta.
    if (isDocument && choice?.message && !choice.delta) this.hasEnded = true;
  }

  /** What was held back until it was clear what it is. To be read when no more comes. */
  rest(): ProviderEvent[] {
    return this.#parts.rest();
  }

  *#deltasOf({ content, refusal, reasoning, reasoning_content: reasoningContent }: Delta): Generator<ProviderEvent> {
    // Some send both names, with the same words.
    const thought = textIn(reasoningContent) || textIn(reasoning);
    yield* this.#parts.append('', 'THINKING', thought);
    for (const piece of piecesOf(content)) {
      if (piece.isRefusal) this.#refused = true;
      yield* this.#parts.append('', piece.kind, piece.text);
    }
    yield* this.#parts.append('', 'TEXT', refusal ?? '');
  }

  #failure(error: unknown): Error {
    const body = typeof error === 'object' && error !== null ? error : { message: '' };
    return new OpenAI.APIError(undefined, body, undefined, this.#headers);
  }
}

/** An error may come in words alone, of a proxy on the way. */
function jsonIn(data: string, name: string | undefined): unknown {
  try {
    return JSON.parse(data);
  } catch (error) {
    if (name !== 'error') throw error;
    return {};
  }
}

interface Piece {
  kind: PartKind;
  text: string;
  isRefusal?: boolean;
}

function piecesOf(content: Content): Piece[] {
  if (!content) return [];
  if (typeof content === 'string') return [{ kind: 'TEXT', text: content }];
  return content.map((part) => (typeof part === 'string' ? { kind: 'TEXT', text: part } : pieceOf(part)));
}

function pieceOf({ type, text, refusal, thinking }: ContentPart): Piece {
  if (type === 'thinking' || type === 'reasoning')
    return { kind: 'THINKING', text: thoughtIn(thinking) || (text ?? '') };
  if (type === 'refusal') return { kind: 'TEXT', text: refusal ?? text ?? '', isRefusal: true };
  // Pictures, files and what is not yet invented have no text.
  return { kind: 'TEXT', text: text ?? '' };
}

function thoughtIn(thinking: ContentPart['thinking']): string {
  if (!Array.isArray(thinking)) return thinking ?? '';
  return thinking.map(({ text }) => text ?? '').join('');
}

function textIn(content: Content): string {
  return piecesOf(content)
    .map(({ text }) => text)
    .join('');
}

function tokensOf(wire: Usage): Partial<TokenUsage> {
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
  const name = finishReason.trim().toLowerCase();
  const failure = failures.get(name);
  if (failure) {
    throw new ProviderFailure(failure, `The model's server finished with ${failure}.`, { retryable: true });
  }
  return stopReasons.get(name) ?? 'OTHER';
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
  // Of gateways that pass on the names of Anthropic or Gemini.
  ['end_turn', 'END_TURN'],
  ['max_tokens', 'MAX_TOKENS'],
  ['safety', 'REFUSAL'],
  ['refusal', 'REFUSAL'],
]);

/** Reasons to finish that are none: OpenRouter's, vLLM's, DeepSeek's. */
const failures = new Map<string, FailureCode>([
  ['error', 'UPSTREAM_ERROR'],
  ['abort', 'UPSTREAM_CUT'],
  ['insufficient_system_resource', 'OVERLOADED'],
]);
