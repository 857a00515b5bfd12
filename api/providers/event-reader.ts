import { ProviderFailure } from './provider.ts';

export interface ServerSentEvent {
  name: string | undefined;
  data: string;
  /** The whole body was one JSON document in place of a stream. */
  isDocument?: true;
}

/** Characters. The longest event of a sound answer is a whole answer in one event: about 2 million for 128,000 tokens. */
const LONGEST_EVENT = 4_000_000;

/**
 * Server-sent events from text that comes in pieces, and what servers send in their place: events with a single newline between
 * them, a last event without the blank line, and one JSON document as the whole body, be it the only element of an array.
 * An event without end fails as UPSTREAM_MALFORMED rather than fill the memory.
 */
export class EventReader {
  #line = '';
  #endedWithCr = false;
  #name: string | undefined;
  #data: string | undefined;
  #isDocument = false;
  #events: ServerSentEvent[] = [];

  /** The events that this piece completes. */
  feed(text: string): ServerSentEvent[] {
    const lines = this.#linesOf(text);
    lines[0] = this.#line + lines[0];
    this.#line = lines.pop() ?? '';
    for (const line of lines) this.#read(line);
    if (this.#line.length + (this.#data?.length ?? 0) > LONGEST_EVENT) throw tooLong();
    return this.#take();
  }

  /** After the last piece: what stands there without a blank line after it. An event that is cut in the middle is dropped. */
  end(): ServerSentEvent[] {
    this.#read(this.#line);
    this.#line = '';
    if (this.#isDocument) this.#dispatchDocument();
    else if (this.#data !== undefined && isWhole(this.#data)) this.#dispatch();
    return this.#take();
  }

  #linesOf(text: string): string[] {
    // A piece may end between the two characters of a line break.
    const rest = this.#endedWithCr && text.startsWith('\n') ? text.slice(1) : text;
    if (text) this.#endedWithCr = text.endsWith('\r');
    return rest.includes('\r') ? rest.split(/\r\n|\r|\n/) : rest.split('\n');
  }

  #read(line: string): void {
    if (this.#isDocument || this.#beginsDocument(line)) return this.#addData(line);
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = line.slice(colon < 0 ? line.length : line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') this.#name = value || undefined;
    if (field !== 'data') return;
    const isFirst = this.#data === undefined;
    this.#addData(value);
    // Where events are separated by single newlines, nothing else marks this one as complete.
    if (isFirst && isWhole(value)) this.#dispatch();
  }

  /** Gemini's compatible server sends its errors as an array of one object. */
  #dispatchDocument(): void {
    const text = (this.#data ?? '').trim();
    const data = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
    if (isWhole(data)) this.#events.push({ name: this.#name, data, isDocument: true });
  }

  /** No line of an event stream begins like this. */
  #beginsDocument(line: string): boolean {
    this.#isDocument = this.#data === undefined && /^\s*(?:\{|\[\s*(?:\{|$))/.test(line);
    return this.#isDocument;
  }

  #addData(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    if (this.#data.length > LONGEST_EVENT) throw tooLong();
  }

  #dispatch(): void {
    if (this.#data !== undefined) this.#events.push({ name: this.#name, data: this.#data });
    this.#data = undefined;
    this.#name = undefined;
  }

  #take(): ServerSentEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

/** JSON that was split over several lines never has both ends in one of them, as it is printed in practice. */
function isWhole(data: string): boolean {
  const text = data.trim();
  return (text.startsWith('{') && text.endsWith('}')) || text === '[DONE]';
}

function tooLong(): ProviderFailure {
  const message = `An event is longer than ${LONGEST_EVENT} characters.`;
  return new ProviderFailure('UPSTREAM_MALFORMED', message, { retryable: false });
}
