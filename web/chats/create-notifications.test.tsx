import { renderHook } from '@solidjs/testing-library';
import { createSignal } from 'solid-js';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { FeedProvider, type Feed } from '../feed/create-feed';
import { applyChats, emptyState } from '../store/reduce';
import type { Chat } from '../store/chat-fragments';
import { chatAt } from '../testing/rows';
import { createAnswerMarks } from './answer-marks';
import { createNotifications } from './create-notifications';

const shown = vi.hoisted(() => vi.fn());
vi.mock('../browser/notifications', () => ({ notificationState: () => 'granted', showNotification: shown }));
vi.mock('../auth/session', () => ({ useViewer: () => () => ({ id: 'user', person: { id: 'me' } }) }));
vi.mock('@solidjs/router', () => ({ useNavigate: () => () => {}, useLocation: () => ({ pathname: '/chat/other' }) }));

let visibility: DocumentVisibilityState;

beforeEach(() => {
  vi.useFakeTimers();
  shown.mockClear();
  visibility = 'visible';
  const spy = vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visibility);
  onTestFinished(() => {
    spy.mockRestore();
    vi.useRealTimers();
  });
});

function look(now: DocumentVisibilityState) {
  visibility = now;
  document.dispatchEvent(new Event('visibilitychange'));
}

/** A tab that knows some chats; its feed tells nothing, and the server has what `server` holds. */
function openTab(...chats: Chat[]) {
  const [known, setKnown] = createSignal(applyChats(emptyState, chats));
  const server = new Map(chats.map((chat) => [chat.id, chat]));
  const asked: string[] = [];
  const nodesOf = (kind: Chat['kind']) => ({ nodes: [...server.values()].filter((chat) => chat.kind === kind) });
  const answer = (name: string | undefined) =>
    name === 'ChatsAway' ? { data: { rooms: nodesOf('ROOM'), privateChats: nodesOf('PRIVATE') } } : {};
  const feed = {
    state: known,
    reconnected: () => 0,
    client: {
      executeQuery: ({ query }: { query: { definitions: { name?: { value: string } }[] } }) => {
        const name = query.definitions[0]?.name?.value;
        asked.push(name ?? '');
        return { toPromise: () => Promise.resolve(answer(name)) };
      },
    },
    putChats: (those) => setKnown((state) => applyChats(state, those)),
  } as Partial<Omit<Feed, 'client'>> as Feed;
  const { cleanup } = renderHook(
    () => {
      createAnswerMarks('user');
      createNotifications();
    },
    { wrapper: (props) => <FeedProvider value={feed}>{props.children}</FeedProvider> },
  );
  onTestFinished(cleanup);
  return { server, asked, learn: (chat: Chat) => setKnown((state) => applyChats(state, [chat])) };
}

test('the end of an answer in a private chat is told while the page has no feed, wherever it was asked for', async () => {
  const tab = openTab(chatAt(1, { title: 'Asked from my phone' }));
  look('hidden');
  tab.server.set('chat', chatAt(2, { title: 'Asked from my phone', isAnswering: true }));
  await vi.advanceTimersByTimeAsync(90_000);
  expect(tab.asked).toContain('ChatsAway');
  expect(shown).not.toHaveBeenCalled();
  tab.server.set('chat', chatAt(3, { title: 'Asked from my phone' }));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(shown.mock.calls.map(([{ title, body }]) => [title, body])).toEqual([
    ['Asked from my phone', 'The answer you asked for is ready.'],
  ]);
});

test('nothing is asked for while the page is looked at or has its feed yet', async () => {
  const tab = openTab(chatAt(1));
  await vi.advanceTimersByTimeAsync(300_000);
  look('hidden');
  await vi.advanceTimersByTimeAsync(55_000);
  look('visible');
  await vi.advanceTimersByTimeAsync(300_000);
  expect(tab.asked).toEqual([]);
});

test('an answer that somebody waits for at the page is not told', async () => {
  const tab = openTab(chatAt(1));
  tab.learn(chatAt(2, { isAnswering: true }));
  tab.learn(chatAt(3));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(shown).not.toHaveBeenCalled();
  look('hidden');
  tab.learn(chatAt(4, { isAnswering: true }));
  tab.learn(chatAt(5));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(shown).toHaveBeenCalledOnce();
});
