import Anthropic from '@anthropic-ai/sdk';
import type { EventSourceMessage } from 'eventsource-parser';
import { Parts } from './parts.ts';
import type { ProviderEvent, StopReason, TokenUsage } from './provider.ts';

type WireEvent = Anthropic.RawMessageStreamEvent;

/** Anthropic's events in our words. The last is `end`; without it, the wire ended before the answer was complete. */
export class Answer {
  readonly #headers: Headers;
  readonly #parts = new Parts();
  #stopReason: string | null = null;

  constructor({ headers }: Response) {
    this.#headers = headers;
  }

  /** Throws what the SDK would. Names that nobody knows are passed over. */
  read({ event: name, data }: EventSourceMessage): ProviderEvent[] {
    if (name === 'error') throw errorIn(data, this.#headers);
    if (!name || name === 'ping' || !data) return [];
    const event = JSON.parse(data) as WireEvent;
    if (event.type === 'message_delta') this.#stopReason = event.delta.stop_reason;
    if (event.type !== 'message_stop') return eventsOf(this.#parts, event);
    return this.#stopReason ? [{ type: 'end', stopReason: stopReasons.get(this.#stopReason) ?? 'OTHER' }] : [];
  }
}

function errorIn(data: string, headers: Headers): Error {
  const body = jsonIn(data) as { error?: { type?: Anthropic.ErrorType } } | null;
  return new Anthropic.APIError(undefined, body ?? undefined, undefined, headers, body?.error?.type);
}

/** A proxy on the way may say in words what went wrong. */
function jsonIn(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

function eventsOf(parts: Parts, event: WireEvent): ProviderEvent[] {
  if (event.type === 'content_block_start') return fromBlock(parts, event.index, event.content_block);
  if (event.type === 'content_block_delta') return fromBlock(parts, event.index, event.delta);
  if (event.type === 'message_start') return usageOf(event.message.usage);
  if (event.type === 'message_delta') return usageOf(event.usage);
  return [];
}

/** Signatures and tools are no text. */
function fromBlock(
  parts: Parts,
  index: number,
  content: Anthropic.ContentBlock | Anthropic.RawContentBlockDelta,
): ProviderEvent[] {
  const block = String(index);
  if (content.type === 'text' || content.type === 'text_delta') return parts.append(block, 'TEXT', content.text);
  if (content.type === 'thinking' || content.type === 'thinking_delta') {
    return parts.append(block, 'THINKING', content.thinking);
  }
  return [];
}

type WireUsage = Pick<Anthropic.MessageDeltaUsage, keyof Anthropic.MessageDeltaUsage & `${string}_tokens`>;

function usageOf(wire: WireUsage | null | undefined): ProviderEvent[] {
  const usage: Partial<TokenUsage> = {};
  if (wire?.input_tokens != null) usage.inputTokens = wire.input_tokens;
  if (wire?.output_tokens != null) usage.outputTokens = wire.output_tokens;
  if (wire?.cache_read_input_tokens != null) usage.cacheReadTokens = wire.cache_read_input_tokens;
  if (wire?.cache_creation_input_tokens != null) usage.cacheWriteTokens = wire.cache_creation_input_tokens;
  return Object.keys(usage).length > 0 ? [{ type: 'usage', usage }] : [];
}

const stopReasons = new Map<string, StopReason>([
  ['end_turn', 'END_TURN'],
  ['max_tokens', 'MAX_TOKENS'],
  ['model_context_window_exceeded', 'CONTEXT_WINDOW'],
  ['stop_sequence', 'STOP_SEQUENCE'],
  ['refusal', 'REFUSAL'],
]);
