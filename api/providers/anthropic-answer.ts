import type Anthropic from '@anthropic-ai/sdk';
import type { PartKind, ProviderEvent, StopReason, TokenUsage } from './provider.ts';

type WireEvent = Anthropic.RawMessageStreamEvent;

/** Anthropic's events in our words. Ends with `end`, or without one where the wire ends before it is complete. */
export async function* readAnswer(wire: AsyncIterable<WireEvent>): AsyncGenerator<ProviderEvent> {
  const parts = new Parts();
  let stopReason: string | null = null;

  for await (const event of wire) {
    yield* parts.read(event);
    if (event.type === 'message_start') yield* usageOf(event.message.usage);
    if (event.type === 'message_delta') yield* usageOf(event.usage);
    if (event.type === 'message_delta') stopReason = event.delta.stop_reason;
    if (event.type === 'message_stop' && stopReason)
      yield { type: 'end', stopReason: stopReasons.get(stopReason) ?? 'OTHER' };
  }
}

/** Numbers content blocks as parts when they first have text: signatures, tools and empty blocks leave no hole. */
class Parts {
  #part = -1;
  #block = '';
  #spoken = false;
  #held = '';

  read(event: WireEvent): ProviderEvent[] {
    if (event.type === 'content_block_start') return this.#fromBlock(event.index, event.content_block);
    if (event.type === 'content_block_delta') return this.#fromBlock(event.index, event.delta);
    return [];
  }

  #fromBlock(index: number, content: Anthropic.ContentBlock | Anthropic.RawContentBlockDelta): ProviderEvent[] {
    if (content.type === 'text' || content.type === 'text_delta') return this.#append(index, 'TEXT', content.text);
    if (content.type === 'thinking' || content.type === 'thinking_delta') {
      return this.#append(index, 'THINKING', content.thinking);
    }
    return [];
  }

  #append(index: number, kind: PartKind, added: string): ProviderEvent[] {
    if (!added) return [];
    this.#enter(`${index} ${kind}`);
    const { whole, half } = splitPair(this.#held + added);
    this.#held = half;
    if (!whole) return [];

    if (!this.#spoken) this.#part += 1;
    this.#spoken = true;
    return [{ type: 'delta', part: this.#part, kind, text: whole }];
  }

  #enter(block: string) {
    if (block === this.#block) return;
    this.#block = block;
    this.#spoken = false;
    this.#held = '';
  }
}

/** A character outside the basic plane is two code units, and they may come in two deltas. */
function splitPair(text: string): { whole: string; half: string } {
  const end = /[\uD800-\uDBFF]$/.test(text) ? text.length - 1 : text.length;
  // A half that never meets its other half could not be stored.
  return { whole: text.slice(0, end).toWellFormed(), half: text.slice(end) };
}

type WireUsage = Pick<Anthropic.MessageDeltaUsage, keyof Anthropic.MessageDeltaUsage & `${string}_tokens`>;

function* usageOf(wire: WireUsage | null | undefined): Generator<ProviderEvent> {
  const usage: Partial<TokenUsage> = {};
  if (wire?.input_tokens != null) usage.inputTokens = wire.input_tokens;
  if (wire?.output_tokens != null) usage.outputTokens = wire.output_tokens;
  if (wire?.cache_read_input_tokens != null) usage.cacheReadTokens = wire.cache_read_input_tokens;
  if (wire?.cache_creation_input_tokens != null) usage.cacheWriteTokens = wire.cache_creation_input_tokens;
  if (Object.keys(usage).length > 0) yield { type: 'usage', usage };
}

const stopReasons = new Map<string, StopReason>([
  ['end_turn', 'END_TURN'],
  ['max_tokens', 'MAX_TOKENS'],
  ['model_context_window_exceeded', 'CONTEXT_WINDOW'],
  ['stop_sequence', 'STOP_SEQUENCE'],
  ['refusal', 'REFUSAL'],
]);
