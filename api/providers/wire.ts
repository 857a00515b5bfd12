import { EventReader, type ServerSentEvent } from './event-reader.ts';
import { ProviderFailure } from './provider.ts';

/** Bytes. What a server says of a refused request is read no further. */
const LONGEST_REFUSAL = 64_000;

/**
 * One conversation with a model's server, telling what an SDK does not: a body that breaks fails as UPSTREAM_CUT, and when the other
 * One conversation with a model's server, with failures that an SDK does not report: a body that breaks fails as UPSTREAM_CUT, and when the other before its headers or between two bytes, `signal` aborts with UPSTREAM_SILENT. Hand `fetch` to
 * the SDK, and `signal` with the request.
 */
export class Wire {
  readonly #silent = new AbortController();
  readonly #silenceMs: number;
  #timer: SilenceTimer;
  #isShortened = false;
  #refusal = '';

  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
    this.#timer = this.#timerOf(silenceMs);
  }

  get signal(): AbortSignal {
    return this.#silent.signal;
  }

  /** The body with which the last request was refused. Never to be logged: it may quote the key or what was sent. */
  get refusal(): string {
    return this.#refusal;
  }

  /** Bodies of refusals are read here, so that an SDK, which reads them without a bound, is given little. */
  readonly fetch = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    this.#timer.begin();
    const response = await fetch(...request).finally(() => this.#timer.end());
    this.#refusal = '';
    if (response.ok) return response;
    this.#refusal = (await this.text(response, LONGEST_REFUSAL)).text;
    return new Response(this.#refusal || null, response);
  };

  /** A body to its end, or to so many bytes. It has to come within `silenceMs` as a whole. */
  async text({ body }: Response, mostBytes: number): Promise<{ text: string; isWhole: boolean }> {
    this.signal.throwIfAborted();
    if (!body) return { text: '', isWhole: true };
    const reader = body.getReader();
    const hangUp = () => void reader.cancel().catch(() => {});
    this.signal.addEventListener('abort', hangUp);
    this.#timer.begin();
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    let isWhole = false;
    try {
      while (bytes <= mostBytes && !isWhole) {
        const { done, value } = await reader.read();
        isWhole = done;
        if (value) pieces.push(value);
        bytes += value?.length ?? 0;
      }
    } catch {
      // What has come by then may still say what was wrong.
    } finally {
      this.#timer.end();
      this.signal.removeEventListener('abort', hangUp);
      hangUp();
    }
    this.signal.throwIfAborted();
    return { text: Buffer.concat(pieces).subarray(0, mostBytes).toString(), isWhole };
  }

  /**
   * The server-sent events of a response, as many at a time as came together; none where bytes came that complete no event. The SDKs
   * have this too: one by one, through four generators, which takes longer than all else that is done with a word.
   */
  async *events({ body }: Response): AsyncGenerator<ServerSentEvent[]> {
    if (!body) return;
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const events = new EventReader();
    try {
      for (;;) {
        const { done, value } = await this.#read(reader);
        if (done) break;
        yield events.feed(decoder.decode(value, { stream: true }));
      }
      yield events.end();
    } finally {
      // Hangs up, where not all was read. Not waited for: a server may keep us waiting.
      void reader.cancel().catch(() => {});
    }
  }

  /** From now on the limit of silence is shorter: the finish reason has come. */
  shortenTimeout(silenceMs: number): void {
    if (this.#isShortened) return;
    this.#isShortened = true;
    this.#timer.close();
    this.#timer = this.#timerOf(Math.min(silenceMs, this.#silenceMs));
  }

  #timerOf(silenceMs: number): SilenceTimer {
    return new SilenceTimer(silenceMs, () => this.#silent.abort(silence(silenceMs)));
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>) {
    this.#timer.begin();
    try {
      return await reader.read();
    } catch (error) {
      throw error instanceof ProviderFailure ? error : cut(error);
    } finally {
      this.#timer.end();
    }
  }
}

/** One timer for a whole wire: to make one for each piece of thousands a second would be half the work of reading them. */
class SilenceTimer {
  readonly #timer: NodeJS.Timeout;
  #isWaiting = false;

  constructor(ms: number, onSilence: () => void) {
    this.#timer = setTimeout(() => {
      if (this.#isWaiting) onSilence();
    }, ms).unref();
  }

  begin(): void {
    this.#isWaiting = true;
    this.#timer.refresh();
  }

  end(): void {
    this.#isWaiting = false;
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

/** The codes of an error and of what caused it: never its words, which may quote what was sent. */
export function codesOf(error: unknown): string {
  const codes: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    codes.push('code' in at && typeof at.code === 'string' ? at.code : at.name);
  }
  return codes.join(' from ') || typeof error;
}

function cut(error: unknown): ProviderFailure {
  return new ProviderFailure('UPSTREAM_CUT', `The connection broke: ${codesOf(error)}.`, { retryable: false });
}

function silence(silenceMs: number): ProviderFailure {
  return new ProviderFailure('UPSTREAM_SILENT', `Not a byte for ${silenceMs} ms.`, { retryable: false });
}
