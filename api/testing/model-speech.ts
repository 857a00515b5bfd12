export type Kind = 'text' | 'thinking';
export type WireStop =
  | 'end_turn'
  | 'max_tokens'
  | 'stop_sequence'
  | 'refusal'
  | 'model_context_window_exceeded'
  | 'tool_use';

/** One answer in the wire form of a provider, piece by piece: each method gives the server-sent events to send next. */
export interface Speech {
  /** What comes before the first word; nothing where it was said already. */
  begin(): string;
  /** One delta. */
  say(text: string, kind?: Kind): string;
  /** Completes the answer. The reasons have Anthropic's names; a provider that has no such reason gives its nearest. */
  stop(reason?: WireStop): string;
  /** A sign of life without a word. */
  ping(): string;
  /** An event that is there but cannot be read. */
  garble(): string;
  /** An error half-way, when the status has been sent long ago. */
  error(type: string): string;
  /** The body of an answer with an HTTP status. */
  refusal(status: number, type: string, message: string): string;
}

/** In Anthropic's wire form. */
export class AnthropicSpeech implements Speech {
  #begun = false;
  #block = -1;
  #kind: Kind | null = null;
  #words = 0;

  /** One delta; the message, and a content block where the kind changes, are opened when needed. */
  say(text: string, kind: Kind = 'text'): string {
    this.#words += text.split(/\s+/).filter(Boolean).length;
    const delta = kind === 'text' ? { type: 'text_delta', text } : { type: 'thinking_delta', thinking: text };
    return this.begin() + this.#open(kind) + sse({ type: 'content_block_delta', index: this.#block, delta });
  }

  begin(): string {
    if (this.#begun) return '';
    this.#begun = true;
    const usage = { input_tokens: 10, output_tokens: 1, cache_read_input_tokens: 5, cache_creation_input_tokens: 3 };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'played', content: [] };
    return sse({ type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null, usage } });
  }

  stop(reason: WireStop = 'end_turn'): string {
    const delta = { stop_reason: reason, stop_sequence: null };
    return (
      this.begin() +
      this.#close() +
      sse({ type: 'message_delta', delta, usage: { output_tokens: this.#words } }) +
      sse({ type: 'message_stop' })
    );
  }

  ping(): string {
    return sse({ type: 'ping' });
  }

  garble(): string {
    return 'event: content_block_delta\ndata: {"type":"content_block_delta", oh\n\n';
  }

  error(type: string): string {
    return sse({ type: 'error', error: { type, message: type } });
  }

  refusal(_status: number, type: string, message: string): string {
    return JSON.stringify({ type: 'error', error: { type, message } });
  }

  #open(kind: Kind): string {
    if (kind === this.#kind) return '';
    const closing = this.#close();
    this.#block += 1;
    this.#kind = kind;
    const block = kind === 'text' ? { type: 'text', text: '' } : { type: 'thinking', thinking: '', signature: '' };
    return closing + sse({ type: 'content_block_start', index: this.#block, content_block: block });
  }

  #close(): string {
    if (this.#kind === null) return '';
    const index = this.#block;
    const signature = { type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: 'c2lnbmVk' } };
    const signed = this.#kind === 'thinking' ? sse(signature) : '';
    this.#kind = null;
    return signed + sse({ type: 'content_block_stop', index });
  }
}

/** One server-sent event, named after its type as Anthropic does. */
export function sse(event: { type: string; [field: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A whole answer's body, for those who cut it themselves. */
export function bodyOf(
  texts: readonly string[],
  reason: WireStop = 'end_turn',
  speech: Speech = new AnthropicSpeech(),
): string {
  return texts.map((text) => speech.say(text)).join('') + speech.stop(reason);
}
