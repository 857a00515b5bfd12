/** What a reader costs who does not read. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { print } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';

import { db } from '../../database/db.ts';
import { env } from '../../env.ts';
import { writeEvents } from './subscription.ts';
import type { RunEventsSubscription } from '../../generated/graphql/graphql.ts';
import { makeHttpHandler } from '../../http/handler.ts';
import { testServer, useConfab } from '../../testing/confab.ts';
import { RunEvents } from '../../testing/documents.ts';
import { type FollowedEvent, type Person, person, wordsOf } from '../../testing/person.ts';
import { turnsOfTheLoop } from '../../testing/provider-events.ts';

useConfab();

test('little is held for a reader that takes nothing, and what it missed comes in fewer pieces', async () => {
  const ann = await person('ann');
  // An answer is cut at 16 characters for each token: 2 million.
  await db.agent.updateMany({ data: { maxOutputTokens: 128_000 } });
  const held = testServer().model.hold();
  const { run } = await ann.sends('Tell me all.');
  const { answer, stream } = await opens(ann, run.id);
  const events = ann.follows(run.id);
  const read: FollowedEvent[] = [];
  let written = '';
  /** Resolves when another reader has it all. */
  async function write(words: string): Promise<void> {
    held.write(words);
    written += words;
    while (lastOffset(read) < written.length) {
      const { value, done } = await events.next();
      if (done) throw new Error('The answer ended before all of it was read.');
      read.push(value);
    }
    await turnsOfTheLoop(10);
  }

  // The kernel has room for some megabytes, and then nothing is taken any more: three bytes each.
  const page = '只工作不玩耍。'.repeat(7_000);
  held.begin();
  while (!answer.writableNeedDrain) await write(page);
  for (let more = 0; more < 4; more += 1) await write(page);
  const from = written.length;
  for (let count = 0; count < 10; count += 1) await write(`And ${count}. `);
  expect(answer.writableLength).toBeLessThan(200_000);

  held.end();
  const [late] = await Promise.all([text(stream).then(eventsIn), Array.fromAsync(events)]);
  expect(wordsOf(late) === written).toBe(true);
  expect(deltasAfter(read, from)).toBe(10);
  expect(deltasAfter(late, from)).toBeLessThanOrEqual(2);
}, 60_000);

test('a reader that takes nothing for too long is cut, and nothing is held for it any more', async () => {
  let isLeft = false;
  async function* endless() {
    try {
      for (;;) yield 'x'.repeat(100_000);
    } finally {
      isLeft = true;
    }
  }
  const server = createServer((_request, response) => void writeEvents(endless(), new Response(), response, 200));
  const socketPath = join(tmpdir(), `confab-${crypto.randomUUID()}.sock`);
  await once(server.listen(socketPath), 'listening');
  onTestFinished(() => void server.close());
  const asking = request({ socketPath, agent: false });
  asking.end();
  const [stream] = (await once(asking, 'response')) as [IncomingMessage];
  await expect.poll(() => isLeft).toBe(true);
  await expect(text(stream)).rejects.toThrow('aborted');
});

test('of one stream too many, the person’s oldest is closed with a reason', async () => {
  const { RUN_STREAMS_PER_USER } = env;
  Object.assign(env, { RUN_STREAMS_PER_USER: 2 });
  onTestFinished(() => void Object.assign(env, { RUN_STREAMS_PER_USER }));
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Tell me all.');
  const follow = async () => {
    const events = ann.follows(run.id);
    await events.next();
    return events;
  };
  const [first, second, third] = [await follow(), await follow(), await follow()];
  await expect(first.next()).rejects.toThrow('TOO_MANY_STREAMS');
  held.begin().write('All.').end();
  for (const events of [second, third]) expect(wordsOf(await Array.fromAsync(events))).toBe('All.');
});

/** Both ends of a run's stream. By a socket that is a file: for TCP the kernel takes 4 MB before anybody reads. */
async function opens(reader: Person, runId: string): Promise<{ answer: ServerResponse; stream: IncomingMessage }> {
  const server = createServer(makeHttpHandler());
  const socketPath = join(tmpdir(), `confab-${crypto.randomUUID()}.sock`);
  await once(server.listen(socketPath), 'listening');
  onTestFinished(() => void server.close());
  const headers = { ...reader.headers, accept: 'text/event-stream' };
  const asking = request({ socketPath, path: '/graphql', method: 'POST', headers, agent: false });
  asking.end(JSON.stringify({ query: print(RunEvents), variables: { runId, from: 0 } }));
  const [[, answer], [stream]] = (await Promise.all([once(server, 'request'), once(asking, 'response')])) as [
    [IncomingMessage, ServerResponse],
    [IncomingMessage],
  ];
  return { answer, stream };
}

function lastOffset(events: readonly FollowedEvent[]): number {
  const last = events.at(-1);
  return last?.__typename === 'ContentDelta' ? last.to : 0;
}

function deltasAfter(events: readonly FollowedEvent[], offset: number): number {
  return events.filter((event) => event.__typename === 'ContentDelta' && event.to > offset).length;
}

function eventsIn(stream: string): FollowedEvent[] {
  const results = [...stream.matchAll(/^event: next\ndata: (.*)$/gm)].map(
    ([, data = '']) => JSON.parse(data) as { data: RunEventsSubscription },
  );
  return results.map(({ data }) => data.runEvents);
}
