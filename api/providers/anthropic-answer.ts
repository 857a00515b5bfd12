import type Anthropic from '@anthropic-ai/sdk';
import { Parts } from './parts.ts';
import type { ProviderEvent, StopReason, TokenUsage } from './provider.ts';

type WireEvent = Anthropic.RawMessageStreamEvent;

/** Anthropic's events in our words. Ends with `end`, or without one where the wire ends before it is complete. */
export async function* readAnswer(wire: AsyncIterable<WireEvent>): AsyncGenerator<ProviderEvent> {
  const parts = new Parts();
  let stopReason: string | null = null;

  for await (const event of wire) {
    // Not `yield*`, which in an async generator waits three times for each, and there are thousands a second.
    for (const told of eventsOf(parts, event)) yield told;
    if (event.type === 'message_delta') stopReason = event.delta.stop_reason;
    if (event.type === 'message_stop' && stopReason)
      yield { type: 'end', stopReason: stopReasons.get(stopReason) ?? 'OTHER' };
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
