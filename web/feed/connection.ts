/** A tab's feed, as its seat allows: held all the time, looked into now and then, or let go. */
import { browserPlatform, makeSubscription, type ConnectionState, type Platform } from '../graphql/sse';
import type { FeedEvent } from './apply-change';
import { makeSeats, type Seats, type Tab } from './seats';

export interface FeedResult {
  data?: { feed: FeedEvent } | null;
  errors?: readonly { message: string; extensions?: { code?: string } }[];
}

export interface FeedRequest {
  url: string;
  /** Asked anew for every connection. */
  body: () => unknown;
  /** Returns whether something is missing before this event, so that one has to begin again from what one has. */
  onEvent: (event: FeedEvent) => 'gap' | void;
  /** While it was not connected chats may have changed that are not watched: only a query tells which. */
  onCaughtUp?: () => void;
  onState?: (state: ConnectionState) => void;
  /** The server's last word: nobody is signed in any more, or the request was wrong. */
  onRefusal: (isUnauthenticated: boolean) => void;
}

export interface FeedConnection {
  /** What is asked for is another now: begins anew. */
  renew: () => void;
  close: () => void;
}

const VISIT_EVERY_MS = 2_000;
/** After the first tick all that was missed comes at once; this long without a word, and it was all. */
const QUIET_MS = 150;
/** An answer that grows is never quiet: then a visit ends all the same. */
const LONGEST_VISIT_MS = 1_000;

export function makeFeedConnection(
  request: FeedRequest,
  tab: Tab,
  platform: Platform = browserPlatform,
): FeedConnection {
  let close = () => {};
  let isVisiting = false;
  let isNews = false;
  let stopWaiting = () => {};
  let isClosed = false;
  let isBegun = false;
  let isFresh = true;
  const seats: Seats = makeSeats(tab, { seat: () => isBegun && begin(), news: () => visitAgain() });
  isBegun = true;
  begin();

  return {
    renew,
    close() {
      isClosed = true;
      leave();
      seats.close();
    },
  };

  function begin() {
    if (isClosed) return;
    leave();
    if (seats.seat() === 'held') close = subscribe(hear, request.onState);
    if (seats.seat() !== 'visiting') return;
    isNews = true;
    visit();
  }

  /** The old connection is kept until the new one is there, so that nothing falls between the two. */
  function renew() {
    if (seats.seat() !== 'held' || isFresh) return begin();
    const closeOld = close;
    let isThere = false;
    const closeNew = subscribe((event) => {
      if (!isThere) {
        isThere = true;
        isFresh = false;
        closeOld();
      }
      hear(event);
    }, request.onState);
    close = () => {
      closeOld();
      closeNew();
    };
  }

  function leave() {
    stopWaiting();
    close();
    close = () => {};
    isVisiting = false;
  }

  /** Of a connection, the first event is a tick. */
  function isFirst(event: FeedEvent): boolean {
    const isIt = isFresh && event.__typename === 'Tick';
    if (isIt) isFresh = false;
    return isIt;
  }

  function hear(event: FeedEvent) {
    if (isFirst(event)) request.onCaughtUp?.();
    if (event.__typename !== 'Tick' && event.__typename !== 'RunDelta') seats.tellNews();
    if (request.onEvent(event) === 'gap') begin();
  }

  function visit() {
    isVisiting = true;
    const isAsked = isNews;
    isNews = false;
    let stopQuiet = () => {};
    let tickedAt: number | null = null;
    const leaveVisit = () => {
      stopQuiet();
      end();
      isVisiting = false;
      close = () => {};
      stopWaiting = platform.after(isNews ? 0 : VISIT_EVERY_MS, visit);
    };
    const end = subscribe(
      (event) => {
        if (isFirst(event)) {
          tickedAt = platform.now();
          if (isAsked) request.onCaughtUp?.();
        }
        const isGap = request.onEvent(event) === 'gap';
        if (isGap || (tickedAt !== null && platform.now() - tickedAt > LONGEST_VISIT_MS)) return leaveVisit();
        stopQuiet();
        if (tickedAt !== null) stopQuiet = platform.after(QUIET_MS, leaveVisit);
      },
      // A visit that is over is no loss of connection.
      (state) => state !== 'closed' && request.onState?.(state),
    );
    close = () => {
      stopQuiet();
      end();
    };
  }

  function visitAgain() {
    isNews = true;
    if (isVisiting) return;
    stopWaiting();
    visit();
  }

  function subscribe(onEvent: (event: FeedEvent) => void, onState?: (state: ConnectionState) => void): () => void {
    return makeSubscription<FeedResult>(
      {
        url: request.url,
        body: () => {
          isFresh = true;
          return request.body();
        },
        isEnd: isRefusal,
        onResult: (result) => {
          if (isRefusal(result)) request.onRefusal(codesOf(result).includes('UNAUTHENTICATED'));
          else if (result.data) onEvent(result.data.feed);
        },
        onClose: (refusal) => refusal && request.onRefusal(refusal.status === 401),
        ...(onState && { onState }),
      },
      platform,
    );
  }
}

/** An error without data is the server's last word, unless it is one of its own faults: those may pass. */
function isRefusal(result: FeedResult): boolean {
  return !result.data && codesOf(result).some((code) => code !== 'INTERNAL');
}

function codesOf({ errors = [] }: FeedResult): (string | undefined)[] {
  return errors.map(({ extensions }) => extensions?.code);
}
