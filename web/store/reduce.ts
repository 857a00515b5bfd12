/**
 * What one tab knows, and how events and answers change it. Each row is kept with the revision of its chat at which it was read, and a
 * row of a later revision is never replaced by an older one: so the feed, a page and a mutation's answer may come in any order and
 * repeatedly, and all lead to the same state.
 */
import type { Chat } from './chat-fragments';
import type { FeedSubscription, Presence } from '../generated/graphql';
import type { Message } from './message-fragments';
import { isActive, type Run } from './run';
import { noAgents, withAgentsName, withAnswerer, type AgentsKnown } from './agents-known';
import { applyDelta, type Delta, nothingYet, type RunText } from './run-text';

export type FeedEvent = FeedSubscription['feed'];

interface Versioned<Row> {
  row: Row;
  revision: number;
}

export interface ThreadState {
  /** All that changed until this revision is here: the feed goes on after it. */
  revision: number;
  /** The chat's `resetRevision` as of which the messages are known: where the chat's is later, they are to be fetched again. */
  resetRevision: number;
  head: Versioned<string | null>;
  /** Of the heads whose message is here, the newest: where the visible thread ends. */
  tipId: string | null;
  messages: ReadonlyMap<string, Versioned<Message>>;
  runs: ReadonlyMap<string, Versioned<Run>>;
}

export interface FeedState {
  chats: ReadonlyMap<string, Chat>;
  threads: ReadonlyMap<string, ThreadState>;
  /** What the runs that go on have written so far. */
  texts: ReadonlyMap<string, RunText>;
  /** Chats that the viewer can see no longer. */
  gone: ReadonlySet<string>;
  agents: AgentsKnown;
  /** Of the people who were asked for or sent by the feed. */
  presence: ReadonlyMap<string, Presence>;
  /** Who writes in watched rooms now, by room. */
  writers: ReadonlyMap<string, readonly Writer[]>;
}

export type Writer = Extract<FeedEvent, { __typename: 'TypingChange' }>['people'][number];

export const emptyState: FeedState = {
  chats: new Map(),
  threads: new Map(),
  texts: new Map(),
  gone: new Set(),
  agents: noAgents,
  presence: new Map(),
  writers: new Map(),
};

/** The state after an event, or `gap` where words are missing before it: then one connects again from what is here. */
export function applyFeedEvent(state: FeedState, event: FeedEvent): FeedState | 'gap' {
  switch (event.__typename) {
    case 'Tick':
      return state;
    case 'ChatListChange':
      return applyChats(withoutGone(state, event.chat.id), [event.chat]);
    case 'ChatGone':
      return { ...withoutChat(state, event.chatId), gone: new Set([...state.gone, event.chatId]) };
    case 'AgentsChange':
      return applyAgents(state, { version: event.version, rows: event.agents });
    case 'PresenceChange':
      return applyPresence(state, event.people);
    case 'TypingChange':
      return { ...state, writers: new Map([...state.writers, [event.chatId, event.people]]) };
    case 'RunDelta':
      return appendText(state, event.runId, event.delta);
    case 'ChatChange': {
      const { chat, revision, headId, messages, runs } = event;
      const known = applyChats(state, [chat]);
      const thread = known.threads.get(chat.id);
      if (!thread) return known;
      const updated = applyUpdate(thread, { revision, headId, messages: named(known, messages), runs });
      return withThread(known, chat.id, { ...updated, revision: Math.max(thread.revision, revision) });
    }
  }
}

/** Chats as any answer brings them. */
export function applyChats(state: FeedState, chats: readonly Chat[]): FeedState {
  const fresh = chats.filter((chat) => chat.revision >= (state.chats.get(chat.id)?.revision ?? 0));
  if (fresh.length === 0) return state;
  const told = fresh.map((chat) => [chat.id, withAnswerer(state.agents, chat)] as const);
  return { ...state, chats: new Map([...state.chats, ...told]) };
}

export function applyPresence(
  state: FeedState,
  people: readonly { personId: string; presence: Presence }[],
): FeedState {
  const told = people.map(({ personId, presence }) => [personId, presence] as const);
  return { ...state, presence: new Map([...state.presence, ...told]) };
}

/** Before another connection: it sends who types then. */
export function withoutWriters(state: FeedState): FeedState {
  return state.writers.size === 0 ? state : { ...state, writers: new Map() };
}

/** All agents as they are now, wherever one of them is shown. */
function applyAgents(state: FeedState, agents: AgentsKnown): FeedState {
  const known = { ...state, agents };
  const chats = [...state.chats].map(([id, chat]) => [id, withAnswerer(agents, chat)] as const);
  const threads = [...state.threads].map(([id, thread]) => {
    const messages = [...thread.messages].map(
      ([messageId, { row, revision }]) => [messageId, { row: withAgentsName(agents, row), revision }] as const,
    );
    return [id, { ...thread, messages: new Map(messages) }] as const;
  });
  return { ...known, chats: new Map(chats), threads: new Map(threads) };
}

function named({ agents }: FeedState, messages: readonly Message[]): readonly Message[] {
  return messages.map((message) => withAgentsName(agents, message));
}

/** A page of a thread, with what runs in the chat, be it on another branch. The newest one is where a thread begins to be known. */
export function applyPage(
  state: FeedState,
  chat: Chat,
  messages: readonly Message[],
  { isNewest, activeRuns = [] }: { isNewest: boolean; activeRuns?: readonly Run[] },
): FeedState {
  const known = applyChats(state, [chat]);
  const before = known.threads.get(chat.id) ?? (isNewest ? { ...emptyThread, revision: chat.revision } : null);
  if (!before) return known;
  const thread = isNewest ? withoutOld(before, chat) : before;
  const head = isNewest && { headId: messages.at(-1)?.id ?? null };
  return withThread(
    known,
    chat.id,
    applyUpdate(thread, { revision: chat.revision, messages: named(known, messages), runs: activeRuns, ...head }),
  );
}

/** Whether what is known of the chat's messages is to be fetched again, beginning with the newest page. */
export function isOld(state: FeedState, chatId: string): boolean {
  const thread = state.threads.get(chatId);
  return !!thread && thread.resetRevision < (state.chats.get(chatId)?.resetRevision ?? 0);
}

/** Without what is known from before the chat's `resetRevision`. */
function withoutOld(thread: ThreadState, { resetRevision }: Chat): ThreadState {
  if (thread.resetRevision >= resetRevision) return thread;
  const isNew = ([, { revision }]: readonly [string, Versioned<unknown>]) => revision >= resetRevision;
  return {
    ...thread,
    resetRevision,
    messages: new Map([...thread.messages].filter(isNew)),
    runs: new Map([...thread.runs].filter(isNew)),
  };
}

/**
 * What a mutation did, so that the one who did it need not wait for the feed. It says nothing of what else changed meanwhile:
 * the feed goes on from where it was.
 */
export function applyMutation(
  state: FeedState,
  chat: Chat,
  messages: readonly Message[] = [],
  headId?: string | null,
): FeedState {
  const known = applyChats(state, [chat]);
  const thread = known.threads.get(chat.id);
  if (!thread) return known;
  return withThread(
    known,
    chat.id,
    applyUpdate(thread, {
      revision: chat.revision,
      isFromMutation: true,
      messages: named(known, messages),
      ...(headId !== undefined && { headId }),
    }),
  );
}

/** Chats that a list should have held and did not are removed, unless the feed sent them since the request. */
export function forgetMissing(state: FeedState, expected: readonly Chat[], answered: readonly Chat[]): FeedState {
  const found = new Set(answered.map(({ id }) => id));
  const missing = expected.filter((chat) => !found.has(chat.id) && state.chats.get(chat.id) === chat);
  return missing.reduce((rest, { id }) => withoutChat(rest, id), state);
}

/** From the tip up the parents, as far as they are here; the oldest first. */
export function visibleThread(thread: ThreadState): Message[] {
  return threadTo(thread, thread.tipId);
}

/** From a message up the parents, as far as they are here; the oldest first. */
export function threadTo(thread: ThreadState, bottomId: string | null): Message[] {
  const path: Message[] = [];
  for (let id = bottomId; id !== null;) {
    const message = thread.messages.get(id)?.row;
    if (!message) break;
    const run = message.run && (thread.runs.get(message.run.id)?.row ?? message.run);
    path.push({ ...message, run: run && { ...run } });
    id = message.parent?.id ?? null;
  }
  return path.reverse();
}

/**
 * Whether the end of the visible thread is missing: another person may have gone to a branch that was never loaded here, and the
 * feed sends only what changed, which its messages did not. A page is enough: what lies above is loaded when one scrolls there.
 */
export function lacksEnd(thread: ThreadState, page: number): boolean {
  if (thread.head.row !== thread.tipId) return true;
  const path = visibleThread(thread);
  return path.length < page && !!path[0]?.parent;
}

export interface ChatCursor {
  id: string;
  after: number;
  runs: { id: string; from: number }[];
}

/** Where one stands in a chat: what the next connection is to go on from. */
export function cursorOf(state: FeedState, chatId: string): ChatCursor | null {
  const thread = state.threads.get(chatId);
  if (!thread) return null;
  const running = [...thread.runs.values()].filter(({ row }) => isActive(row));
  const runs = running.map(({ row }) => ({ id: row.id, from: state.texts.get(row.id)?.length ?? 0 }));
  // Of known runs; of the others, all words are sent.
  return { id: chatId, after: thread.revision, runs: runs.slice(-MOST_RUNS) };
}

const MOST_RUNS = 20;

const emptyThread: ThreadState = {
  revision: 0,
  resetRevision: 0,
  head: { row: null, revision: -1 },
  tipId: null,
  messages: new Map(),
  runs: new Map(),
};

interface RowUpdate {
  revision: number;
  /** From a mutation: a row of an equal revision may be older than the known one, so it does not replace it. */
  isFromMutation?: boolean;
  messages: readonly Message[];
  runs?: readonly Run[];
  headId?: string | null;
}

function applyUpdate(
  thread: ThreadState,
  { revision, isFromMutation = false, messages, runs = [], headId }: RowUpdate,
): ThreadState {
  // Asked for before, and it may show what is to be seen no longer.
  if (revision < thread.resetRevision) return thread;
  const isNews = (known: number) => (isFromMutation ? revision > known : revision >= known);
  const head = headId !== undefined && isNews(thread.head.revision) ? { row: headId, revision } : thread.head;
  const known = put(thread.messages, messages, revision, isNews);
  return {
    ...thread,
    head,
    tipId: head.row === null || known.has(head.row) ? head.row : thread.tipId,
    messages: known,
    runs: put(thread.runs, [...messages.flatMap(({ run }) => run ?? []), ...runs], revision, isNews),
  };
}

function put<Row extends { id: string }>(
  known: ReadonlyMap<string, Versioned<Row>>,
  rows: readonly Row[],
  revision: number,
  isNews: (known: number) => boolean,
): ReadonlyMap<string, Versioned<Row>> {
  const fresh = rows.filter(({ id }) => isNews(known.get(id)?.revision ?? -1));
  return fresh.length === 0 ? known : new Map([...known, ...fresh.map((row) => [row.id, { row, revision }] as const)]);
}

function withThread(state: FeedState, chatId: string, thread: ThreadState): FeedState {
  const texts = new Map([...state.texts].filter(([runId]) => !hasEnded(thread, runId)));
  return {
    ...state,
    threads: new Map([...state.threads, [chatId, thread]]),
    texts: texts.size === state.texts.size ? state.texts : texts,
  };
}

/** The viewer was out of it, and is back. */
function withoutGone(state: FeedState, chatId: string): FeedState {
  return state.gone.has(chatId) ? { ...state, gone: new Set([...state.gone].filter((id) => id !== chatId)) } : state;
}

function withoutChat(state: FeedState, chatId: string): FeedState {
  return {
    ...state,
    chats: new Map([...state.chats].filter(([id]) => id !== chatId)),
    threads: new Map([...state.threads].filter(([id]) => id !== chatId)),
  };
}

function appendText(state: FeedState, runId: string, delta: Delta): FeedState | 'gap' {
  // The words of a run that is over stand in its message.
  if ([...state.threads.values()].some((thread) => hasEnded(thread, runId))) return state;
  const text = applyDelta(state.texts.get(runId) ?? nothingYet, delta);
  if (text === 'gap') return 'gap';
  return { ...state, texts: new Map([...state.texts, [runId, text]]) };
}

/** So that they are sent from their beginning. */
export function resetText(state: FeedState, runId: string): FeedState {
  return { ...state, texts: new Map([...state.texts].filter(([id]) => id !== runId)) };
}

function hasEnded(thread: ThreadState, runId: string): boolean {
  const run = thread.runs.get(runId)?.row;
  return !!run && !isActive(run);
}
