import { builder } from '../../graphql-builder/builder.ts';
import { pageVersion } from '../../operations/version.ts';
import type { OpenFeed, Topic, TopicState } from '../open-feed.ts';

export interface TickEvent {
  type: 'Tick';
}

/** The last of the topics: a tick comes after the changes that were known, so that a client that receives it has those too. */
export const tick: Topic<TickEvent, TickState> = { open: (feed) => new TickState(feed) };

class TickState implements TopicState<TickEvent> {
  readonly #feed: OpenFeed;
  isDue = true;

  constructor(feed: OpenFeed) {
    this.#feed = feed;
  }

  tick(): void {
    this.isDue = true;
    this.#feed.wake();
  }

  async *next(): AsyncGenerator<TickEvent> {
    this.isDue = false;
    yield { type: 'Tick' };
  }
}

export const Tick = builder.objectRef<TickEvent>('Tick').implement({
  description: 'The connection lives: once after the changes that were missed, and then every 15 seconds.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', description: 'The server’s clock.', resolve: () => new Date() }),
    pageVersion: t.string({
      nullable: true,
      description:
        'The version of the web app that this server has: the name of its entry script. An open page of another version reloads itself. Null: it has none.',
      resolve: () => pageVersion,
    }),
  }),
});
