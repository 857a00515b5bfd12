/** All that one browser needs over one connection: what changes in its chats, and the words of the runs in those that it watches. */
import { PersonStreams } from '../auth/person-streams.ts';
import { StreamGuard } from '../auth/stream-guard.ts';
import type { Viewer } from '../auth/viewer.ts';
import { bus } from '../bus/bus.ts';
import { env } from '../env.ts';
import type { Prepare } from '../graphql-builder/plain-events.ts';
import type { FeedStart } from './open-feed.ts';
import { openFeed } from './open-feeds.ts';
import { memberships } from './topics/chats.ts';
import { type FeedEvent, topics } from './topics/list.ts';
import { words } from './topics/words.ts';

const streams = new PersonStreams('feeds', () => env.FEEDS_PER_USER);

export async function* readFeed(
  viewer: Viewer,
  start: FeedStart,
  { signal, prepare }: { signal: AbortSignal; prepare: Prepare },
): AsyncGenerator<FeedEvent, void, undefined> {
  // It receives hints from here on, so that nothing falls between a read and the first hint.
  using feed = openFeed(viewer, start, prepare);
  using guard = new StreamGuard(viewer, { streams, wake: feed.wake });
  signal.addEventListener('abort', feed.wake, { once: true });
  await bus.ready();
  await memberships.loaded(viewer.id);

  // Every wait ends with the request.
  while (!signal.aborted) {
    guard.throwIfRefused();
    const due = topics.find((topic) => topic !== words && feed.of(topic).isDue);
    if (due) yield* feed.of(due).next();
    // Between any two other events, so that words wait for none.
    const hasWords = feed.of(words).isDue;
    if (hasWords) yield* feed.of(words).next();
    if (!due && !hasWords) await feed.waitForWork();
  }
}
