import { apiHeaders } from '../graphql/api-headers';
import { makeEventParser, type StreamEvent } from '../graphql/event-stream';

export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface SubscriptionRequest<Result> {
  url: string;
  /** Asked anew for every connection, so that each starts from what we have by then. */
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

/** A server comments every 12 s and a feed ticks every 15 s; after this long the connection is dead, whatever TCP believes. */
export const SILENCE_MS = 40_000;
const SHORTEST_WAIT_MS = 500;
/** A stream that was open this long was a good one. Shorter ones in a row are a server that cannot serve us now. */
const GOOD_LIFE_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

type Outcome = 'ended' | 'refused' | 'cut';

/**
 * Keeps one subscription alive over as many connections as it takes, until it ends, is refused or is closed by the
 * returned function. Stock clients repeat their first variables or take a cut stream for success; this one asks for
 * the variables again and believes only an end.
 */
export function makeSubscription<Result>(
  request: SubscriptionRequest<Result>,
  platform: Platform = browserPlatform,
): () => void {
  const closing = new AbortController();
  const closed = closing.signal;
  const say = (state: ConnectionState) => closed.aborted || request.onState?.(state);
  let refusal: Refusal | null = null;
  let openedAt = Infinity;
  let failures = 0;

  void keepConnected();
  return () => {
    say('closed');
    closing.abort();
  };

  async function keepConnected() {
    while (!closed.aborted) {
      say('connecting');
      // Counted from the opening: a server that takes long to say no has not served us.
      openedAt = Infinity;
      const outcome = await connect().catch(surface);
      if (closed.aborted) return;
      if (outcome === 'ended' || outcome === 'refused') {
        say('closed');
        request.onClose?.(refusal);
        return;
      }
      failures = platform.now() - openedAt >= GOOD_LIFE_MS ? 1 : failures + 1;
      const wait = waitAfter(failures, platform);
      // A connection that is cut and there again at once, as at every deploy, is nobody's concern.
      if (wait > 0) say('waiting');
      await pause(wait);
    }
  }

  /** A cut, a timeout and a refused connection are all the same to us: what arrived is kept, the rest is asked for. */
  async function connect(): Promise<Outcome> {
    const cutting = new AbortController();
    const unlink = follow(closed, cutting);
    const watch = watchSilence(() => cutting.abort());
    try {
      const asked = {
        method: 'POST',
        credentials: 'same-origin',
        headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...apiHeaders },
        body: JSON.stringify(request.body()),
        signal: cutting.signal,
      } as const;
      const response = await platform.fetch(request.url, asked).catch(() => null);
      if (!response) return 'cut';
      if (!isStream(response)) return await judge(response);
      openedAt = platform.now();
      say('open');
      return await read(response, watch.heard);
    } finally {
      watch.stop();
      unlink();
      cutting.abort();
    }
  }

  async function read(response: Response, heard: () => void): Promise<Outcome> {
    let isOver = false;
    const parse = makeEventParser((event) => {
      if (!isOver && !closed.aborted) isOver = receive(event);
    });
    const decoder = new TextDecoder();
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (;;) {
      const piece = await reader.read().catch(() => null);
      if (!piece || piece.done) return 'cut';
      const text = decoder.decode(piece.value, { stream: true });
      // A large result on a thin line is a sign of life before it is whole.
      if (!request.hasTicks || !isComment(text)) heard();
      parse(text);
      if (isOver) return 'ended';
    }
  }

  function receive(event: StreamEvent): boolean {
    if (event.name !== 'next') return false;
    const result = JSON.parse(event.data) as Result;
    request.onResult(result);
    return request.isEnd(result);
  }

  async function judge(response: Response): Promise<Outcome> {
    const isPassing = response.status >= 500 || response.status === 408 || response.status === 429;
    if (isPassing) return 'cut';
    refusal = { status: response.status, body: await response.text().catch(() => '') };
    return 'refused';
  }

  /** A fault of our own is no cut: whoever looks after the page is to hear of it. Tried again it is, but without haste. */
  function surface(fault: unknown): Outcome {
    queueMicrotask(() => {
      throw fault;
    });
    openedAt = Infinity;
    return 'cut';
  }

  function pause(ms: number): Promise<void> {
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

  function watchSilence(onSilence: () => void) {
    let heardAt = platform.now();
    let cancel = platform.after(SILENCE_MS, check);
    const unwake = platform.onWake((why) => {
      // Timers sleep with the machine, so waking looks at the clock too.
      if (why === 'shown') return check();
      // What was opened on another network may be dead without a word, and to go on from what we have costs nothing.
      failures = 0;
      onSilence();
    });

    function check() {
      const left = heardAt + SILENCE_MS - platform.now();
      cancel();
      if (left <= 0) onSilence();
      else cancel = platform.after(left, check);
    }
    return {
      heard: () => (heardAt = platform.now()),
      stop: () => {
        cancel();
        unwake();
      },
    };
  }
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
