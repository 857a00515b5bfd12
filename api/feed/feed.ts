/** All that one browser needs over one connection: what changes in its chats, and the words of the runs in those it looks at. */
import type { Viewer } from '../auth/viewer.ts';
import { visibleTo } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import type { Slice } from '../texts/text.ts';
import { encodeGlobalId } from '../ids.ts';
import { PersonStreams } from '../auth/person-streams.ts';
import { StreamGuard } from '../auth/stream-guard.ts';
import { bus } from '../bus/bus.ts';
import { type Changes, changesAfter } from './changes.ts';
import { FollowedRuns } from './followed-runs.ts';
import { agentsVersion, type OpenFeed, openFeed } from './open-feeds.ts';
import { shareRead } from '../database/shared-reads.ts';

export type FeedEvent =
  | ({ type: 'ChatChange' } & Changes)
  | { type: 'RunDelta'; runId: string; delta: Slice }
  | { type: 'ChatListChange'; chatId: string }
  /** `id`: the chat's global id, as the client gave it. */
  | { type: 'ChatGone'; id: string }
  | { type: 'AgentsChange'; version: string }
  | { type: 'Tick' };

/** Where a client stands in a chat that it looks at. */
export interface ChatCursor {
  id: string;
  /** It has all that changed until this revision. */
  after: number;
  /** What it has of the runs that go on there, in UTF-16 code units; of those not named, nothing. */
  runs: { id: string; from: number }[];
}

export interface FeedStart {
  chats: readonly ChatCursor[];
  /** What was given in the place of a chat's id and is none. */
  unknownIds: readonly string[];
  agentsVersion: string | null;
}

const streams = new PersonStreams('feeds', () => env.FEEDS_PER_USER);

export async function* readFeed(
  viewer: Viewer,
  { chats, unknownIds, agentsVersion: known }: FeedStart,
  signal: AbortSignal,
): AsyncGenerator<FeedEvent, void, undefined> {
  // Heard from here on, so that nothing falls between a read and the first hint.
  using feed = openFeed(viewer, new Map(chats.map(({ id, after }) => [id, after])), known);
  using runs = new FollowedRuns(offsetsIn(chats), feed.wake);
  using guard = new StreamGuard(viewer, { streams, wake: feed.wake });
  signal.addEventListener('abort', feed.wake, { once: true });
  await bus.ready();
  for (const id of unknownIds) yield { type: 'ChatGone', id };

  // A tick comes after the changes that were known, so that whoever hears it knows them too. Every wait ends with the request.
  while (!signal.aborted) {
    guard.throwIfRefused();
    const chatId = feed.takeChanged();
    const areAgentsDue = chatId === undefined && feed.takeAgents();
    if (chatId !== undefined) yield* tellChange(feed, runs, chatId);
    else if (areAgentsDue) yield* tellAgents(feed);
    else if (feed.takeTick()) yield { type: 'Tick' };
    const piece = runs.read();
    if (piece) yield { type: 'RunDelta', runId: piece.runId, delta: piece.slice };
    if (chatId === undefined && !areAgentsDue && !piece) await feed.somethingNew();
  }
}

function offsetsIn(chats: readonly ChatCursor[]): Map<string, number> {
  return new Map(chats.flatMap(({ runs }) => runs.map(({ id, from }) => [id, from] as const)));
}

async function* tellChange(feed: OpenFeed, runs: FollowedRuns, chatId: string): AsyncGenerator<FeedEvent> {
  const told = feed.told.get(chatId);
  if (told === undefined) return yield await listChange(feed.viewer, chatId);

  const changes = await changesAfter(feed.viewer, chatId, told);
  if (!changes) {
    feed.told.delete(chatId);
    runs.leaveChat(chatId);
    return yield chatGone(chatId);
  }
  for (const { id } of changes.runs) if (!changes.runningIds.includes(id)) runs.leave(id);
  for (const id of changes.runningIds) runs.follow(id, chatId);
  if (!changes.isNews) return;
  feed.told.set(chatId, changes.revision);
  if (changes.hasMore) feed.changed(chatId);
  yield { type: 'ChatChange', ...changes };
}

async function* tellAgents(feed: OpenFeed): AsyncGenerator<FeedEvent> {
  const known = feed.agentsVersion;
  const version = await agentsVersion();
  feed.agentsVersion = version;
  if (known !== null && known !== version) yield { type: 'AgentsChange', version };
}

async function listChange(viewer: Viewer, chatId: string): Promise<FeedEvent> {
  const isVisible = await shareRead(['visible', viewer.id, chatId], () =>
    db.chat.count({ where: { ...visibleTo(viewer), id: chatId } }),
  );
  return isVisible ? { type: 'ChatListChange', chatId } : chatGone(chatId);
}

function chatGone(chatId: string): FeedEvent {
  return { type: 'ChatGone', id: encodeGlobalId('Chat', chatId) };
}
