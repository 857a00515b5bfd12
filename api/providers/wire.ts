import { createParser, type EventSourceMessage } from 'eventsource-parser';

import { ProviderFailure } from './provider.ts';

type Body = NonNullable<Response['body']>;

/**
 * One conversation with a model's server, telling what an SDK does not: a body that breaks fails as UPSTREAM_CUT, and when the other
 * side says nothing for `silenceMs`, before its headers or between two bytes, `signal` aborts with UPSTREAM_SILENT. Hand `fetch` to
 * the SDK, and `signal` with the request.
 */
export class Wire {
  readonly #silent = new AbortController();
  readonly #silenceMs: number;
  #watch: Watch;

  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
    this.#watch = this.#watchFor(silenceMs);
  }

  get signal(): AbortSignal {
    return this.#silent.signal;
  }

  readonly fetch = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    this.#watch.begin();
    const response = await fetch(...request).finally(() => this.#watch.end());
    const isForUs = response.ok && isEventStream(response);
    return isForUs || !response.body ? response : new Response(this.#watched(response.body), response);
  };

  /**
   * The server-sent events of a response, as many at a time as came together. The SDKs have this too: one by one, through four
   * generators, which takes longer than all else that is done with a word.
   */
  async *events({ body }: Response): AsyncGenerator<EventSourceMessage[]> {
    if (!body) return;
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let events: EventSourceMessage[] = [];
    const parser = createParser({ onEvent: (event) => events.push(event) });
    try {
      for (;;) {
        const { done, value } = await this.#heard(reader);
        if (done) return;
        parser.feed(decoder.decode(value, { stream: true }));
        if (events.length > 0) yield events;
        events = [];
      }
    } finally {
      // Hangs up, where not all was read. Not waited for: a server may keep us waiting.
      void reader.cancel().catch(() => {});
    }
  }

  /** From now on a shorter silence is enough: the other side has said all that matters. */
  expectLittle(silenceMs: number): void {
    this.#watch.close();
    this.#watch = this.#watchFor(Math.min(silenceMs, this.#silenceMs));
  }

  #watchFor(silenceMs: number): Watch {
    return new Watch(silenceMs, () => this.#silent.abort(silence(silenceMs)));
  }

  async #heard(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>) {
    this.#watch.begin();
    try {
      return await reader.read();
    } catch (error) {
      throw error instanceof ProviderFailure ? error : cut(error);
    } finally {
      this.#watch.end();
    }
  }

  #watched(body: Body): Body {
    const reader = body.getReader();
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async (controller) => {
          const { done, value } = await this.#heard(reader);
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => reader.cancel(reason),
      },
      // Reads only on demand, so that the clock never runs while it is we who are slow.
      { highWaterMark: 0 },
    );
  }
}

function isEventStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}

/** One timer for a whole wire: to make one for each piece of thousands a second would be half the work of reading them. */
class Watch {
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
