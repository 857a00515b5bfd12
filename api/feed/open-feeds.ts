/** The feeds that are open on this node. Hints reach each by its person, and every 15 s the rows are polled for hints that were lost. */
import type { Viewer } from '../auth/viewer.ts';
import { bus } from '../bus/bus.ts';
import type { Prepare } from '../graphql-builder/plain-events.ts';
import { log } from '../log.ts';
import { type FeedsByPerson, type FeedStart, OpenFeed, TICK_MS } from './open-feed.ts';
import { topics } from './topics/list.ts';
import { tick } from './topics/tick.ts';

const feeds = new Map<string, Set<OpenFeed>>();
let stopListening: (() => void) | null = null;

const byPerson: FeedsByPerson = {
  all: () => [...feeds.values()].flatMap((ofPerson) => [...ofPerson]),
  of: (personId) => feeds.get(personId) ?? [],
};

/** From here on, the feed is notified of every change that its person may see. Dispose of it when its reader is gone. */
export function openFeed(viewer: Viewer, start: FeedStart, prepare: Prepare): OpenFeed {
  const feed = new OpenFeed(viewer, prepare, close);
  for (const topic of topics) feed.open(topic, start);
  feed.pollAt = Date.now() + TICK_MS;
  const ofPerson = feeds.get(viewer.id) ?? new Set();
  feeds.set(viewer.id, ofPerson.add(feed));
  stopListening ??= listen();
  return feed;
}

function close(feed: OpenFeed): void {
  const ofPerson = feeds.get(feed.viewer.id);
  ofPerson?.delete(feed);
  if (ofPerson?.size === 0) feeds.delete(feed.viewer.id);
  if (feeds.size > 0) return;
  stopListening?.();
  stopListening = null;
}

/** For the metrics, and for tests that look for leaks. */
export function openFeedCount(): number {
  return byPerson.all().length;
}

function listen(): () => void {
  const stops = [...topics.flatMap((topic) => topic.listen?.(byPerson) ?? []), bus.onGap(() => void pollDatabase())];
  // A few of them each second, rather than all at once, so that no request has to wait for thousands.
  const polling = setInterval(() => {
    const now = Date.now();
    const due = byPerson.all().filter(({ pollAt }) => pollAt <= now);
    for (const feed of due) feed.pollAt = now + TICK_MS;
    void pollDatabase(due).finally(() => {
      for (const feed of due) feed.of(tick).tick();
    });
  }, TICK_MS / 15);
  return () => {
    clearInterval(polling);
    for (const stop of stops) stop();
  };
}

/** A hint may be lost: this finds what it would have said. Left out: for all feeds of this node. */
export async function pollDatabase(those: readonly OpenFeed[] = byPerson.all()): Promise<void> {
  if (those.length === 0) return;
  try {
    for (const topic of topics) await topic.poll?.(those, byPerson);
  } catch (error) {
    log.warn({ error }, 'Polling for feeds failed, retrying');
  }
}
