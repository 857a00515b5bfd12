/** The feed of a tab in the role `live`: one connection, open all the time. */
import type { FeedEvent } from '../store/reduce';
import type { FeedLine, TabFeed } from './feed-line';
import { waitAfter } from './sse';

export class LiveFeed implements TabFeed {
  readonly #line: FeedLine;
  readonly #notifyTabs: () => void;
  #closeFeed = () => {};
  #stopWaiting = () => {};
  /** Whether the newest connection has had no tick yet: the first one says that everything missed has been sent. */
  #isCatchingUp = true;

  constructor(line: FeedLine, notifyTabs: () => void) {
    this.#line = line;
    this.#notifyTabs = notifyTabs;
  }

  open(): void {
    this.close();
    this.#closeFeed = this.#subscribe((event) => this.#receive(event));
  }

  /** Keeps the old connection until the new one has its first event, so that nothing is missed between the two. */
  renew(): void {
    if (this.#isCatchingUp) return this.open();
    const closeOld = this.#closeFeed;
    let hasEvent = false;
    const closeNew = this.#subscribe((event) => {
      if (!hasEvent) {
        hasEvent = true;
        this.#isCatchingUp = false;
        closeOld();
        // After another renewal, `#closeFeed` closes the newer connection as well and has to stay.
        if (this.#closeFeed === closeBoth) this.#closeFeed = closeNew;
      }
      this.#receive(event);
    });
    const closeBoth = () => {
      closeOld();
      closeNew();
    };
    this.#closeFeed = closeBoth;
  }

  /** This tab receives every change itself. */
  onNews(): void {}

  close(): void {
    this.#stopWaiting();
    this.#closeFeed();
    this.#closeFeed = () => {};
  }

  #subscribe(onEvent: (event: FeedEvent) => void): () => void {
    return this.#line.subscribe({ onConnect: () => (this.#isCatchingUp = true), onEvent });
  }

  #receive(event: FeedEvent): void {
    if (this.#isCatchingUp && event.__typename === 'Tick') {
      this.#isCatchingUp = false;
      this.#line.reconnected();
    }
    if (isNewsToOthers(event)) this.#notifyTabs();
    if (this.#line.take(event) === 'gap') this.#openAfterGap(event);
  }

  /** The first gap is closed by opening again at once; after a second gap in the same text it waits first. */
  #openAfterGap(event: FeedEvent): void {
    const times = this.#line.countGap(event);
    if (times <= 1) return this.open();
    this.close();
    this.#stopWaiting = this.#line.platform.after(waitAfter(times, this.#line.platform), () => this.open());
  }
}

/** What a visit receives before its first tick. Agents change so seldom that the next visit, in two seconds, is early enough. */
function isNewsToOthers({ __typename }: FeedEvent): boolean {
  return __typename === 'ChatChange' || __typename === 'ChatListChange' || __typename === 'ChatGone';
}
