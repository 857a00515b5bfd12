import { renderHook } from '@solidjs/testing-library';
import { createMemo, createSignal } from 'solid-js';
import { expect, test, vi } from 'vitest';

import { applyFeedEvent, applyPage, emptyState, type FeedState } from '../store/reduce';
import { FeedProvider, type Feed } from '../feed/create-feed';
import { isActive } from '../store/run';
import { chatAt, messageOf, runOf } from '../testing/rows';
import { createThread } from './create-thread';
import { openingAt } from './reading-place';

test('a branch that could not be loaded while the line was cut is loaded when it is there again', async () => {
  const chat = chatAt(2);
  const [state, setState] = createSignal(
    applyPage(emptyState, chatAt(1), [messageOf('a', null, 'old')], { isNewest: true }),
  );
  const [reconnected, setReconnected] = createSignal(0);
  const lost = { error: new Error('The line is cut.') };
  const page = { data: { chat: { ...chat, messages: { nodes: [messageOf('b', null, 'new')], pageInfo: {} } } } };
  const query = vi.fn().mockResolvedValueOnce(lost).mockResolvedValue(page);
  const feed = {
    state,
    reconnected,
    textLost: () => 0,
    watch: () => {},
    client: { executeQuery: () => ({ toPromise: query }) },
    putPage: (...page) => setState((before) => applyPage(before, ...page)),
  } as Partial<Omit<Feed, 'client'>> as Feed;
  const { result: thread, cleanup } = renderHook(() => createThread('chat'), {
    wrapper: (props) => <FeedProvider value={feed}>{props.children}</FeedProvider>,
  });

  const switched = { chat, revision: 2, headId: 'b', messages: [], runs: [] };
  setState((before) => applyFeedEvent(before, { __typename: 'ChatChange', ...switched }) as FeedState);
  await expect.poll(() => thread.error()).toBe(lost.error);
  expect(query).toHaveBeenCalledTimes(1);

  setReconnected(1);
  await expect.poll(() => thread.messages().map(({ content }) => content)).toEqual(['new']);
  expect([thread.error(), query.mock.calls.length]).toEqual([undefined, 2]);
  cleanup();
});

test('what could not be loaded can be asked for again, and what was said of it goes', async () => {
  const chat = chatAt(1);
  const [state, setState] = createSignal(applyPage(emptyState, chat, [messageOf('b', 'a', 'new')], { isNewest: true }));
  const asked: object[] = [];
  const page = { nodes: [messageOf('a', null, 'old'), messageOf('b', 'a', 'new')], pageInfo: {} };
  const answers = [{ error: new Error('The line is cut.') }, { data: { chat: { ...chat, messages: page } } }];
  const feed = {
    state,
    reconnected: () => 0,
    textLost: () => 0,
    watch: () => {},
    client: {
      executeQuery: ({ variables }: { variables: object }) => {
        asked.push(variables);
        return { toPromise: () => Promise.resolve(answers[asked.length - 1]) };
      },
    },
    putPage: (...page) => setState((before) => applyPage(before, ...page)),
  } as Partial<Omit<Feed, 'client'>> as Feed;
  const { result: thread, cleanup } = renderHook(() => createThread('chat'), {
    wrapper: (props) => <FeedProvider value={feed}>{props.children}</FeedProvider>,
  });
  await expect.poll(() => asked).toHaveLength(1);
  await expect.poll(() => thread.error()).toBeTruthy();
  thread.retry();
  await expect.poll(() => thread.messages().map(({ content }) => content)).toEqual(['old', 'new']);
  expect(asked[1]).toEqual(asked[0]);
  expect(thread.error()).toBeUndefined();
  cleanup();
});

test('messages that changed by the deletion of a person are fetched again, once', async () => {
  const author = { id: 'ann', name: 'Ann', handle: 'ann', avatarColor: '#123456', isAgent: false };
  const before = { ...messageOf('a', null, 'Remember me.'), author };
  const [state, setState] = createSignal(applyPage(emptyState, chatAt(1), [before], { isNewest: true }));
  const chat = chatAt(2, { resetRevision: 2 });
  const page = { nodes: [{ ...before, author: null }], pageInfo: {} };
  const query = vi.fn().mockResolvedValue({ data: { chat: { ...chat, messages: page } } });
  const feed = {
    state,
    reconnected: () => 0,
    textLost: () => 0,
    watch: () => {},
    client: { executeQuery: () => ({ toPromise: query }) },
    putPage: (...page) => setState((before) => applyPage(before, ...page)),
  } as Partial<Omit<Feed, 'client'>> as Feed;
  const { result: thread, cleanup } = renderHook(() => createThread('chat'), {
    wrapper: (props) => <FeedProvider value={feed}>{props.children}</FeedProvider>,
  });
  expect(thread.messages().map(({ author: by }) => by?.name)).toEqual(['Ann']);
  const told = { chat, revision: 2, headId: 'a', messages: [], runs: [] };
  setState((before) => applyFeedEvent(before, { __typename: 'ChatChange', ...told }) as FeedState);
  await expect.poll(() => thread.messages().map(({ author: by }) => by)).toEqual([null]);
  setState((before) => applyFeedEvent(before, { __typename: 'ChatChange', ...told }) as FeedState);
  expect(query).toHaveBeenCalledTimes(1);
  cleanup();
});

test('at no moment is an answer without its text, also not when its run ends', () => {
  const chat = chatAt(1);
  const running = messageOf('b', 'a', '', runOf('run', 'RUNNING'));
  const ended = { ...messageOf('b', 'a', 'All of it.', runOf('run', 'COMPLETED')), role: 'ASSISTANT' as const };
  const [state, setState] = createSignal(
    applyPage(emptyState, chat, [messageOf('a', null, 'Tell me.'), running], { isNewest: true }),
  );
  const hear = (event: Parameters<typeof applyFeedEvent>[1]) =>
    setState((before) => applyFeedEvent(before, event) as FeedState);
  const feed = { state, reconnected: () => 0, textLost: () => 0, watch: () => {} } as Partial<
    Omit<Feed, 'client'>
  > as Feed;
  const seen: string[] = [];
  const { cleanup } = renderHook(
    () => {
      const thread = createThread('chat');
      // As the page does it: what runs is read from the texts, what is over from the message.
      createMemo(() => {
        const answer = thread.messages().at(-1);
        const isRunning = !!answer?.run && isActive(answer.run);
        seen.push(
          isRunning
            ? (thread
                .textOf('run')
                ?.parts.map(({ text }) => text)
                .join('') ?? '')
            : (answer?.content ?? ''),
        );
      });
    },
    { wrapper: (props) => <FeedProvider value={feed}>{props.children}</FeedProvider> },
  );
  const delta = { from: 0, to: 10, part: 0, kind: 'TEXT' as const, text: 'All of it.' };
  hear({ __typename: 'RunDelta', runId: 'run', delta });
  const end = { chat: chatAt(2), revision: 2, headId: 'b', messages: [ended], runs: [runOf('run', 'COMPLETED')] };
  hear({ __typename: 'ChatChange', ...end });
  expect(seen[0]).toBe('');
  expect(new Set(seen.slice(1))).toEqual(new Set(['All of it.']));
  cleanup();
});

test('a message that is asked for is loaded with what is around it, then what is below, until that meets the end', async () => {
  const chat = chatAt(1);
  const rows = Array.from({ length: 9 }, (_, index) => ({
    ...messageOf(`m${index + 1}`, index === 0 ? null : `m${index}`, `m${index + 1}`),
    seq: index + 1,
  }));
  const pageOf = (from: number, to: number, hasNextPage: boolean) => ({
    data: {
      chat: {
        ...chat,
        activeRuns: [],
        messages: { nodes: rows.slice(from - 1, to), pageInfo: { endCursor: `after m${to}`, hasNextPage } },
      },
    },
  });
  const answerTo = ({ around, after }: { around?: string; after?: string }) => {
    if (around) return pageOf(2, 4, true);
    return after ? pageOf(5, 7, true) : pageOf(8, 9, false);
  };
  const [state, setState] = createSignal<FeedState>(emptyState);
  const asked: object[] = [];
  const feed = {
    state,
    reconnected: () => 0,
    textLost: () => 0,
    watch: () => {},
    client: {
      executeQuery: ({ variables }: { variables: object }) => {
        asked.push(variables);
        return { toPromise: () => Promise.resolve(answerTo(variables)) };
      },
    },
    putPage: (...page) => setState((before) => applyPage(before, ...page)),
  } as Partial<Omit<Feed, 'client'>> as Feed;
  const { result: thread, cleanup } = renderHook(() => createThread('chat', openingAt('m3')), {
    wrapper: (props) => <FeedProvider value={feed}>{props.children}</FeedProvider>,
  });
  const shown = () => thread.messages().map(({ seq }) => seq);

  await expect.poll(shown).toEqual([2, 3, 4]);
  expect([thread.hasMoreAbove(), thread.hasMoreBelow(), thread.target()?.messageId]).toEqual([true, true, 'm3']);
  thread.loadBelow();
  await expect.poll(shown).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  expect([thread.hasMoreBelow(), thread.place()]).toEqual([false, null]);
  const places = asked.filter((variables) => 'around' in variables || 'after' in variables);
  expect(places).toMatchObject([{ around: 'm3' }, { after: 'after m4' }]);
  cleanup();
});
