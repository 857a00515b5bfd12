import Anthropic from '@anthropic-ai/sdk';
import { type Content, ErrorBody, EventType, MessageEvent, type Usage } from './anthropic-event.ts';
import type { ServerSentEvent } from './event-reader.ts';
import { PartNumbering } from './part-numbering.ts';
import type { ProviderEvent, StopReason, TokenUsage } from './provider.ts';

/** Anthropic's events in our words. The last is `end`; without it, the wire ended before the answer was complete. */
export class AnthropicReader {
  readonly #headers: Headers;
  readonly #parts = new PartNumbering();
  #stopReason: StopReason | null = null;

  constructor({ headers }: Response) {
    this.#headers = headers;
  }

  /** Throws what the SDK would. Unknown types are skipped. */
  read({ name, data }: ServerSentEvent): ProviderEvent[] {
    if (name === 'error') throw this.#failure(errorIn(data));
    if (name === 'ping' || !data) return [];
    const event = eventIn(data);
    if (!event) return [];
    switch (event.type) {
      case 'message_start':
        return usageOf(event.message?.usage);
      case 'content_block_start':
        return this.#appendTo(event.index, event.content_block);
      case 'content_block_delta':
        return this.#appendTo(event.index, event.delta);
      case 'message_delta':
        // Another kind than text, too, is a reason, though an unknown one.
        this.#stopReason = stopReasonOf(event.delta?.stop_reason) ?? this.#stopReason ?? 'OTHER';
        return usageOf(event.usage);
      case 'message_stop':
        return this.#end();
      case 'message':
        this.#stopReason = stopReasonOf(event.stop_reason) ?? 'OTHER';
        return [
          ...event.content.flatMap((content, index) => this.#appendTo(index, content)),
          ...usageOf(event.usage),
          ...this.#end(),
        ];
      case 'error':
        throw this.#failure(event.error);
    }
  }

  /** What was held back until it was clear what it is. To be read when no more comes. */
  rest(): ProviderEvent[] {
    return this.#parts.rest();
  }

  /** Signatures and tools are no text. */
  #appendTo(index: unknown, { type, text, thinking }: Content): ProviderEvent[] {
    const block = JSON.stringify(index) ?? '';
    if (type === 'text' || type === 'text_delta') return this.#parts.append(block, 'TEXT', text);
    if (type === 'thinking' || type === 'thinking_delta') return this.#parts.append(block, 'THINKING', thinking ?? '');
    return [];
  }

  #end(): ProviderEvent[] {
    return this.#stopReason ? [...this.rest(), { type: 'end', stopReason: this.#stopReason }] : [];
  }

  #failure(error: unknown): Error {
    const { type } = ErrorBody.parse(error) ?? {};
    const known = (type ?? undefined) as Anthropic.ErrorType | undefined;
    return new Anthropic.APIError(undefined, { error: { type: known } }, undefined, this.#headers, known);
  }
}

/** Null where the type is unknown. */
function eventIn(data: string): MessageEvent | null {
  const json: unknown = JSON.parse(data);
  const { type } = EventType.parse(json);
  return type && knownTypes.has(type) ? MessageEvent.parse(json) : null;
}

const knownTypes = new Set<string>(MessageEvent.options.map(({ shape }) => shape.type.value));

/** A proxy on the way may say in words what went wrong. */
function errorIn(data: string): unknown {
  try {
    return (JSON.parse(data) as { error?: unknown } | null)?.error;
  } catch {
    return null;
  }
}

function usageOf(wire: Usage): ProviderEvent[] {
  const usage: Partial<TokenUsage> = {};
  if (wire?.input_tokens != null) usage.inputTokens = wire.input_tokens;
  if (wire?.output_tokens != null) usage.outputTokens = wire.output_tokens;
  if (wire?.cache_read_input_tokens != null) usage.cacheReadTokens = wire.cache_read_input_tokens;
  if (wire?.cache_creation_input_tokens != null) usage.cacheWriteTokens = wire.cache_creation_input_tokens;
  return Object.keys(usage).length > 0 ? [{ type: 'usage', usage }] : [];
}

function stopReasonOf(reason: string | null | undefined): StopReason | null {
  return reason ? (stopReasons.get(reason.trim().toLowerCase()) ?? 'OTHER') : null;
}

const stopReasons = new Map<string, StopReason>([
  ['end_turn', 'END_TURN'],
  ['max_tokens', 'MAX_TOKENS'],
  ['model_context_window_exceeded', 'CONTEXT_WINDOW'],
  ['stop_sequence', 'STOP_SEQUENCE'],
  ['refusal', 'REFUSAL'],
]);
