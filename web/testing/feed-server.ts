import type { FeedEvent } from '../store/reduce';
import type { Platform } from '../feed/sse';
import type { makeClock } from './clock';

export const tick: FeedEvent = { __typename: 'Tick', pageVersion: null };

/** A server that takes every feed and sends on each what the test says, on a clock that the test moves. */
export function makeFeedServer(clock: ReturnType<typeof makeClock>) {
  const feeds: ReturnType<typeof makeFeed>[] = [];
  const platform: Platform = {
    now: clock.now,
    random: () => 0.5,
    after: clock.after,
    onWake: () => () => {},
    fetch: (_url, asked) => {
      const feed = makeFeed();
      feeds.push(feed);
      asked?.signal?.addEventListener('abort', () => feed.cut());
      return Promise.resolve(feed.response);
    },
  };
  return {
    platform,
    /** All that were ever asked for, the first one first. */
    feeds,
    /** For each of them whether it is still read. */
    open: () => feeds.map((feed) => feed.isOpen()),
  };
}

function makeFeed() {
  let isOpen = true;
  let stream!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (own) => void (stream = own) });
  return {
    response: new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
    isOpen: () => isOpen,
    tell(event: FeedEvent) {
      const data = JSON.stringify({ data: { feed: event } });
      if (isOpen) stream.enqueue(new TextEncoder().encode(`event: next\ndata: ${data}\n\n`));
    },
    cut() {
      if (isOpen) stream.error(new Error('The line was cut.'));
      isOpen = false;
    },
  };
}
