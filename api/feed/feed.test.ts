/** One connection with everything: changes, words, other chats, and that nothing was missed. */
import { print } from 'graphql';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import { noHintWire } from '../bus/hint-wire.ts';
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { useConfab, testServer } from '../testing/confab.ts';
import {
  ArchiveChat,
  ChatById,
  DeleteMessage,
  EditMessage,
  Feed,
  PinChat,
  RegenerateAnswer,
  UpdateChat,
} from '../testing/documents.ts';
import { says } from '../testing/model-server.ts';
import { Person, person, type FeedEvent } from '../testing/person.ts';
import { madeUpThings } from '../testing/samples.ts';
import { openTextCount } from '../texts/texts.ts';
import { bus } from '../bus/bus.ts';
import { pollDatabase, openFeedCount } from './open-feeds.ts';

useConfab();

let ann: Person;
let bob: Person;

beforeAll(async () => {
  ann = await person('ann');
  bob = await person('bob');
  testServer().model.otherwise(says('An answer.'));
});

type EventOf<Type extends FeedEvent['__typename']> = Extract<FeedEvent, { __typename: Type }>;

/** Reads on to the next event of that type for which `isIt` holds. */
async function next<Type extends FeedEvent['__typename']>(
  feed: AsyncGenerator<FeedEvent>,
  type: Type,
  isIt: (event: EventOf<Type>) => boolean = () => true,
): Promise<EventOf<Type>> {
  for (;;) {
    const { value, done } = await feed.next();
    if (done) throw new Error(`The feed ended before a ${type}.`);
    const event: FeedEvent = value;
    if (event.__typename === type && isIt(event as EventOf<Type>)) return event as EventOf<Type>;
  }
}

async function revisionOf(chatId: string): Promise<number> {
  const { chat } = await ann.ask(ChatById, { id: chatId });
  return chat?.revision ?? 0;
}

/** Open, and past its first tick: from then on nothing is missed. Begins with what was sent until then. */
async function opened(who: Person, ...chats: { id: string; after: number; runs?: { id: string; from: number }[] }[]) {
  const feed = who.feeds(chats);
  const missed: FeedEvent[] = [];
  for (;;) {
    const { value } = await feed.next();
    if (!value || value.__typename === 'Tick') return goesOn(missed, feed);
    missed.push(value);
  }
}

async function* goesOn(missed: FeedEvent[], feed: AsyncGenerator<FeedEvent>): AsyncGenerator<FeedEvent> {
  try {
    yield* missed;
    yield* feed;
  } finally {
    await feed.return(undefined);
  }
}

describe('a chat that is watched', () => {
  test('sends a question, the answer’s words and its end', async () => {
    const { id } = await ann.createsChat();
    const feed = await opened(ann, { id, after: 0 });
    const held = testServer().model.hold();
    const { message, answer, run } = await ann.sends('hello', id);
    const asked = await next(feed, 'ChatChange', ({ messages }) => messages.length > 0);
    expect(asked.messages.map((each) => each.id)).toEqual([message.id, answer.id]);
    expect(asked).toMatchObject({ headId: answer.id, chat: { title: 'hello' } });
    // A run that was claimed before the event was read comes with the next one.
    const hasRun = ({ runs }: EventOf<'ChatChange'>) => runs.length > 0;
    const queued = hasRun(asked) ? asked : await next(feed, 'ChatChange', hasRun);
    expect(queued).toMatchObject({ runs: [{ id: run.id }] });

    held.begin().write('One, ');
    expect(await next(feed, 'RunDelta')).toMatchObject({ runId: run.id, delta: { from: 0, to: 5, text: 'One, ' } });
    held.write('two.').end();
    expect(await next(feed, 'RunDelta')).toMatchObject({ delta: { from: 5, text: 'two.' } });
    const ended = await next(feed, 'ChatChange', ({ runs }) => runs[0]?.status === 'COMPLETED');
    expect(ended.messages).toMatchObject([{ id: answer.id, content: 'One, two.' }]);
    await feed.return(undefined);
  });

  test('sends all that changed since, and the words of an active run from the given offset', async () => {
    const first = await ann.asks('hello');
    const { id } = first.chat;
    const after = await revisionOf(id);
    const held = testServer().model.hold();
    const { run } = await ann.sends('more', id);
    await ann.ask(EditMessage, { input: { id: first.message.id, content: 'hello there' } });
    held.begin().write('One, two, ');
    for await (const event of ann.follows(run.id)) if (event.__typename === 'ContentDelta') break;

    const feed = await opened(ann, { id, after, runs: [{ id: run.id, from: 5 }] });
    const change = await next(feed, 'ChatChange');
    expect(change.messages.map(({ editedContent, content }) => editedContent ?? content)).toEqual([
      'hello there',
      'more',
      '',
    ]);
    expect(await next(feed, 'RunDelta')).toMatchObject({ delta: { from: 5, text: 'two, ' } });
    held.end();
    await next(feed, 'ChatChange', ({ runs }) => runs[0]?.status === 'COMPLETED');
    await feed.return(undefined);

    // A feed that has everything receives only ticks.
    const idle = ann.feeds([{ id, after: await revisionOf(id) }]);
    expect((await idle.next()).value).toMatchObject({ __typename: 'Tick' });
    await ann.ask(PinChat, { id });
    expect((await idle.next()).value).toMatchObject({ __typename: 'ChatChange', messages: [], runs: [] });
    await idle.return(undefined);
  });

  test('sends large changes in several events, each row once, and all of them before the first tick', async () => {
    const { chat, answer, message } = await ann.asks('hello');
    await db.message.createMany({
      data: Array.from({ length: 250 }, (_, index) => ({
        chatId: chat.id.slice(5),
        parentId: message.id.slice(8),
        role: 'USER' as const,
        seq: 1_000 + index,
        revision: index < 150 ? 1_000 : 1_000 + index,
      })),
    });
    await db.chat.update({ where: { id: chat.id.slice(5) }, data: { revision: 1_249 } });
    const feed = ann.feeds([{ id: chat.id, after: 0 }]);
    const told: string[] = [];
    let revision = 0;
    for await (const event of feed) {
      if (event.__typename === 'Tick') break;
      const change = event as EventOf<'ChatChange'>;
      expect(change.revision).toBeGreaterThan(revision);
      told.push(...change.messages.map(({ id }) => id));
      revision = change.revision;
    }
    expect(revision).toBe(1_249);
    expect(told).toHaveLength(252);
    expect(new Set(told).size).toBe(252);
    expect(told).toContain(answer.id);
  });

  test('never says that a run is over without what it wrote, though it ends while the change is read', async () => {
    const { id } = await ann.createsChat();
    const held = testServer().model.hold();
    const feed = await opened(ann, { id, after: 0 });
    const tell = db.run.findMany.bind(db.run);
    const reading = vi.spyOn(db.run, 'findMany').mockImplementation((async (query: Prisma.RunFindManyArgs) => {
      // The runner looks at the runs too.
      if (!query.where?.revision) return tell(query);
      held.begin().write('All of it.').end();
      await ann.waitsForAnswers(id);
      reading.mockRestore();
      return tell(query);
    }) as unknown as typeof tell);
    const { answer } = await ann.sends('hello', id);
    const contents = new Map<string, string>();
    const ended = await next(feed, 'ChatChange', ({ messages, runs }) => {
      for (const message of messages) contents.set(message.id, message.content);
      return runs.some(({ status }) => status === 'COMPLETED');
    });
    expect(ended.runs).toHaveLength(1);
    expect(contents.get(answer.id)).toBe('All of it.');
    await feed.return(undefined);
  });

  test('sends a new sibling of a message, and its siblings again', async () => {
    const { chat, answer } = await ann.asks('hello');
    const feed = await opened(ann, { id: chat.id, after: await revisionOf(chat.id) });
    const input = { messageId: answer.id, clientId: crypto.randomUUID() };
    await ann.ask(RegenerateAnswer, { input });
    const change = await next(feed, 'ChatChange', ({ messages }) => messages.length > 0);
    expect(change.messages.map(({ siblings }) => siblings.length)).toEqual([2, 2]);
    expect(change.messages[0]?.id).toBe(answer.id);
    await feed.return(undefined);
  });

  test('is gone for a person who cannot see it, and stays so', async () => {
    const { chat } = await ann.asks('a secret');
    const feed = await opened(bob, { id: chat.id, after: 0 });
    expect(await next(feed, 'ChatGone')).toMatchObject({ chatId: chat.id });
    await ann.asks('another secret', chat.id);
    const own = await bob.createsChat('his own');
    const following = await feed.next();
    expect(following.value).toMatchObject({ __typename: 'ChatListChange', chat: { id: own.id } });
    await feed.return(undefined);
  });
});

test('a person who may no longer see a chat receives no more of its words', async () => {
  const carl = await person('carl');
  const { id } = await carl.createsChat();
  const feed = await opened(carl, { id, after: 0 });
  const held = testServer().model.hold();
  await carl.sends('tell me', id);
  held.begin().write('What is known. ');
  await next(feed, 'RunDelta');

  await db.chatMember.deleteMany({ where: { chatId: id.slice(5) } });
  await pollDatabase();
  expect(await next(feed, 'ChatGone')).toMatchObject({ chatId: id });
  held.write('A secret.').end();
  await held.gone;
  const own = await carl.createsChat('his own');
  const following = await feed.next();
  expect(following.value).toMatchObject({ __typename: 'ChatListChange', chat: { id: own.id } });
  await feed.return(undefined);
});

test('a chat that goes while a change of it is read, and while the rows are polled, is reported as gone once', async () => {
  const carl = await person('carl');
  const { id } = await carl.createsChat();
  const feed = await opened(carl, { id, after: 0 });
  const tell = db.chat.findUnique.bind(db.chat);
  const reading = vi.spyOn(db.chat, 'findUnique').mockImplementation((async (query: Prisma.ChatFindUniqueArgs) => {
    if (!query.select?.runs) return tell(query);
    reading.mockRestore();
    const changes = await tell(query);
    await db.chatMember.deleteMany({ where: { chatId: id.slice(5) } });
    await pollDatabase();
    return changes;
  }) as unknown as typeof tell);
  onTestFinished(() => reading.mockRestore());
  await retitles(id, 'read as it goes');
  await pollDatabase();
  expect((await feed.next()).value).toMatchObject({ __typename: 'ChatGone', chatId: id });
  const own = await carl.createsChat('his own');
  expect((await feed.next()).value).toMatchObject({ __typename: 'ChatListChange', chat: { id: own.id } });
  await feed.return(undefined);
});

test('an offset inside a pair of surrogates begins before the pair', async () => {
  const { id } = await ann.createsChat();
  const held = testServer().model.hold();
  const { run } = await ann.sends('smile', id);
  held.begin().write('🙂🙃');
  for await (const event of ann.follows(run.id)) if (event.__typename === 'ContentDelta') break;
  const feed = await opened(ann, { id, after: await revisionOf(id), runs: [{ id: run.id, from: 3 }] });
  expect(await next(feed, 'RunDelta')).toMatchObject({ delta: { from: 2, text: '🙃' } });
  held.end();
  await feed.return(undefined);
  await ann.waitsForAnswers(id);
});

describe('the other chats', () => {
  test('are sent as they change: new, renamed, archived, with a message', async () => {
    const feed = await opened(ann);
    const { id } = await ann.createsChat('first name');
    expect(await next(feed, 'ChatListChange')).toMatchObject({ chat: { id, title: 'first name' } });
    await ann.ask(UpdateChat, { input: { id, title: 'second name' } });
    expect(await next(feed, 'ChatListChange')).toMatchObject({ chat: { title: 'second name' } });
    await ann.ask(ArchiveChat, { id });
    expect(await next(feed, 'ChatListChange')).toMatchObject({ chat: { id } });
    await feed.return(undefined);
  });
});

/** A change without a hint. */
async function retitles(chatId: string, title: string): Promise<void> {
  await db.$executeRaw`UPDATE chat SET revision = revision + 1, title = ${title}, updated_at = now()
    WHERE id = ${chatId.slice(5)}::uuid`;
}

describe('a hint that was lost', () => {
  test('is made up for by the next look at the rows, for watched chats and for others', async () => {
    const watched = await ann.asks('watched');
    const other = await ann.asks('other');
    const feed = await opened(ann, { id: watched.chat.id, after: await revisionOf(watched.chat.id) });
    for (const { chat } of [watched, other]) await retitles(chat.id, 'behind our back');
    await pollDatabase();
    expect(await next(feed, 'ChatChange')).toMatchObject({ chat: { title: 'behind our back' } });
    expect(await next(feed, 'ChatListChange', ({ chat }) => chat.id === other.chat.id)).toMatchObject({
      chat: { title: 'behind our back' },
    });
    await feed.return(undefined);
  });
});

describe('every 15 s a feed', () => {
  const TICK_MS = 15_000;

  async function takeTimeInHand(): Promise<void> {
    // All feeds of a node share one interval, which the last of them takes away.
    await expect.poll(openFeedCount).toBe(0);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    onTestFinished(() => void vi.useRealTimers());
  }

  test('ticks, and sends before it what no hint reported', async () => {
    await takeTimeInHand();
    // Of a person without other chats, which would be sent too.
    const dan = await person('dan');
    const { id } = await dan.createsChat('before');
    const feed = dan.feeds([{ id, after: 0 }]);
    await next(feed, 'Tick');
    vi.advanceTimersByTime(TICK_MS);
    expect((await feed.next()).value).toMatchObject({ __typename: 'Tick' });

    await retitles(id, 'behind our back');
    vi.advanceTimersByTime(TICK_MS);
    expect((await feed.next()).value).toMatchObject({ __typename: 'ChatChange', chat: { title: 'behind our back' } });
    expect((await feed.next()).value).toMatchObject({ __typename: 'Tick' });
    await feed.return(undefined);
  });

  test('asks whether it may go on, and ends with a session whose time is over', async () => {
    await takeTimeInHand();
    const eve = await person('eve');
    const feed = await opened(eve);
    vi.advanceTimersByTime(TICK_MS);
    expect((await feed.next()).value).toMatchObject({ __typename: 'Tick' });

    await db.session.updateMany({ where: { user: { email: eve.email } }, data: { expiresAt: new Date() } });
    vi.advanceTimersByTime(TICK_MS);
    // A tick may come before it: the rows of sessions and of chats are read beside each other.
    await expect(Array.fromAsync(feed)).rejects.toThrow('UNAUTHENTICATED');
  });
});

describe('a feed', () => {
  test('sends nothing before it receives other nodes’ hints', async () => {
    const { id } = await ann.createsChat();
    const { promise: hearing, resolve: hear } = Promise.withResolvers<void>();
    const ready = vi.fn(() => hearing);
    bus.use({ ...noHintWire, ready });
    onTestFinished(() => bus.use(noHintWire));
    const feed = ann.feeds([{ id, after: 0 }]);
    const first = feed.next();
    await expect.poll(() => ready).toHaveBeenCalled();
    // No hint comes of this: only a later read finds it.
    await retitles(id, 'said elsewhere');
    const revision = await revisionOf(id);
    hear();
    expect((await first).value).toMatchObject({ __typename: 'ChatChange', revision });
    await feed.return(undefined);
  });

  test('whose event cannot be sent is cut, so that the next connection sends it', async () => {
    const { id } = await ann.createsChat('before');
    const after = await revisionOf(id);
    const tell = db.message.findMany.bind(db.message);
    // The rows were found, and cannot be read.
    const reading = vi.spyOn(db.message, 'findMany').mockImplementation(((query: Prisma.MessageFindManyArgs) => {
      if (query.orderBy && 'seq' in query.orderBy) throw new Error('The database went away.');
      return tell(query);
    }) as unknown as typeof tell);
    const query = { query: print(Feed), variables: { chats: [{ id, after }] } };
    const stream = await ann.post('/graphql', query, { accept: 'text/event-stream' });
    await ann.ask(UpdateChat, { input: { id, title: 'after' } });
    await expect(stream.text()).rejects.toThrow('terminated');
    reading.mockRestore();

    const again = await opened(ann, { id, after });
    expect(await next(again, 'ChatChange')).toMatchObject({ chat: { title: 'after' } });
    await again.return(undefined);
  });

  test('ends at once when its session does, and reads nothing more', async () => {
    const eve = await person('eve');
    const { id } = await eve.createsChat();
    const feed = await opened(eve, { id, after: 0 });
    await eve.post('/api/auth/sign-out', {});
    // A look at the rows would find it too, but only after a Tick: hence the timeout.
    await expect(feed.next()).rejects.toThrow('UNAUTHENTICATED');
  }, 12_000);

  test('leaves nothing behind, a hundred times', async () => {
    const { id } = await ann.createsChat();
    const held = testServer().model.hold();
    await ann.sends('go on', id);
    held.begin().write('Going ');
    const openAndLeave = async () => {
      const feed = ann.feeds([{ id, after: 0 }]);
      await next(feed, 'RunDelta');
      await feed.return(undefined);
    };
    // One person may have 20 open at once, also those that the server has still to close.
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 10 }, openAndLeave));
      await expect.poll(openFeedCount).toBe(0);
    }
    held.end();
    await ann.waitsForAnswers(id);
    await expect.poll(() => [openFeedCount(), openTextCount()]).toEqual([0, 0]);
  });

  test('is refused without a session, and where it watches too much', async () => {
    const everything = Array.from({ length: 21 }, () => ({ id: 'Chat_1', after: 0 }));
    expect(await ann.askFor(Feed, { chats: everything })).toMatchObject({
      errors: [
        {
          message: 'chats: A feed watches at most 20 chats and 20 runs in each.',
          extensions: { code: 'INVALID_INPUT' },
        },
      ],
    });
    const nobody = await person('nobody');
    await nobody.post('/api/auth/sign-out', {});
    expect(await nobody.askFor(Feed, {})).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });
});

test('any id that is no chat of the viewer’s is reported as gone, by that very id', async () => {
  const foreign = (await bob.createsChat()).id;
  const asked = [foreign, 'Chat_x', 'nothing', '', `Message_${foreign.slice(5)}`, madeUpThings.chat];
  const gone: string[] = [];
  for await (const event of ann.feeds(asked.map((id) => ({ id, after: 0 })))) {
    if (event.__typename === 'Tick') break;
    if (event.__typename === 'ChatGone') gone.push(event.chatId);
  }
  expect(gone.toSorted()).toEqual(asked.toSorted());
});

test('of one feed too many, over all sessions of a person, the oldest is closed with a reason', async () => {
  const { FEEDS_PER_USER } = env;
  Object.assign(env, { FEEDS_PER_USER: 2 });
  onTestFinished(() => void Object.assign(env, { FEEDS_PER_USER }));
  const eve = await person('eve');
  const elsewhere = new Person('eve', eve.email, eve.password);
  await elsewhere.post('/api/auth/sign-in/email', { email: eve.email, password: eve.password });

  const [first, second] = [await opened(eve), await opened(elsewhere)];
  const others = await opened(bob);
  const third = await opened(elsewhere);
  await expect(first.next()).rejects.toThrow('TOO_MANY_STREAMS');
  // The others still receive.
  const { id } = await eve.createsChat();
  for (const feed of [second, third]) expect(await next(feed, 'ChatListChange')).toMatchObject({ chat: { id } });
  expect(openFeedCount()).toBeGreaterThanOrEqual(3);
  for (const feed of [second, third, others]) await feed.return(undefined);
});

test('a deleted message is sent without words', async () => {
  const { chat, message } = await ann.asks('to be forgotten');
  const feed = await opened(ann, { id: chat.id, after: await revisionOf(chat.id) });
  await ann.ask(DeleteMessage, { id: message.id });
  const change = await next(feed, 'ChatChange');
  expect(change.messages).toMatchObject([{ id: message.id, content: '', deletedAt: expect.any(String) as string }]);
  await feed.return(undefined);
});
