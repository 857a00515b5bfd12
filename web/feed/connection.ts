/** A tab's feed in the role that its seat gives it: held all the time, visiting now and then, or closed. */
import { FeedLine, type FeedRequest, type TabFeed } from './feed-line';
import { HeldFeed } from './held-feed';
import { makeSeats, type Seat, type Tab } from './seats';
import { browserPlatform, type Platform } from './sse';
import { VisitingFeed } from './visiting-feed';

export interface FeedConnection {
  /** The request's body has changed: ask again. */
  renew: () => void;
  close: () => void;
}

export function makeFeedConnection(
  request: FeedRequest,
  tab: Tab,
  platform: Platform = browserPlatform,
): FeedConnection {
  const line = new FeedLine(request, platform);
  let feed: TabFeed | null = null;
  let isClosed = false;
  const seats = makeSeats(tab, { seat: takeSeat, news: () => feed?.onNews() });

  return {
    renew: () => feed?.renew(),
    close() {
      isClosed = true;
      feed?.close();
      feed = null;
      seats.close();
      line.report('closed');
    },
  };

  function takeSeat(seat: Seat) {
    feed?.close();
    feed = isClosed ? null : feedFor(seat);
    feed?.open();
  }

  function feedFor(seat: Seat): TabFeed | null {
    if (seat === 'held') return new HeldFeed(line, () => seats.notifyTabs());
    return seat === 'visiting' ? new VisitingFeed(line, tab.askTurn) : null;
  }
}
