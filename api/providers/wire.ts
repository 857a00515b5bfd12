import { ProviderFailure } from './provider.ts';

/**
 * A `fetch` that tells what an SDK does not: a body that breaks fails as UPSTREAM_CUT, and when the other side says nothing
 * for `silenceMs`, before its headers or between two bytes, `signal` aborts with UPSTREAM_SILENT. Hand it to the request.
 */
export function watchWire(silenceMs: number) {
  const silent = new AbortController();

  async function watchedFetch(...request: Parameters<typeof fetch>): Promise<Response> {
    const watch = new Watch(silenceMs, () => silent.abort(silence(silenceMs)));
    watch.begin();
    const response = await fetch(...request).finally(() => watch.end());
    return new Response(response.body && watchedBody(response.body, watch), response);
  }

  return { signal: silent.signal, fetch: watchedFetch };
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
}

/** The codes of an error and of what caused it: never its words, which may quote what was sent. */
export function codesOf(error: unknown): string {
  const codes: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    codes.push('code' in at && typeof at.code === 'string' ? at.code : at.name);
  }
  return codes.join(' from ') || typeof error;
}

function watchedBody(body: NonNullable<Response['body']>, watch: Watch) {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        watch.begin();
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          throw cut(error);
        } finally {
          watch.end();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Reads only on demand, so that the clock never runs while it is we who are slow.
    { highWaterMark: 0 },
  );
}

function cut(error: unknown): ProviderFailure {
  return new ProviderFailure('UPSTREAM_CUT', `The connection broke: ${codesOf(error)}.`, { retryable: false });
}

function silence(silenceMs: number): ProviderFailure {
  return new ProviderFailure('UPSTREAM_SILENT', `Not a byte for ${silenceMs} ms.`, { retryable: false });
}
