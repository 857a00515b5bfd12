import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Agent } from '../agents/agents';
import type { Chat } from './chat-fragments';
import type { Message } from './message-fragments';
import type { Run } from './run';
import { chatAt, messageOf, runOf } from '../testing/rows';
import {
  applyMutation,
  applyFeedEvent,
  applyPage,
  applyChats,
  cursorOf,
  forgetMissing,
  isOld,
  lacksEnd,
  emptyState,
  visibleThread,
  withoutWriters,
  type FeedEvent,
  type FeedState,
} from './reduce';

function change(
  revision: number,
  headId: string | null,
  messages: Message[],
  { runs = [], ...chat }: { runs?: Run[] } & Partial<Chat> = {},
): FeedEvent {
  return { __typename: 'ChatChange', chat: chatAt(revision, chat), revision, headId, messages, runs };
}

function hear(state: FeedState, ...events: FeedEvent[]): FeedState {
  return events.reduce((known, event) => {
    const next = applyFeedEvent(known, event);
    if (next === 'gap') throw new Error('A gap.');
    return next;
  }, state);
}

const shown = (state: FeedState) => {
  const thread = state.threads.get('chat');
  return thread ? visibleThread(thread).map(({ content }) => content) : [];
};

const begun = applyPage(emptyState, chatAt(1), [messageOf('a', null, 'a')], { isNewest: true });

test('what a mutation says of a revision that is known already puts nothing back', () => {
  const answer = (status: Run['status']) => messageOf('b', 'a', status, runOf('run', status));
  const told = hear(begun, change(3, 'c', [answer('COMPLETED'), messageOf('c', 'b', 'c')]));
  const late = applyMutation(told, chatAt(3), [answer('RUNNING')], 'b');
  expect(shown(late)).toEqual(['a', 'COMPLETED', 'c']);
  // What it is first to say counts, until the feed says it.
  expect(shown(applyMutation(begun, chatAt(2), [answer('RUNNING')], 'b'))).toEqual(['a', 'RUNNING']);
});

test('what is older than a reset is fetched again, and an answer to an older request is ignored', () => {
  const known = hear(begun, change(2, 'b', [messageOf('b', 'a', 'b')]));
  const reset = { resetRevision: 3 };
  const told = hear(known, change(3, 'b', [], reset));
  expect([isOld(known, 'chat'), isOld(told, 'chat')]).toEqual([false, true]);
  // Shown until the page is there.
  expect(shown(told)).toEqual(['a', 'b']);
  const above = applyPage(told, chatAt(2), [messageOf('a', null, 'a')], { isNewest: false });
  expect(isOld(above, 'chat')).toBe(true);
  const fetched = applyPage(above, chatAt(3, reset), [messageOf('b', null, 'b without an author')], { isNewest: true });
  expect([shown(fetched), isOld(fetched, 'chat')]).toEqual([['b without an author'], false]);
  expect([...(fetched.threads.get('chat')?.messages.keys() ?? [])]).toEqual(['b']);
  const late = applyPage(fetched, chatAt(2), [messageOf('a', null, 'a')], { isNewest: false });
  expect(late.threads).toEqual(fetched.threads);
  const later = hear(fetched, change(4, 'c', [messageOf('c', 'b', 'c')], reset));
  expect([shown(later), isOld(later, 'chat')]).toEqual([['b without an author', 'c'], false]);
});

test('what runs on a branch that was not loaded is known from the page', () => {
  const page = applyPage(emptyState, chatAt(1), [messageOf('a', null, 'a')], {
    isNewest: true,
    activeRuns: [runOf('elsewhere', 'RUNNING')],
  });
  expect(cursorOf(page, 'chat')).toEqual({ id: 'chat', after: 1, runs: [{ id: 'elsewhere', from: 0 }] });
});

/** A chat's life as events: message by message, in a tree, each edited now and then. */
const life = fc
  .array(fc.record({ isNew: fc.boolean(), at: fc.nat(), headAt: fc.nat() }), { minLength: 1, maxLength: 20 })
  .map((steps) => {
    const rows = [messageOf('a', null, 'a')];
    return steps.map(({ isNew, at, headAt }, index) => {
      const place = at % rows.length;
      const old = rows[place] as Message;
      const revision = index + 2;
      const row = isNew
        ? messageOf(`m${revision}`, old.id, `m${revision}`)
        : { ...old, editedContent: `edited at ${revision}`, content: `${old.id} at ${revision}` };
      if (isNew) rows.push(row);
      else rows[place] = row;
      return change(revision, rows[headAt % rows.length]?.id ?? null, [row]);
    });
  });

test('events in any order and number lead to the same state', () => {
  fc.assert(
    fc.property(
      life.chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc.array(fc.constantFrom(...events), { maxLength: 20 }),
          fc.infiniteStream(fc.nat({ max: 1_000_000 })),
        ),
      ),
      ([events, repeats, keys]) => {
        const told = [...events, ...repeats]
          .map((event) => ({ event, key: keys.next().value as number }))
          .toSorted((one, other) => one.key - other.key)
          .map(({ event }) => event);
        const straight = hear(begun, ...events);
        const mixed = hear(begun, ...told);
        expect(shown(mixed)).toEqual(shown(straight));
        expect(mixed.chats).toEqual(straight.chats);
        expect(cursorOf(mixed, 'chat')).toEqual(cursorOf(straight, 'chat'));
      },
    ),
  );
});

test('many changes in one event are the same as one event for each', () => {
  fc.assert(
    fc.property(life, (events) => {
      const straight = hear(begun, ...events);
      const last = events.at(-1);
      if (last?.__typename !== 'ChatChange') throw new Error('Not a change.');
      const rows = new Map(
        events
          .flatMap((event) => (event.__typename === 'ChatChange' ? event.messages : []))
          .map((row) => [row.id, row]),
      );
      expect(shown(hear(begun, { ...last, messages: [...rows.values()] }))).toEqual(shown(straight));
    }),
  );
});

test('a page or a mutation that is late puts nothing back', () => {
  const now = hear(begun, change(5, 'a', [messageOf('a', null, 'edited')]));
  expect(shown(applyPage(now, chatAt(1), [messageOf('a', null, 'a')], { isNewest: true }))).toEqual(['edited']);
  expect(shown(applyMutation(now, chatAt(4), [messageOf('a', null, 'a')], 'nowhere'))).toEqual(['edited']);
  expect(applyChats(now, [chatAt(4)]).chats.get('chat')?.revision).toBe(5);
});

test('a mutation’s answer is shown at once, and the feed still sends what else changed', () => {
  const done = applyMutation(begun, chatAt(9), [messageOf('b', 'a', 'b')], 'b');
  expect(shown(done)).toEqual(['a', 'b']);
  expect(cursorOf(done, 'chat')).toMatchObject({ after: 1 });
  // What was on its way before is older, but not of the other message.
  const later = hear(done, change(3, 'a', [messageOf('a', null, 'edited')]));
  expect(shown(later)).toEqual(['edited', 'b']);
});

test('the thread ends at the newest head that is known', () => {
  const piece = hear(begun, change(3, 'far', [messageOf('b', 'a', 'b')]));
  expect(shown(piece)).toEqual(['a']);
  expect(shown(hear(piece, change(4, 'far', [messageOf('far', 'b', 'far')])))).toEqual(['a', 'b', 'far']);
});

const PAGE = 3;

/** What the server's newest page holds after these events. */
function newestPage(...events: FeedEvent[]): [Chat, Message[]] {
  const whole = hear(begun, ...events);
  const thread = whole.threads.get('chat');
  const chat = whole.chats.get('chat');
  if (!thread || !chat) throw new Error('No chat.');
  return [chat, visibleThread(thread).slice(-PAGE)];
}

test('who has loaded a part of the tree and loads the end where it is missing sees what all see', () => {
  fc.assert(
    fc.property(
      life.chain((events) => fc.tuple(fc.constant(events), fc.nat(events.length))),
      ([events, at]) => {
        let part = applyPage(emptyState, ...newestPage(...events.slice(0, at)), { isNewest: true });
        for (let next = at; next < events.length; next += 1) {
          const told = events[next];
          if (told) part = hear(part, told);
          const thread = part.threads.get('chat');
          const page = newestPage(...events.slice(0, next + 1));
          if (thread && lacksEnd(thread, PAGE)) part = applyPage(part, ...page, { isNewest: true });
          expect(shown(part).slice(-PAGE)).toEqual(page[1].map(({ content }) => content));
        }
      },
    ),
  );
});

test('a branch that was never loaded is missed, and what lies above a page is not', () => {
  const knows = (...messages: Message[]) => {
    const thread = applyPage(emptyState, chatAt(1), messages, { isNewest: true }).threads.get('chat');
    if (!thread) throw new Error('No thread.');
    return thread;
  };
  const page = [messageOf('b', 'a', 'b'), messageOf('c', 'b', 'c'), messageOf('d', 'c', 'd')];
  expect(lacksEnd(knows(), PAGE)).toBe(false);
  expect(lacksEnd(knows(messageOf('a', null, 'a')), PAGE)).toBe(false);
  expect(lacksEnd(knows(...page), PAGE)).toBe(false);
  expect(lacksEnd(knows(...page.slice(1)), PAGE)).toBe(true);
  const switched = hear(begun, change(2, 'unknown', [])).threads.get('chat');
  expect(switched && lacksEnd(switched, PAGE)).toBe(true);
});

test('the words of a run grow, a gap is reported, and its end takes them into the message', () => {
  const run = runOf('run', 'RUNNING');
  const answering = hear(begun, change(2, 'b', [messageOf('b', 'a', '', run)], { runs: [run] }));
  const delta = (from: number, text: string): FeedEvent => ({
    __typename: 'RunDelta',
    runId: 'run',
    delta: { from, to: from + text.length, part: 0, kind: 'TEXT', text },
  });
  expect(applyFeedEvent(answering, delta(1, 'x'))).toBe('gap');
  const grown = hear(answering, delta(0, 'One '), delta(2, 'e two'));
  expect(grown.texts.get('run')?.parts).toEqual([{ kind: 'TEXT', text: 'One two' }]);
  expect(cursorOf(grown, 'chat')?.runs).toEqual([{ id: 'run', from: 7 }]);

  const over = runOf('run', 'COMPLETED');
  const ended = hear(
    grown,
    change(3, 'b', [messageOf('b', 'a', 'One two', over)], { runs: [over] }),
    delta(7, ' more'),
  );
  expect(ended.texts.size).toBe(0);
  expect(cursorOf(ended, 'chat')?.runs).toEqual([]);
});

test('a run that changed alone changes in its message', () => {
  const run = runOf('run', 'QUEUED');
  const asked = hear(begun, change(2, 'b', [messageOf('b', 'a', '', run)], { runs: [run] }));
  const started = hear(asked, change(3, 'b', [], { runs: [runOf('run', 'RUNNING')] }));
  const thread = started.threads.get('chat');
  expect(thread && visibleThread(thread).at(-1)?.run?.status).toBe('RUNNING');
});

test('a chat that a list holds no longer is removed, unless the feed sent it meanwhile', () => {
  const before = applyChats(emptyState, [chatAt(1)]);
  const expected = [...before.chats.values()];
  expect(forgetMissing(before, expected, []).chats.size).toBe(0);
  expect(forgetMissing(applyChats(before, [chatAt(2)]), expected, []).chats.size).toBe(1);
  expect(forgetMissing(before, expected, [chatAt(1)]).chats.size).toBe(1);
});

test('a chat that is gone is gone with all that was known of it', () => {
  const gone = hear(begun, { __typename: 'ChatGone', chatId: 'chat' });
  expect(gone.chats.size + gone.threads.size).toBe(0);
  expect(gone.gone.has('chat')).toBe(true);
  // A person who is added again sees it again; what an earlier request brings late is not enough.
  expect(hear(gone, { __typename: 'ChatListChange', chat: chatAt(9) }).gone.has('chat')).toBe(false);
  expect(applyChats(gone, [chatAt(9)]).gone.has('chat')).toBe(true);
});

describe('what the feed sends of agents', () => {
  const agent = (id: string, name: string, more: Partial<Agent> = {}): Agent => ({
    id,
    handle: id,
    name,
    description: '',
    provider: 'ANTHROPIC',
    effectiveModel: 'model',
    isDefault: false,
    isAvailable: true,
    archivedAt: null,
    ...more,
  });
  const told = (...agents: Agent[]): FeedEvent => ({ __typename: 'AgentsChange', version: 'new', agents });
  const answer = { ...messageOf('b', 'a', 'b'), agent: { id: 'poet', name: 'Poet' } };
  const chat = chatAt(2, { agent: agent('poet', 'Poet'), chosenAgent: { id: 'poet' } });
  const known = applyPage(emptyState, chat, [messageOf('a', null, 'a'), answer], { isNewest: true });
  const names = (state: FeedState) => {
    const thread = state.threads.get('chat');
    return [state.chats.get('chat')?.agent?.name, thread && visibleThread(thread).at(-1)?.agent?.name];
  };

  test('is seen wherever one of them is shown', () => {
    expect(names(hear(known, told(agent('poet', 'Bard'), agent('echo', 'Echo', { isDefault: true }))))).toEqual([
      'Bard',
      'Bard',
    ]);
  });

  test('decides who answers: the chosen agent while it is available, else the default one, else none', () => {
    const echo = agent('echo', 'Echo', { isDefault: true });
    expect(names(hear(known, told(agent('poet', 'Bard', { isAvailable: false }), echo)))).toEqual(['Echo', 'Bard']);
    // To others than administrators an archived one is not there; it keeps the name by which it answered.
    expect(names(hear(known, told(echo)))).toEqual(['Echo', 'Poet']);
    expect(names(hear(known, told(agent('poet', 'Bard', { isAvailable: false }))))).toEqual([undefined, 'Bard']);
  });

  test('outweighs what was asked before and is answered after it', () => {
    const state = hear(known, told(agent('poet', 'Bard')));
    expect(names(applyPage(state, chat, [answer], { isNewest: true }))).toEqual(['Bard', 'Bard']);
    expect(names(applyMutation(state, { ...chat, revision: 3 }, [answer], 'b'))).toEqual(['Bard', 'Bard']);
    expect(names(hear(state, { ...change(3, 'b', [answer]), chat: { ...chat, revision: 3 } } as FeedEvent))).toEqual([
      'Bard',
      'Bard',
    ]);
  });
});

describe('people', () => {
  const tells = (people: [string, 'ONLINE' | 'AWAY' | 'OFFLINE'][]): FeedEvent => ({
    __typename: 'PresenceChange',
    people: people.map(([personId, presence]) => ({ personId, presence })),
  });
  const writes = (chatId: string, ...names: string[]): FeedEvent => ({
    __typename: 'TypingChange',
    chatId,
    people: names.map((name) => ({ id: name, name })),
  });

  test('are as the newest event has them', () => {
    const state = hear(
      begun,
      tells([
        ['a', 'ONLINE'],
        ['b', 'AWAY'],
      ]),
      tells([['a', 'OFFLINE']]),
    );
    expect([...state.presence]).toEqual([
      ['a', 'OFFLINE'],
      ['b', 'AWAY'],
    ]);
  });

  test('who write are those whom the last event of the room names, until another connection sends it again', () => {
    const state = hear(begun, writes('one', 'Ann', 'Ben'), writes('other', 'Cid'), writes('one', 'Ben'));
    expect(state.writers.get('one')?.map(({ name }) => name)).toEqual(['Ben']);
    expect(state.writers.get('other')?.map(({ name }) => name)).toEqual(['Cid']);
    expect(withoutWriters(state).writers.size).toBe(0);
    expect(withoutWriters(state).presence).toBe(state.presence);
  });
});
