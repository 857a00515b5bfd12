/** A tab's feed, as its seat allows: held all the time, looked into now and then, or let go. */
import { browserPlatform, makeSubscription, waitAfter, type ConnectionState, type Platform } from './sse';
import type { FeedEvent } from '../store/reduce';
import { makeSeats, type Seats, type Tab } from './seats';

export interface FeedResult {
  data?: { feed: FeedEvent } | null;
  errors?: readonly { message: string; extensions?: { code?: string } }[];
}

/**
 * `refused`: the server takes what we ask for as wrong, or what answers is no server of ours. That seldom passes by itself.
 * `tooMany`: the server has closed this feed because its person has opened newer ones.
 */
export type FeedConnectionState = ConnectionState | 'refused' | 'tooMany';

export interface FeedRequest {
  url: string;
  /** Asked anew for every connection. */
  body: () => unknown;
  /** Returns whether something is missing before this event, so that one has to begin again from what one has. */
  onEvent: (event: FeedEvent) => 'gap' | void;
  /** While it was not connected chats may have changed that are not watched: only a query tells which. */
  onCaughtUp?: () => void;
  /** Time and again the words of this run do not follow what we have of them: that is not worth keeping. */
  onStuck?: (runId: string) => void;
  onState?: (state: FeedConnectionState) => void;
  /** The server's last word: nobody is signed in any more, or the request was wrong. */
  onRefusal: (isUnauthenticated: boolean) => void;
}

export interface FeedConnection {
  /** What is asked for is another now: begins anew. */
  renew: () => void;
  close: () => void;
}

/** After a refusal; until then somebody may have mended what was wrong. */
export const REFUSED_WAIT_MS = 30_000;
/** A feed that is opened again closes another one: without a long wait the person's tabs would close each other's all the time. */
export const TOO_MANY_WAIT_MS = 5 * 60_000;
export const VISIT_EVERY_MS = 2_000;
/** After the first tick come the words of the runs that go on; this long without any, and a visit is over. */
export const QUIET_MS = 150;
/** An answer that grows is never quiet: then a visit ends all the same. */
export const LONGEST_VISIT_MS = 1_000;
/** A visit without a first tick keeps others waiting: after this long it is given up. */
export const LONGEST_WAIT_FOR_TICK_MS = 15_000;

export function makeFeedConnection(
  request: FeedRequest,
  tab: Tab,
  platform: Platform = browserPlatform,
): FeedConnection {
  let close = () => {};
  let isVisiting = false;
  let isNews = false;
  /** How many visits in a row were not answered. */
  let failedVisits = 0;
  let stopWaiting = () => {};
  let isClosed = false;
  let isBegun = false;
  let isFresh = true;
  let told: FeedConnectionState = 'closed';
  /** How often in a row each run's words did not follow. */
  const gaps = new Map<string, number>();
  const seats: Seats = makeSeats(tab, { seat: () => isBegun && begin(), news: () => visitAgain() });
  isBegun = true;
  begin();

  return {
    renew,
    close() {
      isClosed = true;
      leave();
      seats.close();
      say('closed');
    },
  };

  function begin() {
    if (isClosed) return;
    leave();
    if (seats.seat() === 'held') close = subscribe(hear);
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
        // Unless a newer one is on its way beside it: that one looks after both.
        if (close === closeBoth) close = closeNew;
      }
      hear(event);
    });
    const closeBoth = () => {
      closeOld();
      closeNew();
    };
    close = closeBoth;
  }

  function leave() {
    stopWaiting();
    close();
    close = () => {};
    isVisiting = false;
  }

  /** Of a connection, the first tick: what was missed is told. */
  function isFirst(event: FeedEvent): boolean {
    const isIt = isFresh && event.__typename === 'Tick';
    if (isIt) isFresh = false;
    return isIt;
  }

  function hear(event: FeedEvent) {
    if (isFirst(event)) request.onCaughtUp?.();
    if (isNewsToOthers(event)) seats.notifyTabs();
    if (take(event) === 'gap') beginAfterGap(event);
  }

  function take(event: FeedEvent): 'gap' | void {
    if (request.onEvent(event) === 'gap') return 'gap';
    if (event.__typename === 'RunDelta') gaps.delete(event.runId);
  }

  /** Of one gap, what comes after it knows better. Where there is another in the same words, haste does not help. */
  function beginAfterGap(event: FeedEvent) {
    const times = countGap(event);
    if (times <= 1) return begin();
    leave();
    stopWaiting = platform.after(waitAfter(times, platform), begin);
  }

  function countGap(event: FeedEvent): number {
    if (event.__typename !== 'RunDelta') return 1;
    const times = (gaps.get(event.runId) ?? 0) + 1;
    gaps.set(event.runId, times);
    if (times > 1) request.onStuck?.(event.runId);
    return times;
  }

  /** Waits for the tab's turn first: until then, news are one more reason for the same visit. */
  function visit() {
    isVisiting = true;
    let endTurn = () => {};
    const turn = { isOver: false };
    close = () => {
      turn.isOver = true;
      endTurn();
    };
    const enter = () => {
      if (!turn.isOver) stayForNews(() => endTurn());
    };
    if (tab.askTurn) endTurn = tab.askTurn(enter);
    else enter();
  }

  function stayForNews(endTurn: () => void) {
    const isAsked = isNews;
    isNews = false;
    let stopTimer = platform.after(LONGEST_WAIT_FOR_TICK_MS, () => leaveUnserved(0));
    let tickedAt: number | null = null;
    const endVisit = () => {
      stopTimer();
      end();
      endTurn();
    };
    const leaveVisit = (wait: number) => {
      endVisit();
      isVisiting = false;
      close = () => {};
      stopWaiting = platform.after(wait, visit);
    };
    const leaveServed = () => {
      failedVisits = 0;
      leaveVisit(isNews ? 0 : VISIT_EVERY_MS);
    };
    /** The turn is another tab's while nobody answers this one. */
    const leaveUnserved = (atLeast: number) => {
      failedVisits += 1;
      isNews ||= isAsked;
      leaveVisit(Math.max(atLeast, VISIT_EVERY_MS, waitAfter(failedVisits, platform)));
    };
    let end = () => {};
    close = endVisit;
    end = subscribe((event) => {
      if (isFirst(event)) {
        tickedAt = platform.now();
        if (isAsked) request.onCaughtUp?.();
      }
      const isGap = take(event) === 'gap';
      if (isGap) countGap(event);
      if (isGap || (tickedAt !== null && platform.now() - tickedAt > LONGEST_VISIT_MS)) return leaveServed();
      if (tickedAt === null) return;
      stopTimer();
      stopTimer = platform.after(QUIET_MS, leaveServed);
    }, leaveUnserved);
  }

  function visitAgain() {
    isNews = true;
    if (isVisiting) return;
    stopWaiting();
    visit();
  }

  /** `onCut` is for whoever does not wait for the next attempt, which is so far away at least. */
  function subscribe(onEvent: (event: FeedEvent) => void, onCut?: (atLeast: number) => void): () => void {
    let closeThis = () => {};
    let stopRetry = () => {};
    connect();
    return () => {
      stopRetry();
      closeThis();
    };

    function connect() {
      let codes: (string | undefined)[] = [];
      closeThis = makeSubscription<FeedResult>(
        {
          url: request.url,
          body: () => {
            isFresh = true;
            return request.body();
          },
          isEnd: isRefusal,
          hasTicks: true,
          onResult: (result) => {
            if (isRefusal(result)) codes = codesOf(result);
            else if (result.data) {
              if (isTurnedAway()) say('open');
              onEvent(result.data.feed);
            }
          },
          onClose: (response) => {
            const isUnauthenticated = response ? response.status === 401 : codes.includes('UNAUTHENTICATED');
            request.onRefusal(isUnauthenticated);
            if (isUnauthenticated) return;
            const isTooMany = codes.includes('TOO_MANY_STREAMS');
            const wait = isTooMany ? TOO_MANY_WAIT_MS : REFUSED_WAIT_MS;
            say(isTooMany ? 'tooMany' : 'refused');
            if (onCut) return onCut(wait);
            stopRetry = platform.after(wait, connect);
          },
          onState: (state) => {
            sayOfLine(state);
            if (state === 'waiting') onCut?.(0);
          },
        },
        platform,
      );
    }
  }

  /**
   * Of the lines, as far as it is news. That one is closed is our own doing; a new one beside an old one or for a visit is no loss
   * of connection; and one that opens after a refusal has yet to say something better.
   */
  function sayOfLine(state: ConnectionState) {
    if (state === 'closed' || (state === 'connecting' && told !== 'closed')) return;
    if (state === 'open' && isTurnedAway()) return;
    say(state);
  }

  function isTurnedAway(): boolean {
    return told === 'refused' || told === 'tooMany';
  }

  function say(state: FeedConnectionState) {
    told = state;
    request.onState?.(state);
  }
}

/** An error without data is the server's last word, unless it is one of its own faults: those may pass. */
function isRefusal(result: FeedResult): boolean {
  return !result.data && codesOf(result).some((code) => code !== 'INTERNAL');
}

/** What a visit brings before its first tick. Agents change so seldom that the next visit, in two seconds, is early enough. */
function isNewsToOthers({ __typename }: FeedEvent): boolean {
  return __typename !== 'Tick' && __typename !== 'RunDelta' && __typename !== 'AgentsChange';
}

function codesOf({ errors = [] }: FeedResult): (string | undefined)[] {
  return errors.map(({ extensions }) => extensions?.code);
}
