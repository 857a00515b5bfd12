/** A tab's feed in its role: open all the time, polling, or closed. */
import { FeedLine, type FeedRequest, type TabFeed } from './feed-line';
import { LiveFeed } from './live-feed';
import { makeSeats, type TabRole, type Tab } from './seats';
import { browserPlatform, type Platform } from './sse';
import { PollingFeed } from './polling-feed';

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
  const seats = makeSeats(tab, { seat: takeRole, news: () => feed?.onNews() });

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

  function takeRole(role: TabRole) {
    feed?.close();
    feed = isClosed ? null : feedFor(role);
    feed?.open();
  }

  function feedFor(role: TabRole): TabFeed | null {
    if (role === 'live') return new LiveFeed(line, () => seats.notifyTabs());
    return role === 'polling' ? new PollingFeed(line, tab.askTurn) : null;
  }
}
