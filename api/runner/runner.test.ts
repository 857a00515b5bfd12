import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import fc from 'fast-check';
import { print } from 'graphql';
import { expect, onTestFinished, test, vi } from 'vitest';

import { db } from '../database/db.ts';
import { bus } from '../bus/bus.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { rowId } from '../ids.ts';
import { log } from '../log.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { DeleteChat, RunById, RunEvents, Thread } from '../testing/documents.ts';
import { says, thinks } from '../testing/model-server.ts';
import { type Person, person, readUntil, wordsOf } from '../testing/person.ts';
import { partsOfCheckpoints } from '../texts/checkpoint.ts';
import { runReaderCount } from '../run-events/read.ts';
import { openTextCount } from '../texts/texts.ts';

useConfab();

function stop(who: Person, id: string) {
  return who.stops(id);
}

test('a run has its duration, its tokens and what the model was sent', async () => {
  const ann = await person('ann');
  testServer().model.next(thinks('Hm. ', 'Well', ' then.'));

  const { run, message, events } = await ann.asks('What now?');

  const { node } = await ann.ask(RunById, { id: run.id });
  expect(node).toMatchObject({
    status: 'COMPLETED',
    stopReason: 'END_TURN',
    provider: 'ANTHROPIC',
    model: 'claude-test',
    failure: null,
    contexts: [{ type: 'PRIMARY', version: 0 }],
    history: [{ id: message.id, content: 'What now?' }],
    omittedMessageCount: 0,
    message: {
      content: 'Well then.',
      parts: [
        { kind: 'THINKING', text: 'Hm. ' },
        { kind: 'TEXT', text: 'Well then.' },
      ],
    },
  });
  if (node?.__typename !== 'Run') throw new Error('No run.');
  expect(node.usage?.outputTokens).toBeGreaterThan(0);
  const times = [node.createdAt, node.startedAt, node.firstTokenAt, node.endedAt].map((time) => Date.parse(time ?? ''));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(wordsOf(events)).toBe('Hm. Well then.');
});

test('when the first words came, and what the model has read, is sent while the run goes on', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Tell me.');
  await held.arrived;
  const revision = async () => (await db.run.findUniqueOrThrow({ where: { id: rowId('Run', run.id) } })).revision;
  const isAnswering = async () => (await ann.ask(AnsweringChats, {})).chats.nodes[0]?.isAnswering;
  const begun = await revision();
  expect(await stateOf(ann, run.id)).toMatchObject({ firstTokenAt: null, usage: null });
  expect(await isAnswering()).toBe(true);

  held.begin().write('One ');
  await expect.poll(() => stateOf(ann, run.id)).toMatchObject({ status: 'RUNNING', firstTokenAt: expect.any(String) });
  const during = await stateOf(ann, run.id);
  expect(during.usage?.inputTokens).toBeGreaterThan(0);
  // A later revision is what every feed receives.
  expect(await revision()).toBeGreaterThan(begun);

  held.write('two.').end();
  await expect.poll(isAnswering).toBe(false);
  expect(await stateOf(ann, run.id)).toMatchObject({ status: 'COMPLETED', firstTokenAt: during.firstTokenAt });
});

const AnsweringChats = graphql(`
  query AnsweringChats {
    chats(first: 1) {
      nodes {
        isAnswering
      }
    }
  }
`);

async function stateOf(who: Person, id: string) {
  const { node } = await who.ask(RunById, { id });
  if (node?.__typename !== 'Run') throw new Error('No run.');
  return node;
}

test('the words come before the answer is whole, to everyone who reads, and the same ever after', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Tell me.');
  const readers = [ann.follows(run.id), ann.follows(run.id)];

  held.begin().write('One ');
  for (const reader of readers) await readUntil(reader, 'One ');
  const { node } = await ann.ask(RunById, { id: run.id });
  expect(node).toMatchObject({ status: 'RUNNING', message: { content: '' } });

  held.write('two.').end();
  const rest = await Promise.all(readers.map((reader) => Array.fromAsync(reader)));
  for (const events of rest) {
    expect(wordsOf(events)).toBe('two.');
    expect(events.at(-1)).toMatchObject({ __typename: 'MessageEnd', message: { content: 'One two.' } });
  }
  const later = await Array.fromAsync(ann.follows(run.id));
  expect(wordsOf(later)).toBe('One two.');
  expect(later.map((event) => event.__typename)).toEqual(['MessageStart', 'ContentDelta', 'MessageEnd']);
});

test('a run needs no reader: a client that comes back finds the whole answer', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Go on alone.');
  const watching = ann.follows(run.id);
  held.begin().write('Half ');
  await readUntil(watching, 'Half ');
  await watching.return(undefined);

  held.write('and half.').end();
  await held.gone;
  expect(wordsOf(await Array.fromAsync(ann.follows(run.id)))).toBe('Half and half.');
});

test('from any cut, the words before and the words after are the text', async () => {
  const ann = await person('ann');
  testServer().model.next(thinks('Думаю 🤔 ', 'Привет, ', '👩‍👩‍👧 мир', ' — done 🎉'));
  const { run, events } = await ann.asks('Give me something to cut.');
  const whole = wordsOf(events);
  expect(whole).toBe('Думаю 🤔 Привет, 👩‍👩‍👧 мир — done 🎉');

  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length + 5), async (cut) => {
      const deltas = (await Array.fromAsync(ann.follows(run.id, cut))).filter(
        (event) => event.__typename === 'ContentDelta',
      );
      const from = deltas[0]?.from ?? whole.length;
      // Inside a surrogate pair there is no place to go on from: one code unit comes again, and the client trims it.
      expect(Math.min(cut, whole.length) - from).toBeLessThanOrEqual(1);
      expect(whole.slice(0, from) + wordsOf(deltas)).toBe(whole);
    }),
    { numRuns: 40 },
  );
});

test('an offset beyond the end goes to the end, and one below zero is refused', async () => {
  const ann = await person('ann');
  testServer().model.next(says('Short.'));
  const { run } = await ann.asks('Be short.');

  const events = await Array.fromAsync(ann.follows(run.id, 2_000_000_000));
  expect(events.map((event) => event.__typename)).toEqual(['MessageStart', 'MessageEnd']);
  await expect(Array.fromAsync(ann.follows(run.id, -1))).rejects.toThrow('400');
});

test('an offset beyond the words of a run that goes on brings the words that follow', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Slowly.');
  const first = ann.follows(run.id);
  held.begin().write('One ');
  await readUntil(first, 'One ');

  const ahead = ann.follows(run.id, 1_000);
  expect((await ahead.next()).value).toMatchObject({ __typename: 'MessageStart' });
  held.write('two.').end();
  expect(wordsOf(await Array.fromAsync(ahead))).toBe('two.');
  await Array.fromAsync(first);
});

test('stopping keeps the words, and the next answer sees them', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run, chat } = await ann.sends('Count.');
  const watching = ann.follows(run.id);
  held.begin().write('One, two, ');
  await readUntil(watching, 'One, two, ');

  expect(await stop(ann, run.id)).toMatchObject({ run: { status: 'STOPPED', message: { content: 'One, two, ' } } });
  expect((await Array.fromAsync(watching)).at(-1)).toMatchObject({
    __typename: 'MessageEnd',
    run: { status: 'STOPPED' },
  });
  await held.gone;
  expect(await stop(ann, run.id)).toMatchObject({ run: { status: 'STOPPED' } });

  testServer().model.next(says('Three.'));
  await ann.asks('Go on.', chat.id);
  expect(
    testServer()
      .model.calls.at(-1)
      ?.body.messages.map(({ role }) => role),
  ).toEqual(['user', 'assistant', 'user']);
});

test('stopping before the first word leaves an empty answer, and the model is let go', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Never mind.');
  await held.arrived;

  expect(await stop(ann, run.id)).toMatchObject({ run: { status: 'STOPPED', message: { content: '' } } });
  await held.gone;
});

test('stopping at once after sending always ends the run', async () => {
  const ann = await person('ann');
  testServer().model.otherwise(says('Too late.'));
  for (let round = 0; round < 10; round += 1) {
    const { run } = await ann.sends(`Round ${round}`);
    const stopped = await stop(ann, run.id);
    if (stopped.__typename !== 'StopRunPayload') throw new Error(stopped.__typename);
    expect(['STOPPED', 'COMPLETED']).toContain(stopped.run.status);
    const last = (await Array.fromAsync(ann.follows(run.id))).at(-1);
    expect(last).toMatchObject({ __typename: 'MessageEnd' });
  }
});

test('another person can neither read nor stop a run', async () => {
  const ann = await person('ann');
  const eve = await person('eve');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Between us.');
  held.begin().write('Secret');
  const watching = ann.follows(run.id);
  await readUntil(watching, 'Secret');

  await expect(Array.fromAsync(eve.follows(run.id))).rejects.toThrow('No such run.');
  await expect(Array.fromAsync(eve.follows('nonsense'))).rejects.toThrow('No such run.');
  expect(await stop(eve, run.id)).toEqual({ __typename: 'NotFoundError', code: 'NOT_FOUND', reason: 'No such run.' });
  expect(await eve.ask(RunById, { id: run.id })).toEqual({ node: null });
  held.end();
  expect((await Array.fromAsync(watching)).at(-1)).toMatchObject({ run: { status: 'COMPLETED' } });
});

test('a stream ends with the session that opened it', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Who reads this?');
  const watching = ann.follows(run.id);
  held.begin().write('You ');
  await readUntil(watching, 'You ');

  expect((await ann.post('/api/auth/sign-out', {})).status).toBe(200);
  held.write('no longer.').end();
  await expect(Array.fromAsync(watching)).rejects.toThrow('Sign in first.');
});

test.each([
  ['its session’s time is over', 'Sign in first.', expireSessions],
  ['its reader is no member any more', 'No such run.', leaveChats],
])('a stream ends 15 s after %s, though nobody tells us', async (_what, refusal, close) => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('May I read this?');
  const watching = ann.follows(run.id);
  held.begin().write('You ');
  await readUntil(watching, 'You ');

  await close(ann);
  vi.advanceTimersByTime(15_000);
  await expect(Array.fromAsync(watching)).rejects.toThrow(refusal);
  held.write('may not.').end();
  await held.gone;
});

function expireSessions({ email }: Person) {
  return db.session.updateMany({ where: { user: { email } }, data: { expiresAt: new Date() } });
}

function leaveChats({ email }: Person) {
  return db.chatMember.deleteMany({ where: { user: { email } } });
}

test('a stream goes on where the database cannot say whether it may, and ends when it says no', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Are you still there?');
  const watching = ann.follows(run.id);
  held.begin().write('I ');
  await readUntil(watching, 'I ');

  const warn = vi.spyOn(log, 'warn');
  await db.$executeRaw`ALTER TABLE session RENAME TO session_away`;
  bus.reportGap();
  await expect.poll(() => warn).toHaveBeenCalledWith(expect.anything(), expect.stringContaining('may go on'));
  held.write('am.');
  await readUntil(watching, 'am.');

  // As another node does it, without a hint to this one.
  await db.$executeRaw`ALTER TABLE session_away RENAME TO session`;
  await db.session.deleteMany();
  bus.reportGap();
  await expect(Array.fromAsync(watching)).rejects.toThrow('Sign in first.');
  warn.mockRestore();
  held.end();
});

test('deleting a chat stops its answer', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run, chat } = await ann.sends('Useless.');
  await held.arrived;
  await ann.ask(DeleteChat, { id: chat.id });
  await held.gone;
  expect((await Array.fromAsync(ann.follows(run.id))).at(-1)).toMatchObject({ run: { status: 'STOPPED' } });
});

test('once a second, what was said so far is in the database', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Keep it safe.');
  const watching = ann.follows(run.id);
  held.begin().write('Safe so far');
  await readUntil(watching, 'Safe so far');

  await expect
    .poll(async () => partsOfCheckpoints(await db.runCheckpoint.findMany()))
    .toEqual([{ kind: 'TEXT', text: 'Safe so far' }]);
  held.write(' and safe');
  // What is there already is not written again.
  await expect
    .poll(async () => (await db.runCheckpoint.findMany({ orderBy: { from: 'asc' } })).map(({ text }) => text))
    .toEqual(['Safe so far', ' and safe']);
  held.end();
  await Array.fromAsync(watching);
  expect(await db.runCheckpoint.count()).toBe(0);
});

test('hints go out only after the commit', async () => {
  const ann = await person('ann');
  const chat = await ann.createsChat();
  // Asking the database would prove nothing: on PGlite the question waits for the very transaction that it asks about.
  const transactions = new AsyncLocalStorage<{ isOpen: boolean }>();
  const transact = db.$transaction.bind(db) as (...args: unknown[]) => Promise<unknown>;
  const transacting = vi.spyOn(db, '$transaction').mockImplementation((...args: unknown[]) => {
    const transaction = { isOpen: true };
    return transactions.run(transaction, () => transact(...args).finally(() => (transaction.isOpen = false)));
  });
  const publish = bus.publish.bind(bus) as (...hint: unknown[]) => void;
  const hints: { name: unknown; isEarly: boolean }[] = [];
  const publishing = vi.spyOn(bus, 'publish').mockImplementation((...hint: unknown[]) => {
    hints.push({ name: hint[0], isEarly: transactions.getStore()?.isOpen ?? false });
    publish(...hint);
  });
  testServer().model.next(says('Yes.'));
  await ann.asks('Is it there?', chat.id);
  const held = testServer().model.hold();
  await ann.sends('And until it is gone?', chat.id);
  held.begin().write('Until ');
  await ann.ask(DeleteChat, { id: chat.id });
  await held.gone;
  transacting.mockRestore();
  publishing.mockRestore();
  expect(hints.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['chatChanged', 'runQueued', 'runStopRequested']),
  );
  expect(hints.filter(({ isEarly }) => isEarly)).toEqual([]);
});

test('an end whose commit was not acknowledged counts as stored', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Did it arrive?');
  const watching = ann.follows(run.id);
  held.begin().write('It did.');
  await readUntil(watching, 'It did.');
  const transact = db.$transaction.bind(db) as (...args: unknown[]) => Promise<unknown>;
  const lost = vi.spyOn(db, '$transaction').mockImplementationOnce(async (...args: unknown[]) => {
    await transact(...args);
    throw new Error('Connection terminated unexpectedly');
  });
  const told = vi.spyOn(log, 'info');

  held.end();
  expect((await Array.fromAsync(watching)).at(-1)).toMatchObject({ run: { status: 'COMPLETED' } });
  const ended = expect.objectContaining({ runId: rowId('Run', run.id), status: 'COMPLETED' });
  await expect.poll(() => told).toHaveBeenCalledWith(ended, 'A run ended');
  lost.mockRestore();
  told.mockRestore();
});

test('an answer’s place in the thread is there from the start', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run, chat, message, answer } = await ann.sends('Where will it stand?');
  const { chat: seen } = await ann.ask(Thread, { chatId: chat.id, last: 50 });
  expect(seen?.messages.edges.map(({ node }) => node.id)).toEqual([message.id, answer.id]);
  held.end();
  await Array.fromAsync(ann.follows(run.id));
});

test('a reader that hangs up before the first event leaves nothing behind', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Hold on.');
  held.begin();
  const { hostname, port } = new URL(testServer().url);
  const body = JSON.stringify({ query: print(RunEvents), variables: { runId: run.id, from: 0 } });
  const head = Object.entries({ ...ann.headers, host: 'x', accept: 'text/event-stream' }).map((pair) =>
    pair.join(': '),
  );
  const visits = new Map<number | undefined, Visit>();
  const hear = (message: unknown) => {
    const { request } = message as { request: IncomingMessage };
    const visit = visits.get(request.socket.remotePort);
    request.socket.once('close', () => visit?.gone.resolve());
    visit?.come.resolve();
  };
  subscribe('http.server.request.start', hear);
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      const visit = { come: Promise.withResolvers<void>(), gone: Promise.withResolvers<void>() };
      visits.set(socket.localPort, visit);
      socket.write(`POST /graphql HTTP/1.1\r\n${head.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      await visit.come.promise;
      // At every moment of the way to the first event, and soon after it.
      await delay(index * 5);
      socket.resetAndDestroy();
      await visit.gone.promise;
    }),
  );
  unsubscribe('http.server.request.start', hear);

  // Where this one has come, all those before it have been.
  const watching = ann.follows(run.id);
  expect((await watching.next()).value).toMatchObject({ __typename: 'MessageStart' });
  await expect.poll(runReaderCount).toBe(1);
  held.end();
  await Array.fromAsync(watching);
  await expect.poll(() => [runReaderCount(), openTextCount()]).toEqual([0, 0]);
});

/** The way of one request, as the server in this process sees it. */
interface Visit {
  come: PromiseWithResolvers<void>;
  gone: PromiseWithResolvers<void>;
}
