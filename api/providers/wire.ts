import { ProviderFailure } from './provider.ts';

/**
 * A `fetch` that tells what an SDK does not: a body that breaks fails as UPSTREAM_CUT, and when the other side says nothing
 * for `silenceMs`, before its headers or between two bytes, `signal` aborts with UPSTREAM_SILENT. Hand it to the request.
 */
export function watchWire(silenceMs: number) {
  const silent = new AbortController();

  async function within<T>(arrival: Promise<T>): Promise<T> {
    const timer = setTimeout(() => silent.abort(silence(silenceMs)), silenceMs);
    return arrival.finally(() => clearTimeout(timer));
  }

  async function watchedFetch(...request: Parameters<typeof fetch>): Promise<Response> {
    const response = await within(fetch(...request));
    return new Response(response.body && watchedBody(response.body, within), response);
  }

  return { signal: silent.signal, fetch: watchedFetch };
}

/** The codes of an error and of what caused it: never its words, which may quote what was sent. */
export function codesOf(error: unknown): string {
  const codes: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    codes.push('code' in at && typeof at.code === 'string' ? at.code : at.name);
  }
  return codes.join(' from ') || typeof error;
}

function watchedBody(body: NonNullable<Response['body']>, within: <T>(arrival: Promise<T>) => Promise<T>) {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await within(reader.read()).catch(throwCut);
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Reads only on demand, so that the clock never runs while it is we who are slow.
    { highWaterMark: 0 },
  );
}

function throwCut(error: unknown): never {
  throw new ProviderFailure('UPSTREAM_CUT', `The connection broke: ${codesOf(error)}.`, { retryable: false });
}

function silence(silenceMs: number): ProviderFailure {
  return new ProviderFailure('UPSTREAM_SILENT', `Not a byte for ${silenceMs} ms.`, { retryable: false });
}
