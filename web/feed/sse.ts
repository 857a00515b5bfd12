import { apiHeaders } from '../graphql/api-headers';
import { makeEventParser, type StreamEvent } from '../graphql/event-stream';

export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface SubscriptionRequest<Result> {
  url: string;
  /** Called for every connection, so that each starts from what we have by then. */
  body: () => unknown;
  /** Whether nothing follows this result. Only then does the server's `complete` mean that we are done. */
  isEnd: (result: Result) => boolean;
  /** Whether results come at least every 15 s whatever happens: then the server's comments alone are no sign of life. */
  hasTicks?: boolean;
  onResult: (result: Result) => void;
  /** Called once, after the end or when the server has refused us for good. */
  onClose?: (refusal: Refusal | null) => void;
  onState?: (state: ConnectionState) => void;
}

export interface Refusal {
  status: number;
  body: string;
}

/** What the browser gives us; a test brings its own. */
export interface Platform {
  fetch: typeof globalThis.fetch;
  now: () => number;
  random: () => number;
  /** Calls back after `ms` and returns how to prevent it. */
  after: (ms: number, call: () => void) => () => void;
  /** Calls back when the network returns, perhaps as another one, or the page is looked at again. */
  onWake: (call: (why: 'online' | 'shown') => void) => () => void;
}

/** A server comments every 12 s and a feed ticks every 15 s; after this long the connection is dead, whatever TCP reports. */
export const SILENCE_MS = 40_000;
const SHORTEST_WAIT_MS = 500;
/** A stream that was open this long was a good one. Shorter ones in a row are a server that cannot serve us now. */
const GOOD_LIFE_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

type Outcome = 'ended' | 'refused' | 'cut';

/**
 * Keeps one subscription alive over as many connections as it takes, until it ends, is refused or is closed by the
 * returned function. Stock clients repeat their first variables or take a cut stream for success; this one asks for
 * the variables again and ends only at an end event.
 */
export function makeSubscription<Result>(
  request: SubscriptionRequest<Result>,
  platform: Platform = browserPlatform,
): () => void {
  const subscription = new Subscription(request, platform);
  void subscription.keepConnected();
  return () => subscription.close();
}

class Subscription<Result> {
  readonly #request: SubscriptionRequest<Result>;
  readonly #platform: Platform;
  readonly #closing = new AbortController();
  readonly #closed = this.#closing.signal;
  #refusal: Refusal | null = null;
  /** When the newest connection was opened; `Infinity` before that. */
  #openedAt = Infinity;
  /** In a row. */
  #failures = 0;

  constructor(request: SubscriptionRequest<Result>, platform: Platform) {
    this.#request = request;
    this.#platform = platform;
  }

  async keepConnected(): Promise<void> {
    while (!this.#closed.aborted) {
      this.#say('connecting');
      // Counted from the opening: a server that takes long to say no has not served us.
      this.#openedAt = Infinity;
      const outcome = await this.#connect().catch((fault: unknown) => this.#surface(fault));
      if (this.#closed.aborted) return;
      if (outcome === 'ended' || outcome === 'refused') {
        this.#say('closed');
        this.#request.onClose?.(this.#refusal);
        return;
      }
      this.#failures = this.#platform.now() - this.#openedAt >= GOOD_LIFE_MS ? 1 : this.#failures + 1;
      const wait = waitAfter(this.#failures, this.#platform);
      // A connection that is cut and there again at once, as at every deploy, is not reported.
      if (wait > 0) this.#say('waiting');
      await pause(wait, this.#platform, this.#closed);
    }
  }

  close(): void {
    this.#say('closed');
    this.#closing.abort();
  }

  #say(state: ConnectionState): void {
    if (!this.#closed.aborted) this.#request.onState?.(state);
  }

  /** A cut, a timeout and a refused connection are all the same to us: what arrived is kept, the rest is asked for. */
  async #connect(): Promise<Outcome> {
    const cutting = new AbortController();
    const unlink = follow(this.#closed, cutting);
    const silence = new SilenceWatch(this.#platform, {
      onSilence: () => cutting.abort(),
      onNewNetwork: () => {
        // What was opened on another network may be dead without an error, and to go on from what we have costs nothing.
        this.#failures = 0;
        cutting.abort();
      },
    });
    try {
      const asked = {
        method: 'POST',
        credentials: 'same-origin',
        headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...apiHeaders },
        body: JSON.stringify(this.#request.body()),
        signal: cutting.signal,
      } as const;
      const response = await this.#platform.fetch(this.#request.url, asked).catch(() => null);
      if (!response) return 'cut';
      if (!isStream(response)) return await this.#judge(response);
      this.#openedAt = this.#platform.now();
      this.#say('open');
      return await this.#read(response, silence);
    } finally {
      silence.stop();
      unlink();
      cutting.abort();
    }
  }

  async #read(response: Response, silence: SilenceWatch): Promise<Outcome> {
    let hasEnded = false;
    const parse = makeEventParser((event) => {
      if (!hasEnded && !this.#closed.aborted) hasEnded = this.#receive(event);
    });
    const decoder = new TextDecoder();
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (;;) {
      const piece = await reader.read().catch(() => null);
      if (!piece || piece.done) return 'cut';
      const text = decoder.decode(piece.value, { stream: true });
      // A large result on a thin line is a sign of life before it is whole.
      if (!this.#request.hasTicks || !isComment(text)) silence.received();
      parse(text);
      if (hasEnded) return 'ended';
    }
  }

  /** Whether it was the end. */
  #receive(event: StreamEvent): boolean {
    if (event.name !== 'next') return false;
    const result = JSON.parse(event.data) as Result;
    this.#request.onResult(result);
    return this.#request.isEnd(result);
  }

  async #judge(response: Response): Promise<Outcome> {
    const isPassing = response.status >= 500 || response.status === 408 || response.status === 429;
    if (isPassing) return 'cut';
    this.#refusal = { status: response.status, body: await response.text().catch(() => '') };
    return 'refused';
  }

  /** A fault of our own is no cut: it is reported as an uncaught error, and tried again after a long wait. */
  #surface(fault: unknown): Outcome {
    queueMicrotask(() => {
      throw fault;
    });
    this.#openedAt = Infinity;
    return 'cut';
  }
}

/** Detects that nothing was received on a connection for too long. */
class SilenceWatch {
  readonly #platform: Platform;
  readonly #onSilence: () => void;
  readonly #unwake: () => void;
  #receivedAt: number;
  #cancel: () => void;

  constructor(platform: Platform, on: { onSilence: () => void; onNewNetwork: () => void }) {
    this.#platform = platform;
    this.#onSilence = on.onSilence;
    this.#receivedAt = platform.now();
    this.#cancel = platform.after(SILENCE_MS, () => this.#check());
    // Timers sleep with the machine, so waking looks at the clock too.
    this.#unwake = platform.onWake((why) => (why === 'shown' ? this.#check() : on.onNewNetwork()));
  }

  received(): void {
    this.#receivedAt = this.#platform.now();
  }

  stop(): void {
    this.#cancel();
    this.#unwake();
  }

  #check(): void {
    const left = this.#receivedAt + SILENCE_MS - this.#platform.now();
    this.#cancel();
    if (left <= 0) this.#onSilence();
    else this.#cancel = this.#platform.after(left, () => this.#check());
  }
}

/** Ends early where the network returns, the page is looked at again, or the wait is cancelled. */
function pause(ms: number, platform: Platform, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      cancel();
      unwake();
      closed.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = platform.after(ms, finish);
    const unwake = platform.onWake(finish);
    closed.addEventListener('abort', finish);
  });
}

/** How long to wait after so many failures in a row: first not at all, then longer and longer. */
export function waitAfter(failures: number, { random }: Pick<Platform, 'random'>): number {
  if (failures <= 1) return 0;
  const ceiling = Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** (failures - 1));
  return SHORTEST_WAIT_MS + random() * (ceiling - SHORTEST_WAIT_MS);
}

/** Nothing but the pings of a server that may have nothing else to say any more. */
function isComment(text: string): boolean {
  return !/[^:\s]/.test(text);
}

function isStream(response: Response): boolean {
  return response.ok && (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
}

function follow(signal: AbortSignal, controller: AbortController): () => void {
  const abort = () => controller.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  return () => signal.removeEventListener('abort', abort);
}

export const browserPlatform: Platform = {
  fetch: (...request) => globalThis.fetch(...request),
  now: () => Date.now(),
  random: () => Math.random(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  onWake: (call) => {
    const whenOnline = () => call('online');
    const whenVisible = () => document.visibilityState === 'visible' && call('shown');
    window.addEventListener('online', whenOnline);
    document.addEventListener('visibilitychange', whenVisible);
    return () => {
      window.removeEventListener('online', whenOnline);
      document.removeEventListener('visibilitychange', whenVisible);
    };
  },
};
