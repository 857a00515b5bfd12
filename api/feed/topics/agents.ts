import { agentsSeenBy, Agent } from '../../agents/schema.ts';
import { findAgentsVersion } from '../../agents/version.ts';
import { bus } from '../../bus/bus.ts';
import { db } from '../../database/db.ts';
import { shareRead } from '../../database/shared-reads.ts';
import { builder } from '../../graphql-builder/builder.ts';
import { viewerIn } from '../../graphql-builder/context.ts';
import type { OpenFeed, Topic, TopicState } from '../open-feed.ts';

export interface AgentsEvent {
  type: 'AgentsChange';
  version: string;
}

export const agents: Topic<AgentsEvent, AgentsState> = {
  open: (feed, { agentsVersion }) => new AgentsState(feed, agentsVersion),

  listen(feeds) {
    const stopListening = bus.listen('agentsChanged', () => {
      present = null;
      for (const feed of feeds.all()) feed.of(agents).noteChange();
    });
    return () => {
      stopListening();
      present = null;
    };
  },

  async poll(feeds) {
    present = null;
    const version = await presentVersion();
    for (const feed of feeds) feed.of(agents).noteVersion(version);
  },
};

class AgentsState implements TopicState<AgentsEvent> {
  readonly #feed: OpenFeed;
  /** Of the agents that the client knows; null until the first read. */
  #sentVersion: string | null;
  isDue = true;

  constructor(feed: OpenFeed, sentVersion: string | null) {
    this.#feed = feed;
    this.#sentVersion = sentVersion;
  }

  noteChange(): void {
    this.isDue = true;
    this.#feed.wake();
  }

  noteVersion(version: string): void {
    if (version !== this.#sentVersion) this.noteChange();
  }

  async *next(): AsyncGenerator<AgentsEvent> {
    this.isDue = false;
    const known = this.#sentVersion;
    const version = await presentVersion();
    this.#sentVersion = version;
    if (known !== null && known !== version) yield { type: 'AgentsChange', version };
  }
}

/** Kept while anybody listens, so that thousands who come at once read it once. */
let present: Promise<string> | null = null;

async function presentVersion(): Promise<string> {
  present ??= findAgentsVersion();
  const reading = present;
  try {
    return await reading;
  } catch (error) {
    if (present === reading) present = null;
    throw error;
  }
}

export const AgentsChange = builder.objectRef<AgentsEvent>('AgentsChange').implement({
  description:
    'An agent is new, or something that is seen of one has changed: its name, whether it can answer, or which one answers where none is chosen.',
  fields: (t) => ({
    version: t.exposeString('version', {
      description: 'Names this state of the agents. Open the feed with it next time, and nothing is told twice.',
    }),
    agents: t.prismaField({
      type: [Agent],
      description: 'All of them, as `Query.agents` has them.',
      complexity: { field: 1, multiplier: 10 },
      resolve: (query, _event, _args, context) => {
        const viewer = viewerIn(context);
        return shareRead(['agents', query, viewer.role], () =>
          db.agent.findMany({ ...query, ...agentsSeenBy(viewer) }),
        );
      },
    }),
  }),
});
