/**
 * In which chats an answer is being written, and in which one has come that was not seen on this device. The server knows the first;
 * of the second, the browser remembers the chats in which it saw an answer being written, until it has shown them at rest.
 */
import { useLocation } from '@solidjs/router';
import { createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js';

import { createVisible } from '../browser/create-visible';
import { useFeed, type Feed } from '../feed/create-feed';
import { HIDDEN_FEED_MS } from '../feed/seats';
import { graphql } from '../generated';
import { fetchFresh } from '../graphql/client';
import { recall, remember } from '../browser/device-memory';
import { setTabMark, type TabMark } from '../ui/tab-mark';
import { chatPath, type Chat } from '../store/chat-fragments';

const AnsweringChat = graphql(`
  query AnsweringChat($id: ID!) {
    chat(id: $id) {
      ...ChatFields
    }
  }
`);

export type AnswerMark = TabMark;

type Marked = Pick<Chat, 'id' | 'isAnswering'>;

/** Past that the oldest are forgotten. */
const MOST_AWAITED = 100;
const ASK_EVERY_MS = 30_000;

const [awaited, setAwaited] = createSignal<ReadonlySet<string>>(new Set());

export function markOf({ id, isAnswering }: Marked): AnswerMark | null {
  if (isAnswering) return 'running';
  return awaited().has(id) ? 'ready' : null;
}

/** Keeps the marks of a person, and shows them in the tab's title and icon, as long as its owner lives. */
export function createAnswerMarks(viewerId: string): void {
  const feed = useFeed();
  const location = useLocation();
  const isVisible = createVisible();
  const chats = createMemo(() => feed.state().chats);
  const key = `confab.awaited.${viewerId}`;
  setAwaited(parseAwaited(recall(key)));

  // What this tab knew to be running. Another tab may have seen an end that this one has not received yet: then it stays seen.
  let running: ReadonlySet<string> = new Set();
  const isOpen = ({ id }: Marked) => location.pathname.replace(/\/$/, '') === chatPath(id);
  createEffect(() => {
    const those = [...chats().values()];
    const next = awaitedAfter(awaited(), those, {
      isNew: ({ id }) => !running.has(id),
      isOnScreen: (chat) => isVisible() && isOpen(chat),
    });
    running = new Set(those.filter(({ isAnswering }) => isAnswering).map(({ id }) => id));
    if (next === awaited()) return;
    setAwaited(next);
    remember(key, next.size > 0 ? JSON.stringify([...next]) : '');
  });
  createEffect(() => setTabMark(markOfTab([...chats().values()], isOpen)));
  onCleanup(() => setTabMark(null));

  const receive = (event: StorageEvent) => {
    if (event.key === key) setAwaited(parseAwaited(event.newValue));
  };
  window.addEventListener('storage', receive);
  onCleanup(() => window.removeEventListener('storage', receive));
  askWhileHidden(feed, isVisible);
}

/** The same set where nothing has changed. */
export function awaitedAfter(
  before: ReadonlySet<string>,
  chats: readonly (Marked & Pick<Chat, 'deletedAt'>)[],
  { isNew, isOnScreen }: Record<'isNew' | 'isOnScreen', (chat: Marked) => boolean>,
): ReadonlySet<string> {
  const next = new Set(before);
  for (const chat of chats) {
    const { id, isAnswering, deletedAt } = chat;
    if (isAnswering && isNew(chat)) next.add(id);
    if (!isAnswering && (deletedAt || isOnScreen(chat))) next.delete(id);
  }
  const kept = [...next].slice(-MOST_AWAITED);
  return kept.length === before.size && kept.every((id) => before.has(id)) ? before : new Set(kept);
}

/** The open chat's mark comes first; of the others, an answer that is ready. */
function markOfTab(chats: readonly Chat[], isOpen: (chat: Marked) => boolean): AnswerMark | null {
  const open = chats.find(isOpen);
  // Of others, the list shows no row that would explain the mark.
  const marks = chats.filter(({ archivedAt, deletedAt }) => !archivedAt && !deletedAt).map(markOf);
  return (
    (open && markOf(open)) ?? marks.find((mark) => mark === 'ready') ?? marks.find((mark) => mark === 'running') ?? null
  );
}

/** What stands in the storage may have been written by anything. */
export function parseAwaited(json: string | null): ReadonlySet<string> {
  try {
    const ids: unknown = JSON.parse(json ?? '[]');
    if (!Array.isArray(ids)) return new Set();
    return new Set(ids.filter((id) => typeof id === 'string' && id.length < 100).slice(-MOST_AWAITED));
  } catch {
    return new Set();
  }
}

/** A tab that is hidden for a while lets go of its feed: then it asks for the ends of the answers that it knows of. */
function askWhileHidden(feed: Feed, isVisible: () => boolean): void {
  createEffect(
    on(isVisible, (isSeen) => {
      if (isSeen) return;
      let timer = setTimeout(ask, HIDDEN_FEED_MS);
      onCleanup(() => clearTimeout(timer));
      function ask() {
        timer = setTimeout(ask, ASK_EVERY_MS);
        for (const { id, isAnswering } of feed.state().chats.values()) if (isAnswering) void askFor(feed, id);
      }
    }),
  );
}

async function askFor(feed: Feed, id: string): Promise<void> {
  const { data } = await fetchFresh(feed.client, AnsweringChat, { id });
  if (data?.chat) feed.putChats([data.chat]);
}
