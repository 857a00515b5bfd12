/** What the bus and the texts of runs promise, whatever carries them. Two nodes in one process; where there is no Redis, they are one. */
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { Bus } from '../bus/bus.ts';
import { lengthOf, type Part } from '../texts/parts.ts';
import { RunTexts, type StoredTexts } from '../texts/texts.ts';
import { checkRedis } from '../redis/connections.ts';
import { RedisServer, whyNoRedis } from './redis-server.ts';
import { type Cluster, openCluster } from '../cluster.ts';
import type { Hints } from '../bus/hints.ts';
import { TextStore } from '../texts/text-store.ts';

interface Node {
  name: string;
  bus: Bus;
  texts: RunTexts;
  cluster: Cluster;
}

/** What PostgreSQL would know: whose each run is, its checkpoint, and its end. */
class Rows {
  readonly #runs = new Map<string, { owner: string; parts: Part[]; isEnded: boolean }>();
  lookUps = 0;

  begin(owner: string): string {
    const runId = crypto.randomUUID();
    this.#runs.set(runId, { owner, parts: [], isEnded: false });
    return runId;
  }

  store(runId: string, parts: readonly Part[], isEnded: boolean): void {
    const { owner } = this.#runs.get(runId) ?? { owner: '' };
    this.#runs.set(runId, { owner, parts: structuredClone([...parts]), isEnded });
  }

  seenFrom(node: string): StoredTexts {
    return {
      find: (runIds, { checkpoints }) => {
        this.lookUps += 1;
        const rows = runIds.map((runId) => ({ runId, ...(this.#runs.get(runId) ?? { parts: [], isEnded: true }) }));
        return Promise.resolve(
          rows.map(({ runId, parts, isEnded }) => ({ runId, isEnded, parts: isEnded || checkpoints ? parts : [] })),
        );
      },
      isOurs: (runId) => {
        const run = this.#runs.get(runId);
        return Promise.resolve(run !== undefined && run.owner === node && !run.isEnded);
      },
    };
  }
}

interface World {
  here: Node;
  there: Node;
  rows: Rows;
}

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openNode(name: string, rows: Rows, redisUrl?: string): Promise<Node> {
  const bus = new Bus();
  const texts = new RunTexts();
  const cluster = await openCluster({ redisUrl, nodeId: name, storedTexts: rows.seenFrom(name), bus, texts });
  closers.push(() => cluster.close());
  return { name, bus, texts, cluster };
}

async function oneNode(): Promise<World> {
  const rows = new Rows();
  const node = await openNode('alone', rows);
  return { here: node, there: node, rows };
}

async function twoNodes(): Promise<World & { redis: RedisServer }> {
  const redis = await RedisServer.start();
  closers.push(() => redis.stop());
  const rows = new Rows();
  return {
    here: await openNode('here', rows, redis.url),
    there: await openNode('there', rows, redis.url),
    rows,
    redis,
  };
}

const isRequired = Boolean(process.env['CI'] ?? process.env['NEEDS_REDIS']);
test.skipIf(!whyNoRedis)(`the Redis half is tried too (${whyNoRedis ?? 'it is'})`, ({ skip }) => {
  if (!isRequired) skip(whyNoRedis);
  expect(whyNoRedis).toBeUndefined();
});

const halves: [name: string, open: () => Promise<World>][] = [['in memory', oneNode]];
if (!whyNoRedis) halves.push(['over Redis', twoNodes]);

describe.each(halves)('%s', (_name, open) => {
  test('a hint is received at once on its own node, and once on others', async () => {
    const { here, there } = await open();
    const heard: string[] = [];
    here.bus.listen('chatChanged', (id, revision) => heard.push(`here ${id} ${revision}`));
    if (there !== here) there.bus.listen('chatChanged', (id, revision) => heard.push(`there ${id} ${revision}`));
    await there.bus.ready();
    here.bus.publish('chatChanged', 'a', 1);
    expect(heard).toEqual(['here a 1']);

    here.bus.publish('chatChanged', 'a', 2);
    const last = heardOn(there.bus, 'b');
    here.bus.publish('chatChanged', 'b', 1);
    await last;
    // The way back goes over the same channel: what came here twice would have come before.
    const answer = heardOn(here.bus, 'c');
    there.bus.publish('chatChanged', 'c', 1);
    await answer;
    const expected = ['a 1', 'a 2', 'b 1', 'c 1'];
    expect(heard.filter((line) => line.startsWith('here '))).toEqual(expected.map((line) => `here ${line}`));
    if (there !== here)
      expect(heard.filter((line) => line.startsWith('there '))).toEqual(expected.map((line) => `there ${line}`));
  });

  test('every kind of hint travels, but for a run that waits and a commit', async () => {
    const { here, there } = await open();
    const every: { [Name in keyof Hints]: Hints[Name] } = {
      runQueued: ['r'],
      chatChanged: ['c', 1],
      memberAdded: ['c', 'u'],
      memberGone: ['c', 'u'],
      typing: ['c', 'u'],
      runStopRequested: ['r'],
      sessionEnded: ['s'],
      tokenEnded: ['t'],
      agentsChanged: [],
      membershipChanged: [crypto.randomUUID(), crypto.randomUUID()],
      runWatched: ['r'],
      rowsWritten: [],
      changesWait: [],
      changesNumbered: [],
    };
    const said = Object.entries(every) as [keyof Hints, never][];
    const heard: unknown[] = [];
    for (const [name] of said) there.bus.listen(name, (...identifiers) => heard.push([name, identifiers]));
    // Over Redis they come in order, and what was said last comes last.
    const last = heardOn(there.bus, 'the last');
    for (const [name, identifiers] of said) here.bus.publish(name, ...(identifiers as Hints[typeof name]));
    here.bus.publish('chatChanged', 'the last', 1);
    await last;
    const travelled = said.filter(([name]) => here === there || !['runQueued', 'rowsWritten'].includes(name));
    expect(heard.slice(0, -1)).toEqual(travelled);
  });

  test('tries count wherever they are made, until they are forgotten', async () => {
    const { here, there } = await open();
    const limit = { name: 'knocking', points: 2, seconds: 60 };
    const atHere = here.cluster.attemptLimiter(limit);
    const atThere = here === there ? atHere : there.cluster.attemptLimiter(limit);
    await atHere.consume('eve');
    await atThere.consume('eve');
    for (const tries of [atHere, atThere])
      await expect(tries.consume('eve')).rejects.toMatchObject({ remainingPoints: 0 });
    await atHere.consume('ann');
    await atThere.delete('eve');
    await atHere.consume('eve');
  });

  test('a listener that throws does not affect other listeners', async () => {
    const { here, there } = await open();
    here.bus.listen('sessionEnded', () => {
      throw new Error('Mine.');
    });
    const heard = new Promise<string>((resolve) => void there.bus.listen('sessionEnded', resolve));
    expect(() => here.bus.publish('sessionEnded', 's')).not.toThrow();
    await heard;
  });

  test('every reader on every node has the text exactly once, whatever its pieces and wherever they begin', async () => {
    const { here, there, rows } = await open();
    const piece = fc.record({ isNewPart: fc.boolean(), text: fc.string({ unit: 'grapheme', maxLength: 12 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 30 }),
        fc.array(fc.nat(400), { maxLength: 6 }),
        async (pieces, cuts) => {
          const runId = rows.begin(here.name);
          // An ended text without holders is read from the rows.
          using _kept = here.texts.hold(runId);
          const whole = pieces.map(({ text }) => text).join('');
          const offsets = cuts.map((cut) => soundCut(whole, cut));
          const early = [here, there].flatMap(({ texts }) => [0, ...offsets].map((from) => readOn(texts, runId, from)));
          await write(here, rows, runId, pieces);
          const late = readOn(there.texts, runId, 0);
          for (const { from, text } of await Promise.all([...early, late])) expect(text).toBe(whole.slice(from));
        },
      ),
      { numRuns: 25 },
    );
    expect([here.texts.count, there.texts.count]).toEqual([0, 0]);
  }, 120_000);

  test('one who comes in the middle has the beginning too', async () => {
    const { here, there, rows } = await open();
    const runId = rows.begin(here.name);
    using writing = here.texts.own(runId);
    writing.text.append(0, 'THINKING', 'Once ');
    writing.text.append(1, 'TEXT', 'upon ');
    using first = there.texts.hold(runId);
    await expect.poll(() => first.text.length).toBe(10);

    using late = there.texts.hold(runId);
    expect(late.text).toBe(first.text);
    writing.text.append(1, 'TEXT', 'a time');
    await expect.poll(() => late.text.length).toBe(16);
    expect(late.text.parts).toEqual(writing.text.parts);
    expect(await there.texts.soFar(runId)).toEqual(writing.text.parts);
    expect([writing.isOurs, late.isOurs]).toEqual([true, here === there]);
  });

  test('the end of a run that never began is received', async () => {
    const { here, there, rows } = await open();
    const runId = rows.begin('');
    using waiting = here.texts.hold(runId);
    await waiting.ready;
    rows.store(runId, [], true);
    there.texts.end(runId, []);
    await expect.poll(() => waiting.text.isEnded).toBe(true);
  });

  test('a run that another node settles ends with what is stored, for its readers and its writer', async () => {
    const { here, there, rows } = await open();
    const runId = rows.begin(here.name);
    using writing = here.texts.own(runId);
    writing.text.append(0, 'TEXT', 'As far as');
    using reading = there.texts.hold(runId);
    await expect.poll(() => reading.text.length).toBe(9);

    rows.store(runId, writing.text.parts, true);
    there.texts.end(runId, writing.text.parts);
    expect(reading.text.isEnded).toBe(true);
    if (here !== there) writing.text.append(0, 'TEXT', ' nobody should read');
    await expect.poll(() => writing.text.isEnded).toBe(true);
    expect(reading.text.parts).toEqual([{ kind: 'TEXT', text: 'As far as' }]);
    expect(lengthOf((await there.texts.soFar(runId)) ?? [])).toBe(9);
  });

  test('a text that no node owns grows on both, whichever is sent its words, in whatever order, and though Redis has none of it', async () => {
    const { here, there, rows } = await open();
    const runId = rows.begin('');
    const words = ['Once ', 'upon ', 'a ', 'time ', 'there ', 'was ', 'an ', 'agent.'];
    const whole = words.join('');
    using reading = here.texts.hold(runId);
    using elsewhere = there.texts.hold(runId);
    // As they are stored, one after the other.
    const added = words.map((text, index) => {
      const from = words.slice(0, index).join('').length;
      return { texts: index % 2 ? here.texts : there.texts, from, text };
    });
    rows.store(runId, [{ kind: 'TEXT', text: whole }], false);
    for (const { texts, from, text } of [...added.slice(3), ...added.slice(0, 3), ...added])
      texts.add(runId, { from, first: 0, parts: [{ kind: 'TEXT', text }] });
    for (const { text } of [reading, elsewhere]) await expect.poll(() => text.length).toBe(whole.length);
    for (const { text } of [reading, elsewhere]) expect(text.parts).toEqual([{ kind: 'TEXT', text: whole }]);
    using late = there.texts.hold(runId);
    await late.ready;
    expect(late.text.parts).toEqual([{ kind: 'TEXT', text: whole }]);

    rows.store(runId, [{ kind: 'TEXT', text: whole }], true);
    here.texts.end(runId, [{ kind: 'TEXT', text: whole }]);
    for (const { text } of [reading, elsewhere]) await expect.poll(() => text.isEnded).toBe(true);
    // Too late, and so nothing.
    there.texts.add(runId, { from: whole.length, first: 0, parts: [{ kind: 'TEXT', text: 'More.' }] });
    expect(elsewhere.text.length).toBe(whole.length);
  });

  test('text that no node owns reaches the readers of the node that receives it at once', async () => {
    const { here, rows } = await open();
    const runId = rows.begin('');
    using reading = here.texts.hold(runId);
    await reading.ready;
    here.texts.add(runId, { from: 0, first: 0, parts: [{ kind: 'TEXT', text: 'At once' }] });
    expect(reading.text.parts).toEqual([{ kind: 'TEXT', text: 'At once' }]);
  });

  test('a thousand readers leave nothing behind', async () => {
    const { here, there, rows } = await open();
    const runId = rows.begin(here.name);
    using writing = here.texts.own(runId);
    writing.text.append(0, 'TEXT', '…');
    const listeners = there.bus.listenerCount();
    for (let round = 0; round < 10; round += 1) {
      const held = Array.from({ length: 100 }, () => there.texts.hold(runId));
      await expect.poll(() => held[99]?.text.length).toBe(1);
      for (const each of held) each[Symbol.dispose]();
      expect(there.texts.count).toBe(here === there ? 1 : 0);
    }
    expect(there.bus.listenerCount()).toBe(listeners);
  });
});

describe.skipIf(whyNoRedis)('with Redis', () => {
  test('malformed Redis messages are ignored', async () => {
    const { here, there, rows, redis } = await twoNodes();
    const heard: string[] = [];
    there.bus.listen('chatChanged', (id) => heard.push(id));
    const runId = rows.begin(here.name);
    using writing = here.texts.own(runId);
    writing.text.append(0, 'TEXT', 'mine');
    using reading = there.texts.hold(runId);
    await expect.poll(() => reading.text.length).toBe(4);

    const stranger = new Redis(redis.url);
    const garbage = [
      '',
      'hello',
      'null',
      '[]',
      '{"node":"x"}',
      '{"node":"x","hints":[7,null,["constructor"],["chatChanged"],["chatChanged",1,2],["chatChanged","a","b"],["chatChanged","a",1,"b"]]}',
      '{"from":4,"first":0,"parts":[{"kind":"SHOUT","text":"yours"}]}',
      '{"from":-1,"first":0,"parts":[{"kind":"TEXT","text":"yours"}]}',
      '{"from":4,"first":9,"parts":[{"kind":"TEXT","text":"yours"}]}',
      '{"end":-4}',
      `{"from":4,"first":0,"parts":"${'x'.repeat(100_000)}"}`,
    ];
    for (const message of garbage) {
      await stranger.publish('confab:0:hints', message);
      await stranger.publish(`confab:0:run:{${runId}}`, message);
    }
    stranger.disconnect();
    const last = heardOn(there.bus, 'good');
    here.bus.publish('chatChanged', 'good', 1);
    writing.text.append(0, 'TEXT', ', all');
    await last;
    await expect.poll(() => reading.text.length).toBe(9);
    expect(reading.text.parts).toEqual([{ kind: 'TEXT', text: 'mine, all' }]);
    expect(heard).toEqual(['good']);
  });

  test.each([
    ['restarted, with everything lost', 'restart'],
    ['hanging for five seconds', 'pause'],
  ])(
    '%s in the middle of twenty runs, it costs no reader a word',
    async (_name, fault) => {
      const { here, there, rows, redis } = await twoNodes();
      const gap = vi.fn<() => void>();
      there.bus.onGap(gap);
      const stopWriting = new AbortController();
      const runs = Array.from({ length: 20 }, () => {
        const runId = rows.begin(here.name);
        const writing = write(here, rows, runId, wordsUntil(stopWriting.signal));
        return { writing, readings: [0, 0, 7].map((from) => readOn(there.texts, runId, from)), runId };
      });
      await heldLengths(there, runs, 200);

      if (fault === 'restart') await redis.restart();
      else {
        redis.pause();
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        redis.resume();
      }
      const backAt = Date.now();
      using fresh = here.texts.hold(runs[0]?.runId ?? '');
      const lengthAtReturn = fresh.text.length;
      await heldLengths(there, runs, lengthAtReturn);
      expect(Date.now() - backAt).toBeLessThan(5_000);
      // A Redis that only hung has lost nothing, as long as its connections live.
      if (fault === 'restart') await expect.poll(() => gap).toHaveBeenCalled();

      stopWriting.abort();
      for (const { writing, readings } of runs) {
        const whole = await writing;
        for (const { from, text } of await Promise.all(readings)) expect(text).toBe(whole.slice(from));
      }
    },
    60_000,
  );

  test('an end while Redis is away is learned from the database, and the text with it', async () => {
    const { here, there, rows, redis } = await twoNodes();
    const runId = rows.begin(here.name);
    const reading = readOn(there.texts, runId, 0);
    const writing = here.texts.own(runId);
    writing.text.append(0, 'TEXT', 'Before. ');
    using held = there.texts.hold(runId);
    await expect.poll(() => held.text.length).toBe(8);

    await redis.stop();
    writing.text.append(0, 'TEXT', 'After.');
    rows.store(runId, writing.text.parts, true);
    here.texts.end(runId, writing.text.parts);
    writing[Symbol.dispose]();
    expect((await reading).text).toBe('Before. After.');
    expect(here.texts.count).toBe(0);
  });

  test('while Redis is away, readers elsewhere go on with what checkpoints hold', async () => {
    const { here, there, rows, redis } = await twoNodes();
    const runId = rows.begin(here.name);
    using writing = here.texts.own(runId);
    await redis.stop();
    writing.text.append(0, 'TEXT', 'Stored. ');
    rows.store(runId, writing.text.parts, false);
    using held = there.texts.hold(runId);
    await expect.poll(() => held.text.length).toBe(8);

    writing.text.append(0, 'TEXT', 'Not stored.');
    await redis.start();
    await expect.poll(() => held.text.length).toBe(19);
    expect(held.text.parts).toEqual(writing.text.parts);
  });

  test('a piece that never arrived is read when the next one shows that it is missing', async () => {
    const { there, rows, redis } = await twoNodes();
    const client = new Redis(redis.url);
    closers.push(async () => client.disconnect());
    const store = new TextStore(client, 'confab:0:');
    const say = (runId: string, from: number, text: string) =>
      store.append(runId, 'elsewhere', { from, first: 0, parts: [{ kind: 'TEXT', text }] }, false);
    const runId = rows.begin('elsewhere');
    await say(runId, 0, 'One ');
    using held = there.texts.hold(runId);
    await expect.poll(() => held.text.length).toBe(4);
    await client.append(`confab:0:run:{${runId}}:text`, Buffer.from('two ', 'utf16le'));
    expect(await say(runId, 4, 'at the wrong place')).toBe(8);
    await say(runId, 8, 'three');
    await expect.poll(() => wordsOf(held.text.parts)).toBe('One two three');
  });

  test('an end that Redis has lost, or sends without its text, is read from the database at once', async () => {
    const { there, rows, redis } = await twoNodes();
    const client = new Redis(redis.url);
    closers.push(async () => client.disconnect());
    const text: Part[] = [{ kind: 'TEXT', text: 'Over.' }];
    const runId = rows.begin('elsewhere');
    const store = new TextStore(client, 'confab:0:');
    await store.append(runId, 'elsewhere', { from: 0, first: 0, parts: [{ kind: 'TEXT', text: 'Ov' }] }, false);
    using early = there.texts.hold(runId);
    await early.ready;
    expect(early.text.length).toBe(2);
    rows.store(runId, text, true);
    await client.publish(`confab:0:run:{${runId}}`, '{"end":5}');
    await expect.poll(() => early.text.isEnded, { interval: 5 }).toBe(true);

    const other = rows.begin('elsewhere');
    rows.store(other, text, true);
    using late = there.texts.hold(other);
    await late.ready;
    expect([early.text.parts, late.text.parts, late.text.isEnded]).toEqual([text, text, true]);
  });

  test('Redis has the text of a silent run again as soon as it is back', async () => {
    const { here, there, rows, redis } = await twoNodes();
    const runId = rows.begin(here.name);
    using writing = here.texts.own(runId);
    writing.text.append(0, 'TEXT', 'Thinking');
    await expect.poll(() => there.texts.soFar(runId)).not.toBeNull();
    await redis.restart();
    await expect.poll(() => there.texts.soFar(runId)).toEqual(writing.text.parts);
  });

  test('a reader who comes before Redis has the text again waits for it', async () => {
    const { here, there, rows, redis } = await twoNodes();
    const runId = rows.begin(here.name);
    using writing = here.texts.own(runId);
    writing.text.append(0, 'TEXT', 'All of it');
    const stranger = new Redis(redis.url);
    await expect.poll(() => stranger.dbsize()).toBe(2);
    await stranger.flushall();
    using held = there.texts.hold(runId);
    await held.ready;
    expect([held.text.length, held.text.isEnded]).toEqual([0, false]);

    writing.text.append(0, 'TEXT', ', again');
    await expect.poll(() => held.text.length).toBe(16);
    stranger.disconnect();
  });

  test('a replaced owner cannot append, also where Redis has lost the owner', async () => {
    const { here, there, rows, redis } = await twoNodes();
    const stranger = new Redis(redis.url);
    closers.push(async () => stranger.disconnect());
    const runId = rows.begin(there.name);
    const inRedis = async () => (await stranger.getBuffer(`confab:0:run:{${runId}}:text`))?.toString('utf16le');
    using late = here.texts.own(runId);
    late.text.append(0, 'TEXT', 'wrong');
    await expect.poll(inRedis).toBe('wrong');
    using rightful = there.texts.own(runId);
    rightful.text.append(0, 'TEXT', 'right');
    await expect.poll(inRedis).toBe('right');

    late.text.append(0, 'TEXT', ' and wrong');
    await expect.poll(() => late.isOurs).toBe(false);
    await stranger.flushall();
    late.text.append(0, 'TEXT', ' and again');
    rightful.text.append(0, 'TEXT', ' again');
    await expect.poll(inRedis).toBe('right again');
  });

  test('a text may be longer than what goes out at once, and no character is torn', async () => {
    const { here, there, rows } = await twoNodes();
    const runId = rows.begin(here.name);
    using writing = here.texts.own(runId);
    const long = `x${'😀ж'.repeat(60_000)}`;
    using reading = there.texts.hold(runId);
    let isWhole = true;
    const look = setInterval(() => (isWhole &&= reading.text.parts.every(({ text }) => text.isWellFormed())), 1);
    writing.text.append(0, 'TEXT', long);
    await expect.poll(() => reading.text.length).toBe(long.length);
    clearInterval(look);
    expect(wordsOf(reading.text.parts) === long && isWhole).toBe(true);
  });

  test('a run of 100 tokens a second costs at most 40 calls a second, read elsewhere or not', async () => {
    const { here, there, rows, redis } = await twoNodes();
    const stranger = new Redis(redis.url);
    closers.push(async () => stranger.disconnect());
    const monitor = await stranger.monitor();
    closers.push(async () => monitor.disconnect());
    const calls: string[] = [];
    // What a script does is its own and not on the wire.
    monitor.on('monitor', (_time: string, [command]: [string], source: string) => {
      if (source !== 'lua' && command?.toLowerCase() !== 'ping') calls.push(command);
    });

    const runId = rows.begin(here.name);
    const readings = [0, 0, 0].map((from) => readOn(there.texts, runId, from));
    const began = performance.now();
    const tokens = Array.from({ length: 300 }, () => ({ isNewPart: false, text: 'token ' }));
    await write(here, rows, runId, tokens, 10);
    const seconds = (performance.now() - began) / 1_000;
    await Promise.all(readings);
    expect(calls.filter((call) => call.toLowerCase() === 'evalsha').length).toBeGreaterThan(20);
    // Thirty flushes a second, and some more: a busy machine's timers are not even.
    expect(calls.length / seconds).toBeLessThanOrEqual(40);
  });

  test('what Redis keeps of a run is gone an hour after its last word', async () => {
    const { here, rows, redis } = await twoNodes();
    const stranger = new Redis(redis.url);
    closers.push(async () => stranger.disconnect());
    const ttls = async () => Promise.all((await stranger.keys('*')).map((key) => stranger.ttl(key)));
    const runId = rows.begin(here.name);
    const writing = here.texts.own(runId);
    writing.text.append(0, 'TEXT', 'Going');
    await expect.poll(ttls).toEqual([expect.closeTo(3_600, -1), expect.closeTo(3_600, -1)]);

    for (const key of await stranger.keys('*')) await stranger.persist(key);
    here.texts.end(runId, writing.text.parts);
    writing[Symbol.dispose]();
    await expect.poll(ttls).toEqual([expect.closeTo(3_600, -1), expect.closeTo(3_600, -1)]);
    here.texts.end(rows.begin(''), []);
    await expect.poll(() => stranger.dbsize()).toBe(3);
    expect(Math.min(...(await ttls()))).toBeGreaterThan(0);
  });

  test('while Redis is away, each node counts tries by itself', async () => {
    const { here, there, redis } = await twoNodes();
    const limit = { name: 'knocking', points: 2, seconds: 60 };
    const [atHere, atThere] = [here.cluster.attemptLimiter(limit), there.cluster.attemptLimiter(limit)];
    await redis.stop();
    for (const tries of [atHere, atHere, atThere, atThere]) await tries.consume('eve');
    for (const tries of [atHere, atThere])
      await expect(tries.consume('eve')).rejects.toMatchObject({ remainingPoints: 0 });
  });

  test('a node is not ready while Redis hangs or is away', async () => {
    const { here, redis } = await twoNodes();
    await checkRedis();
    redis.pause();
    await expect(checkRedis()).rejects.toThrow('No answer.');
    redis.resume();
    await vi.waitFor(checkRedis, 30_000);
    await redis.stop();
    await vi.waitFor(() => expect(checkRedis()).rejects.toThrow('Not connected.'));
    // The check and the bus have a connection each, and each notices by itself.
    await expect.poll(() => here.bus.isWhole).toBe(false);
    await redis.start();
    await vi.waitFor(checkRedis, 30_000);
    await expect.poll(() => here.bus.isWhole).toBe(true);
  });

  test('what is published while Redis is away is received when it is back, and no wait is unbounded', async () => {
    const { here, there, redis } = await twoNodes();
    await redis.stop();
    const heard = new Set<string>();
    there.bus.listen('chatChanged', (id) => heard.add(id));
    for (let chat = 0; chat < 20_000; chat += 1) here.bus.publish('chatChanged', `chat ${chat}`, 1);
    await redis.start();
    await expect.poll(() => heard.has('chat 19999')).toBe(true);
    expect(heard.size).toBeLessThanOrEqual(10_001);
  });

  test('a start without Redis says so in a sentence', async () => {
    const rows = new Rows();
    await expect(openNode('lonely', rows, 'redis://user:hidden@127.0.0.1:1/')).rejects.toThrow(
      /^The Redis server at 127\.0\.0\.1:1 does not let us in \(.*ECONNREFUSED.*\)\. Start it, or correct REDIS_URL\.$/,
    );
  });
});

interface Piece {
  isNewPart: boolean;
  text: string;
}

/** Performs a run as perform.ts does: the text, the rows, and only then the end. Resolves with the whole text. */
async function write(
  node: Node,
  rows: Rows,
  runId: string,
  pieces: Iterable<Piece>,
  pauseMs?: number,
): Promise<string> {
  using writing = node.texts.own(runId);
  const { text } = writing;
  let part = 0;
  for (const piece of pieces) {
    if (piece.isNewPart && text.parts.length > 0) part += 1;
    text.append(part, part % 2 ? 'THINKING' : 'TEXT', piece.text);
    if (pauseMs !== undefined || Math.random() < 0.3) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  rows.store(runId, text.parts, true);
  node.texts.end(runId, text.parts);
  return wordsOf(text.parts);
}

/** Some hundred words a second, with characters outside the first plane among them. */
function* wordsUntil(signal: AbortSignal): Generator<Piece> {
  for (let word = 0; !signal.aborted; word += 1) yield { isNewPart: word % 50 === 49, text: `${word} 😀 ` };
}

/** Reads as a subscriber does, to the end: each slice begins where the one before it ended. */
async function readOn(texts: RunTexts, runId: string, from: number): Promise<{ from: number; text: string }> {
  using held = texts.hold(runId);
  const { signal } = new AbortController();
  const { text } = held;
  let read = '';
  for (;;) {
    const slice = text.read(from + read.length);
    if (slice) {
      expect(slice.from).toBe(from + read.length);
      expect(slice.text.isWellFormed()).toBe(true);
      read += slice.text;
    } else if (text.isEnded) return { from, text: read };
    else await text.changed(signal, 15_000);
  }
}

async function heldLengths(node: Node, runs: readonly { runId: string }[], atLeast: number): Promise<void> {
  for (const { runId } of runs) {
    using held = node.texts.hold(runId);
    await expect.poll(() => held.text.length).toBeGreaterThanOrEqual(atLeast);
  }
}

function heardOn(bus: Bus, chatId: string): Promise<void> {
  return new Promise((resolve) => {
    bus.listen('chatChanged', (id) => {
      if (id === chatId) resolve();
    });
  });
}

function soundCut(text: string, cut: number): number {
  const clamped = Math.min(cut, text.length);
  return /[\uDC00-\uDFFF]/.test(text.charAt(clamped)) ? clamped - 1 : clamped;
}

function wordsOf(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join('');
}
