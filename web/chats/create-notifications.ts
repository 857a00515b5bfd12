/** What calls for its person's attention while they look elsewhere: a number in the tab's title, and notifications of the browser. */
import { useNavigate } from '@solidjs/router';
import { createEffect, createMemo, on, onCleanup, untrack } from 'solid-js';

import { useViewer } from '../auth/session';
import { notificationState, showNotification } from '../browser/notifications';
import { createVisibleTab, isAnyTabVisible } from '../browser/visible-tabs';
import { useFeed, type Feed } from '../feed/create-feed';
import { HIDDEN_FEED_MS } from '../feed/seats';
import { graphql } from '../generated';
import { fetchFresh } from '../graphql/client';
import { unseenOf } from '../rooms/room-in-view';
import { chatPath, titleOf, type Chat } from '../store/chat-fragments';
import { setTabCount } from '../ui/tab-mark';
import { markOf } from './answer-marks';
import { isAnswerTo, NewestMessages, notableMessage } from './notable-message';
import { chatWords } from './words';

/** By kind, so that many chats of one kind leave out none of the other. */
const ChatsAway = graphql(`
  query ChatsAway {
    rooms: chats(first: 50, kind: ROOM) {
      nodes {
        ...ChatFields
      }
    }
    privateChats: chats(first: 50, kind: PRIVATE) {
      nodes {
        ...ChatFields
      }
    }
  }
`);

/** Messages that come within this time are notified together. */
const PAUSE_MS = 1_000;
const ASK_EVERY_MS = 30_000;

/** How many unread messages of a room its person wants to be notified of. */
export function notableCount(chat: Chat): number {
  if (chat.kind !== 'ROOM' || chat.mutedAt || chat.notify === 'NONE') return 0;
  const { unreadCount, mentionCount } = unseenOf(chat);
  return chat.notify === 'ALL' ? unreadCount : mentionCount;
}

/** As long as its owner lives, for the signed-in person. */
export function createNotifications(): void {
  const feed = useFeed();
  const navigate = useNavigate();
  const viewer = useViewer();
  // After a sign-out meanwhile there is no viewer any more.
  const personId = untrack(() => viewer().person.id);
  const chats = createMemo(() => feed.state().chats);
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  createVisibleTab();
  onCleanup(() => timers.forEach(clearTimeout));

  const total = createMemo(() =>
    [...chats().values()].filter(isListed).reduce((sum, chat) => sum + notableCount(chat), 0),
  );
  createEffect(() => setTabCount(total()));
  onCleanup(() => setTabCount(0));

  const counts = createMemo(() => new Map([...chats()].map(([id, chat]) => [id, notableCount(chat)])));
  createEffect(
    on(counts, (now, before) => {
      // What is known for the first time, such as after a page was loaded, is not new.
      for (const [id, count] of now) if (count > (before?.get(id) ?? Infinity)) soon(id, () => tellMessage(id));
    }),
  );
  const marks = createMemo(
    () => new Map([...chats()].map(([id, chat]) => [id, chat.kind === 'PRIVATE' && markOf(chat)])),
  );
  createEffect(
    on(marks, (now, before) => {
      for (const [id, mark] of now)
        if (mark === 'ready' && before?.get(id) === 'running') soon(id, () => tellAnswer(id));
    }),
  );
  pollWithoutFeed(feed);

  function soon(id: string, tell: () => Promise<void>) {
    if (document.visibilityState === 'visible' || notificationState() !== 'granted') return;
    timers.set(
      id,
      timers.get(id) ??
        setTimeout(() => {
          timers.delete(id);
          void tell();
        }, PAUSE_MS),
    );
  }

  async function tellMessage(id: string) {
    const { data } = await fetchFresh(feed.client, NewestMessages, { id });
    const room = chats().get(id);
    // It may have been read or muted meanwhile, also in another tab.
    if (!data?.chat || !room || notableCount(room) === 0 || (await isAnyTabVisible())) return;
    const message = notableMessage(data.chat.messages.nodes, room, personId);
    if (!message) return;
    const author = message.author?.name ?? message.agent?.name ?? '';
    const title = [author, titleOf(room)].filter(Boolean).join(' · ');
    const body = isAnswerTo(message, personId) ? chatWords().answerReady : message.excerpt;
    showNotification({ title, body, tag: id, onClick: () => navigate(chatPath(id)) });
  }

  async function tellAnswer(id: string) {
    const chat = chats().get(id);
    if (!chat || (await isAnyTabVisible())) return;
    const body = chatWords().answerReady;
    showNotification({ title: titleOf(chat), body, tag: id, onClick: () => navigate(chatPath(id)) });
  }
}

/** The list shows no others that would explain the number. */
function isListed({ archivedAt, deletedAt }: Chat): boolean {
  return !archivedAt && !deletedAt;
}

/** A tab that is hidden for a while closes its feed: where notifications are on, it then polls. */
function pollWithoutFeed(feed: Feed): void {
  let hiddenAt = document.visibilityState === 'visible' ? Infinity : Date.now();
  const look = () => (hiddenAt = document.visibilityState === 'visible' ? Infinity : Date.now());
  document.addEventListener('visibilitychange', look);
  const timer = setInterval(() => {
    if (Date.now() - hiddenAt >= HIDDEN_FEED_MS && notificationState() === 'granted') void ask();
  }, ASK_EVERY_MS);
  onCleanup(() => {
    document.removeEventListener('visibilitychange', look);
    clearInterval(timer);
  });

  async function ask() {
    const { data } = await fetchFresh(feed.client, ChatsAway, {});
    if (data) feed.putChats([...data.rooms.nodes, ...data.privateChats.nodes]);
  }
}
