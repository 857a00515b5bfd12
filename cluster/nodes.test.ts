/** Several nodes behind nginx, without stickiness: what one of them has answered holds at every other. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { beforeAll, describe, expect, test } from 'vitest';

import { testCluster, useCluster } from '../api/testing/use-cluster.ts';
import { UpdateChat, Viewer } from '../api/testing/documents.ts';
import { says } from '../api/testing/model-server.ts';
import { startNginx } from '../api/testing/nginx-server.ts';
import { type FollowedEvent, type Person, person, type FeedEvent, wordsOf } from '../api/testing/person.ts';

// The only file whose nodes start on an empty database: one migrates it, the others wait.
useCluster({ nodes: 3, isNew: true });

let ann: Person;
/** Ann at each node, past nginx. */
let here: Person;
let there: Person;
let elsewhere: Person;

beforeAll(async () => {
  ann = await person('ann');
  [here, there, elsewhere] = testCluster().nodes.map(({ url }) => ann.at(url)) as [Person, Person, Person];
});

async function nextWords(events: AsyncGenerator<FollowedEvent>): Promise<string> {
  for await (const event of untouched(events)) if (event.__typename === 'ContentDelta') return event.text;
  throw new Error('The run ended without more words.');
}

async function nextTold<Type extends FeedEvent['__typename']>(
  feed: AsyncGenerator<FeedEvent>,
  type: Type,
  isIt: (event: Extract<FeedEvent, { __typename: Type }>) => boolean = () => true,
): Promise<Extract<FeedEvent, { __typename: Type }>> {
  for await (const event of untouched(feed)) {
    if (event.__typename === type && isIt(event as Extract<FeedEvent, { __typename: Type }>))
      return event as Extract<FeedEvent, { __typename: Type }>;
  }
  throw new Error(`The feed ended before a ${type}.`);
}

/** To stop reading for a while is not to hang up. */
function untouched<Item>(items: AsyncGenerator<Item>): AsyncIterable<Item> {
  return { [Symbol.asyncIterator]: () => ({ next: () => items.next() }) };
}

async function nodeThat(answers: RequestListener): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer(answers).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a run', () => {
  test('is asked for at one node, read at the others as it grows, and stopped from any', async () => {
    const { model } = testCluster();
    const held = model.hold();
    const { run, chat } = await here.sends('Tell me.');
    const readers = [here, there, elsewhere, ann].map((who) => who.follows(run.id));
    const feed = elsewhere.feeds([{ id: chat.id, after: 0 }]);

    held.begin().write('One, ');
    for (const reader of readers) expect(await nextWords(reader)).toBe('One, ');
    expect(await nextTold(feed, 'RunDelta')).toMatchObject({ runId: run.id, delta: { from: 0, to: 5, text: 'One, ' } });

    expect(await there.stops(run.id)).toMatchObject({ __typename: 'StopRunPayload' });
    await held.gone;
    for (const reader of readers) {
      const rest = await Array.fromAsync(reader);
      expect(rest.at(-1)).toMatchObject({
        __typename: 'MessageEnd',
        run: { status: 'STOPPED' },
        message: { content: 'One, ' },
      });
    }
    expect(await nextTold(feed, 'ChatChange', ({ runs }) => runs[0]?.status === 'STOPPED')).toMatchObject({
      messages: [{ content: 'One, ' }],
    });
    await feed.return(undefined);
  });

  test('is the only one of its chat, whichever node is asked for another', async () => {
    const held = testCluster().model.hold();
    const { run, chat } = await here.sends('Only one.');
    await held.arrived;
    for (const who of [there, elsewhere]) {
      await expect(who.sends('And another.', chat.id)).rejects.toThrow('RunInProgressError');
    }
    held.begin().write('Done.').end();
    expect(wordsOf(await Array.fromAsync(there.follows(run.id)))).toBe('Done.');
    testCluster().model.next(says('Now.'));
    expect(wordsOf((await there.asks('And another.', chat.id)).events)).toBe('Now.');
  });

  test('sent twice with one clientId, to two nodes at once, is one', async () => {
    const { model } = testCluster();
    model.next(says('Once.'));
    const { id } = await ann.createsChat();
    const clientId = crypto.randomUUID();
    const sent = await Promise.all([here, there, elsewhere].map((who) => who.sends('Again?', id, { clientId })));
    expect(new Set(sent.map(({ run }) => run.id)).size).toBe(1);
    expect(wordsOf(await Array.fromAsync(ann.follows(sent[0]?.run.id ?? '')))).toBe('Once.');
  });

  test('that is long over reads the same at every node, from any offset', async () => {
    testCluster().model.next(says('Привет, ', '👩‍👩‍👧 ', 'world.'));
    const { run } = await here.asks('Long ago.');
    for (const who of [here, there, elsewhere, ann]) {
      expect(wordsOf(await Array.fromAsync(who.follows(run.id, 8)))).toBe('👩‍👩‍👧 world.');
    }
  });
});

describe('nginx', () => {
  test('lets every word through at once, over HTTP/1.1, while the model is held', async () => {
    const held = testCluster().model.hold();
    const { run } = await ann.sends('Word by word.');
    const events = ann.follows(run.id);
    held.begin();
    for (const word of ['One ', 'by ', 'one.']) {
      held.write(word);
      expect(await nextWords(events)).toBe(word);
    }
    held.end();
    expect((await Array.fromAsync(events)).at(-1)).toMatchObject({ __typename: 'MessageEnd' });
  });

  test('sends what ending nodes refuse to a node that stays, and once', async () => {
    const refuse: RequestListener = (_, response) => response.writeHead(503, { Connection: 'close' }).end();
    const done: string[] = [];
    await using leaving = await nodeThat(refuse);
    await using leavingToo = await nodeThat(refuse);
    await using staying = await nodeThat((request, response) => {
      request.on('data', (body: Buffer) => done.push(body.toString()));
      request.on('end', () => response.end());
    });
    await using nginx = await startNginx([leaving.port, leavingToo.port, staying.port]);
    const asked = Array.from({ length: 9 }, (_, index) => `Mutation ${index}`);
    for (const body of asked) {
      expect((await fetch(`${nginx.url}/graphql`, { method: 'POST', body })).status).toBe(200);
    }
    expect(done).toEqual(asked);
    // Where none stays, what the last one says is the answer.
    await using ending = await startNginx([leaving.port, leavingToo.port]);
    expect((await fetch(`${ending.url}/graphql`, { method: 'POST', body: 'In vain' })).status).toBe(503);
    // Not ready is an answer, and does not affect other nodes.
    const ready: number[] = [];
    while (ready.length < 3) ready.push((await fetch(`${nginx.url}/ready`)).status);
    expect(ready.sort((a, b) => a - b)).toEqual([200, 503, 503]);
  });

  test('nginx uses all running nodes and no stopped one', async () => {
    testCluster().model.otherwise(says('Hello.'));
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => ann.asks(`Hello ${index}`)));
    expect(answers.map(({ events }) => wordsOf(events))).toEqual(Array.from({ length: 12 }, () => 'Hello.'));
    const nodeIds = await testCluster().query<{ nodeId: string }>(
      `SELECT DISTINCT node_id AS "nodeId" FROM run WHERE id = ANY($1::uuid[])`,
      [answers.map(({ run }) => run.id.slice('Run_'.length))],
    );
    expect(nodeIds).toHaveLength(3);
  });
});

describe('a session', () => {
  test('that is ended at one node ends what it reads at the others, at once', async () => {
    const eve = await person('eve');
    const { id } = await eve.createsChat();
    const feeds = testCluster().nodes.map(({ url }) => eve.at(url).feeds([{ id, after: 0 }]));
    for (const feed of feeds) await nextTold(feed, 'Tick');
    const began = performance.now();
    await eve.post('/api/auth/sign-out', {});
    for (const feed of feeds) await expect(Array.fromAsync(feed)).rejects.toThrow('UNAUTHENTICATED');
    // A look at the rows would find it too, but only after a Tick.
    expect(performance.now() - began).toBeLessThan(8_000);
  });

  test('that begins at one node is known at the others at once', async () => {
    const bob = await person('bob');
    for (const { url } of testCluster().nodes) {
      expect(await bob.at(url).ask(Viewer, {})).toMatchObject({ viewer: { name: 'bob' } });
    }
  });
});

describe('a change', () => {
  test('made at one node is sent at another without waiting for a Tick', async () => {
    const { id } = await here.createsChat();
    const feed = there.feeds([{ id, after: 0 }]);
    await nextTold(feed, 'Tick');
    const delays: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const title = `Round ${round}`;
      const telling = nextTold(feed, 'ChatChange', ({ chat }) => chat.title === title);
      await here.ask(UpdateChat, { input: { id, title } });
      const began = performance.now();
      await telling;
      delays.push(performance.now() - began);
    }
    // The goal is 200 ms at the worst; machines are shared, and half of twenty say enough.
    expect(delays.sort((a, b) => a - b)[10]).toBeLessThan(200);
    await feed.return(undefined);
  });
});
