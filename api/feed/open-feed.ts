/** One feed and what it knows of each topic. */
import type { Viewer } from '../auth/viewer.ts';
import { Waker } from '../bus/waker.ts';
import type { Prepare } from '../graphql-builder/plain-events.ts';

/** How often the rows are read for each feed, and a `Tick` is sent. */
export const TICK_MS = 15_000;

/** Where a client stands in a chat that it watches. */
export interface ChatCursor {
  id: string;
  /** It has all that changed until this revision. */
  after: number;
  /** What it has of the runs that go on there, in UTF-16 code units; of those not named, nothing. */
  runs: { id: string; from: number }[];
}

/** What a client has when it opens a feed. */
export interface FeedStart {
  chats: readonly ChatCursor[];
  /** Given in the place of a chat's id, and no id of a chat that the viewer's token reaches. */
  unknownIds: readonly string[];
  /** Null: nothing is known of what the client has, and only what changes from here on is sent. */
  agentsVersion: string | null;
  /** Whether a person is active at the client, as far as it knows. */
  isActive: boolean;
}

/** What one feed has sent of a topic, and has still to send. */
export interface TopicState<Event> extends Partial<Disposable> {
  readonly isDue: boolean;
  /** What is due, or a part of it: then it stays due. */
  next(): AsyncIterable<Event>;
}

/** A kind of events in a feed. Each has a file in topics/ and a line in topics/list.ts. */
export interface Topic<Event, State extends TopicState<Event>> {
  open(feed: OpenFeed, start: FeedStart): State;
  /** Passes hints on to the feeds of this node. Returns what ends that. */
  listen?(feeds: FeedsByPerson): () => void;
  /** Reads the rows for what a lost hint would have said: a fixed number of statements, however many feeds there are. */
  poll?(feeds: readonly OpenFeed[], all: FeedsByPerson): Promise<void>;
}

export interface FeedsByPerson {
  all(): OpenFeed[];
  of(personId: string): Iterable<OpenFeed>;
}

export class OpenFeed implements Disposable {
  readonly viewer: Viewer;
  /** For an event that others receive too. */
  readonly prepare: Prepare;
  readonly #onClose: (feed: OpenFeed) => void;
  readonly #waker = new Waker();
  readonly #states = new Map<object, TopicState<unknown>>();
  /** When the rows are read for it next, by this node's clock. */
  pollAt = 0;

  /** `onClose` is called once. */
  constructor(viewer: Viewer, prepare: Prepare, onClose: (feed: OpenFeed) => void) {
    this.viewer = viewer;
    this.prepare = prepare;
    this.#onClose = onClose;
  }

  open<Event, State extends TopicState<Event>>(topic: Topic<Event, State>, start: FeedStart): void {
    this.#states.set(topic, topic.open(this, start));
  }

  /** Of a topic that was opened. */
  of<Event, State extends TopicState<Event>>(topic: Topic<Event, State>): State {
    return this.#states.get(topic) as State;
  }

  readonly wake = (): void => this.#waker.wake();

  /** Resolves when there is something to do that there was not at the last call. */
  waitForWork(): Promise<void> {
    return this.#waker.sleep();
  }

  [Symbol.dispose](): void {
    for (const state of this.#states.values()) state[Symbol.dispose]?.();
    this.#onClose(this);
  }
}
