import { createQuery } from '@urql/solid';
import { createMemo, createSignal, getOwner, onCleanup, runWithOwner, type Accessor } from 'solid-js';
import { graphql } from '../generated';
import { THREAD_PAGE } from '../graphql/cache';
import { isActive } from '../runs/run';
import type { Message } from './fragments';

const ThreadPage = graphql(`
  query ThreadPage($chatId: ID!, $last: Int!, $before: String) {
    chat(id: $chatId) {
      id
      messages(last: $last, before: $before) {
        nodes {
          ...MessageFields
        }
        pageInfo {
          hasPreviousPage
          startCursor
        }
      }
    }
  }
`);

/** The visible thread of a chat, from its newest page backwards as far as the reader has come. */
export function createThread(chatId: string) {
  const owner = getOwner();
  const page = (before: Accessor<string | null>) =>
    createQuery({ query: ThreadPage, variables: () => ({ chatId, last: THREAD_PAGE, before: before() }) });

  const newest = page(() => null);
  const [pages, setPages] = createSignal([newest]);
  const oldest = () => pages().at(-1)?.[0];
  const startOf = (result: ReturnType<typeof page>[0] | undefined) => result?.data?.chat?.messages.pageInfo;

  const messages = createMemo(() => {
    const found = new Map<string, Message>();
    for (const [result] of pages().toReversed()) {
      for (const message of result.data?.chat?.messages.nodes ?? []) found.set(message.id, message);
    }
    return [...found.values()];
  });

  const activeRunIds = createMemo(() => messages().flatMap(({ run }) => (run && isActive(run) ? [run.id] : [])));

  const refresh = () => newest[1]({ requestPolicy: 'network-only' });
  const refreshWhenSeen = () => document.visibilityState === 'visible' && refresh();
  document.addEventListener('visibilitychange', refreshWhenSeen);
  onCleanup(() => document.removeEventListener('visibilitychange', refreshWhenSeen));

  return {
    messages,
    followedRunIds: createMemo(() => {
      // An answer that ended while it was being read comes as ended but empty: its run still tells its text.
      const last = messages().at(-1);
      const isTorn = last?.run && last.parts.length === 0 && !last.deletedAt;
      return [...new Set([...activeRunIds(), ...(isTorn && last.run ? [last.run.id] : [])])];
    }),
    activeRunIds,
    isLoading: () => newest[0].fetching && !newest[0].data,
    error: () => newest[0].error,
    hasOlder: () => startOf(oldest())?.hasPreviousPage ?? false,
    isLoadingOlder: () => pages().length > 1 && (oldest()?.fetching ?? false),
    loadOlder: () => {
      const after = oldest();
      if (!after || after.fetching || !startOf(after)?.hasPreviousPage) return;
      // Each page ends where the one after it begins now, so a thread that moved has no gap.
      const next = runWithOwner(owner, () => page(() => startOf(after)?.startCursor ?? null));
      if (next) setPages([...pages(), next]);
    },
    refresh,
  };
}
