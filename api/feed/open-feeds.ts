/**
 * The feeds that are open on this node. Hints reach each by its person, and every 15 s the rows are read for what a lost hint
 * would have said.
 */
import { findAgentsVersion } from '../agents/version.ts';
import type { Viewer } from '../auth/viewer.ts';
import { db } from '../database/db.ts';
import { log } from '../log.ts';
import { Waker } from '../bus/waker.ts';
import { bus } from '../bus/bus.ts';

/** How often each feed looks around, and says that it lives. */
export const TICK_MS = 15_000;

/** What one feed has heard and not yet told. */
export class OpenFeed {
  readonly viewer: Viewer;
  /** Of the watched chats: all that changed until this revision was told. */
  readonly told: Map<string, number>;
  #changed = new Set<string>();
  /** Of the other chats: the revisions heard of lately. */
  readonly #heard = new Map<string, number>();
  /** Of the agents that its reader knows; null until it is seen where it begins. */
  agentsVersion: string | null;
  #areAgentsDue = true;
  #isTickDue = true;
  readonly #waker = new Waker();
  looksAt: number;

  constructor(viewer: Viewer, watched: ReadonlyMap<string, number>, agentsVersion: string | null) {
    this.viewer = viewer;
    this.agentsVersion = agentsVersion;
    this.told = new Map(watched);
    this.#changed = new Set(watched.keys());
    this.looksAt = Date.now() + TICK_MS;
  }

  /** Nothing where that is known already. */
  hear(chatId: string, revision: number): void {
    const known = this.told.get(chatId) ?? this.#heard.get(chatId) ?? -1;
    if (revision <= known) return;
    if (!this.told.has(chatId)) this.#heard.set(chatId, revision);
    this.changed(chatId);
  }

  /** To be looked at, whatever is known. */
  changed(chatId: string): void {
    this.#changed.add(chatId);
    this.wake();
  }

  /** What was heard longer ago than the rows go back that each look reads is forgotten. */
  forgetAllBut(chatIds: ReadonlySet<string>): void {
    for (const chatId of this.#heard.keys()) if (!chatIds.has(chatId)) this.#heard.delete(chatId);
  }

  agentsChanged(): void {
    this.#areAgentsDue = true;
    this.wake();
  }

  tick(): void {
    this.#isTickDue = true;
    this.wake();
  }

  takeAgents(): boolean {
    const areDue = this.#areAgentsDue;
    this.#areAgentsDue = false;
    return areDue;
  }

  takeTick(): boolean {
    const isDue = this.#isTickDue;
    this.#isTickDue = false;
    return isDue;
  }

  takeChanged(): string | undefined {
    const [chatId] = this.#changed;
    if (chatId !== undefined) this.#changed.delete(chatId);
    return chatId;
  }

  readonly wake = (): void => this.#waker.wake();

  /** Resolves when there is something to do that there was not at the last call. */
  somethingNew(): Promise<void> {
    return this.#waker.sleep();
  }
}

const feeds = new Map<string, Set<OpenFeed>>();
let stopHearing: (() => void) | null = null;

/** From here on it hears of every change that its person may see. Dispose of it when its reader is gone. */
export function openFeed(
  viewer: Viewer,
  watched: ReadonlyMap<string, number>,
  agentsVersion: string | null,
): OpenFeed & Disposable {
  const feed = new OpenFeed(viewer, watched, agentsVersion);
  const ofPerson = feeds.get(viewer.id) ?? new Set();
  feeds.set(viewer.id, ofPerson.add(feed));
  stopHearing ??= hearHints();
  return Object.assign(feed, {
    [Symbol.dispose]() {
      ofPerson.delete(feed);
      if (ofPerson.size === 0) feeds.delete(viewer.id);
      if (feeds.size > 0) return;
      stopHearing?.();
      stopHearing = null;
    },
  });
}

/** For tests that look for leaks. */
export function openFeedCount(): number {
  return allFeeds().length;
}

function allFeeds(): OpenFeed[] {
  return [...feeds.values()].flatMap((ofPerson) => [...ofPerson]);
}

function hearHints(): () => void {
  const stops = [
    bus.listen('chatChanged', (chatId, revision, memberIds) => {
      for (const memberId of memberIds) for (const feed of feeds.get(memberId) ?? []) feed.hear(chatId, revision);
    }),
    bus.listen('agentsChanged', () => {
      agents = null;
      for (const feed of allFeeds()) feed.agentsChanged();
    }),
    bus.onGap(() => void lookAround()),
  ];
  // A few of them each second, rather than all at once, so that nobody else has to wait for thousands.
  const looking = setInterval(() => {
    const now = Date.now();
    const due = allFeeds().filter(({ looksAt }) => looksAt <= now);
    for (const feed of due) feed.looksAt = now + TICK_MS;
    void lookAround(due).finally(() => {
      for (const feed of due) feed.tick();
    });
  }, TICK_MS / 15);
  return () => {
    clearInterval(looking);
    agents = null;
    for (const stop of stops) stop();
  };
}

/** A hint may be lost: three reads, whatever the number of feeds, find what it would have told. */
export async function lookAround(those: readonly OpenFeed[] = allFeeds()): Promise<void> {
  if (those.length === 0) return;
  try {
    await findChanged(those);
    await findChangedLately(those);
    await findChangedAgents(those);
  } catch (error) {
    log.warn({ error }, 'The feeds could not look at the rows; they will again');
  }
}

/** Known to this node as long as somebody listens, so that thousands who come at once ask for it once. */
let agents: Promise<string> | null = null;

export async function agentsVersion(): Promise<string> {
  agents ??= findAgentsVersion();
  const asked = agents;
  try {
    return await asked;
  } catch (error) {
    if (agents === asked) agents = null;
    throw error;
  }
}

async function findChangedAgents(those: readonly OpenFeed[]): Promise<void> {
  agents = null;
  const version = await agentsVersion();
  for (const feed of those) if (feed.agentsVersion !== version) feed.agentsChanged();
}

async function findChanged(those: readonly OpenFeed[]): Promise<void> {
  const chatIds = [...new Set(those.flatMap(({ told }) => [...told.keys()]))];
  if (chatIds.length === 0) return;
  const chats = await db.chat.findMany({
    where: { id: { in: chatIds } },
    select: { id: true, revision: true, members: { select: { userId: true } } },
  });
  const present = new Map(chats.map((chat) => [chat.id, chat]));
  for (const feed of those) {
    for (const [chatId, told] of feed.told) {
      const chat = present.get(chatId);
      const isMember = chat?.members.some(({ userId }) => userId === feed.viewer.id);
      if (!isMember || (chat?.revision ?? 0) > told) feed.changed(chatId);
    }
  }
}

/** Four looks back, so that a change is found though a transaction took its time or a look failed. */
const LATELY_SECONDS = (4 * TICK_MS) / 1000;

async function findChangedLately(those: readonly OpenFeed[]): Promise<void> {
  const userIds = [...new Set(those.map(({ viewer }) => viewer.id))];
  const rows = await db.$queryRaw<{ userId: string; chatId: string; revision: number }[]>`
    SELECT member.user_id::text AS "userId", chat.id::text AS "chatId", chat.revision
    FROM chat JOIN chat_member member ON member.chat_id = chat.id
    WHERE chat.updated_at > now() - make_interval(secs => ${LATELY_SECONDS})
      AND member.user_id = ANY(${userIds}::uuid[])`;
  const byPerson = Map.groupBy(rows, ({ userId }) => userId);
  for (const feed of those) {
    const ofPerson = byPerson.get(feed.viewer.id) ?? [];
    for (const { chatId, revision } of ofPerson) feed.hear(chatId, revision);
    feed.forgetAllBut(new Set(ofPerson.map(({ chatId }) => chatId)));
  }
}
