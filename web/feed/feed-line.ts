/** What both roles of a tab do alike: they open feeds, count the gaps in runs' texts, and report the state of the connection. */
import type { FeedEvent } from '../store/reduce';
import { makeSubscription, type ConnectionState, type Platform, type Refusal } from './sse';

export interface FeedResult {
  data?: { feed: FeedEvent } | null;
  errors?: readonly { message: string; extensions?: { code?: string } }[];
}

/**
 * `refused`: the server rejects the request, or what answers is not our server. This seldom passes by itself.
 * `tooMany`: the server has closed this feed because its person has opened newer ones.
 */
export type FeedConnectionState = ConnectionState | 'refused' | 'tooMany';

export interface FeedRequest {
  url: string;
  /** Called for every connection, so that each starts from what is known by then. */
  body: () => unknown;
  /** Returns `gap` when something is missing before this event: then the feed is opened again from what is known. */
  onEvent: (event: FeedEvent) => 'gap' | void;
  /** Chats that are not watched may have changed while the tab was not connected: only a query finds them. */
  onReconnected?: () => void;
  /** The deltas of this run repeatedly do not follow the text that is known: it should be dropped. */
  onTextLost?: (runId: string) => void;
  onState?: (state: FeedConnectionState) => void;
  /** The session has ended, or the request was wrong. */
  onRefusal: (isUnauthenticated: boolean) => void;
}

/** The feed of a tab in one role. */
export interface TabFeed {
  open: () => void;
  /** The request's body has changed: ask again. */
  renew: () => void;
  /** Another tab has received a change. */
  onNews: () => void;
  close: () => void;
}

/** How long to wait after a refusal; by then the cause may have been fixed. */
export const REFUSED_WAIT_MS = 30_000;
/** A feed that is opened again closes another one: with a short wait the person's tabs would close each other's all the time. */
export const TOO_MANY_WAIT_MS = 5 * 60_000;

interface FeedListener {
  /** A connection is about to be made. */
  onConnect?: () => void;
  onEvent: (event: FeedEvent) => void;
  /** The connection was lost, and another attempt makes sense after `atLeast` ms. Without this, attempts are made here. */
  onCut?: (atLeast: number) => void;
}

export class FeedLine {
  readonly platform: Platform;
  readonly #request: FeedRequest;
  readonly #gaps = new Map<string, number>();
  #reported: FeedConnectionState = 'closed';

  constructor(request: FeedRequest, platform: Platform) {
    this.#request = request;
    this.platform = platform;
  }

  /** Opens a feed and returns how to close it. */
  subscribe(listener: FeedListener): () => void {
    const { onConnect, onEvent, onCut } = listener;
    let closeThis = () => {};
    let stopRetry = () => {};
    const connect = () => {
      let codes: (string | undefined)[] = [];
      closeThis = makeSubscription<FeedResult>(
        {
          url: this.#request.url,
          body: () => {
            onConnect?.();
            return this.#request.body();
          },
          isEnd: isRefusal,
          hasTicks: true,
          onResult: (result) => {
            if (isRefusal(result)) codes = codesOf(result);
            else if (result.data) {
              if (this.#isRefused()) this.report('open');
              onEvent(result.data.feed);
            }
          },
          onClose: (response) => {
            const wait = this.#refuse(response, codes);
            if (wait === null) return;
            if (onCut) return onCut(wait);
            stopRetry = this.platform.after(wait, connect);
          },
          onState: (state) => {
            this.#reportConnection(state);
            if (state === 'waiting') onCut?.(0);
          },
        },
        this.platform,
      );
    };
    connect();
    return () => {
      stopRetry();
      closeThis();
    };
  }

  /** Hands the event to the page. */
  take(event: FeedEvent): 'gap' | void {
    if (this.#request.onEvent(event) === 'gap') return 'gap';
    if (event.__typename === 'RunDelta') this.#gaps.delete(event.runId);
  }

  /** Returns how often in a row this run's deltas did not follow. */
  countGap(event: FeedEvent): number {
    if (event.__typename !== 'RunDelta') return 1;
    const times = (this.#gaps.get(event.runId) ?? 0) + 1;
    this.#gaps.set(event.runId, times);
    if (times > 1) this.#request.onTextLost?.(event.runId);
    return times;
  }

  reconnected(): void {
    this.#request.onReconnected?.();
  }

  report(state: FeedConnectionState): void {
    this.#reported = state;
    this.#request.onState?.(state);
  }

  /** Returns after how many ms to ask again; null: never. */
  #refuse(response: Refusal | null, codes: readonly (string | undefined)[]): number | null {
    const isUnauthenticated = response ? response.status === 401 : codes.includes('UNAUTHENTICATED');
    this.#request.onRefusal(isUnauthenticated);
    if (isUnauthenticated) return null;
    const isTooMany = codes.includes('TOO_MANY_STREAMS');
    this.report(isTooMany ? 'tooMany' : 'refused');
    return isTooMany ? TOO_MANY_WAIT_MS : REFUSED_WAIT_MS;
  }

  /**
   * A subscription that is closed was closed by us, and a subscription that connects beside an old one or for a poll is no loss of connection:
   * neither is reported. One that opens after a refusal is reported with its first event.
   */
  #reportConnection(state: ConnectionState): void {
    if (state === 'closed' || (state === 'connecting' && this.#reported !== 'closed')) return;
    if (state === 'open' && this.#isRefused()) return;
    this.report(state);
  }

  #isRefused(): boolean {
    return this.#reported === 'refused' || this.#reported === 'tooMany';
  }
}

/** An error without data ends the feed, unless it is a fault of the server: that may pass. */
function isRefusal(result: FeedResult): boolean {
  return !result.data && codesOf(result).some((code) => code !== 'INTERNAL');
}

function codesOf({ errors = [] }: FeedResult): (string | undefined)[] {
  return errors.map(({ extensions }) => extensions?.code);
}
