/** From the provider's first words to the client's: what we add, alone and with fifty runs at once. */
import { request as httpRequest, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { person, type Person } from '../api/testing/person.ts';
import { testServer } from '../api/testing/server.ts';
import { type Measure, ms, percentile } from './measure.ts';

const RUNS = 50;
const ROUNDS = 4;

export async function measureFirstToken(): Promise<Measure[]> {
  // One after the other: a server hashes only so many passwords at once.
  const people: Person[] = [];
  for (let index = 0; index < RUNS; index += 1) people.push(await person(`reader-${index}`));
  await round(people.slice(0, 5));
  const alone: number[] = [];
  for (const someone of people.slice(0, 30)) alone.push(...(await round([someone])));
  const together: number[] = [];
  for (let count = 0; count < ROUNDS; count += 1) together.push(...(await round(people)));
  const bare = await bareServer(RUNS * ROUNDS);

  const [p50, p95] = [percentile(together, 0.5), percentile(together, 0.95)];
  const ratio = (p50 / percentile(bare, 0.5)).toFixed(1);
  return [
    {
      what: 'First words, provider to client, one run alone',
      result: `p50 ${ms(percentile(alone, 0.5))}, p95 ${ms(percentile(alone, 0.95))}`,
      goal: 'p50 ≤ 5 ms, p95 ≤ 20 ms',
      isMet: percentile(alone, 0.5) <= 5 && percentile(alone, 0.95) <= 20,
    },
    {
      what: `The same with ${RUNS} runs at once`,
      result: `p50 ${ms(p50)}, p95 ${ms(p95)}; ${ratio} × a bare node:http server that passes bytes on (p50 ${ms(percentile(bare, 0.5))})`,
      goal: 'p50 ≤ 5 ms, p95 ≤ 20 ms',
      isMet: p50 <= 5 && p95 <= 20,
    },
  ];
}

/** Everybody asks and waits; then each model speaks, one a few milliseconds after the other, as independent models do. */
async function round(people: readonly Person[]): Promise<number[]> {
  const { model } = testServer();
  const waiting = [];
  for (const someone of people) {
    const held = model.hold();
    const { run } = await someone.sends('Say something.');
    await held.arrived;
    held.begin();
    const events = someone.follows(run.id);
    await events.next();
    waiting.push({ held, events });
  }
  const times = await Promise.all(
    waiting.map(async ({ held, events }, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 4));
      const began = performance.now();
      held.write('Word ');
      await events.next();
      return performance.now() - began;
    }),
  );
  await Promise.all(waiting.map(({ held, events }) => (held.end(), Array.fromAsync(events))));
  return times;
}

/** The least there can be: a server that forwards an upstream's chunk to an event stream. */
async function bareServer(count: number): Promise<number[]> {
  let speak: (text: string) => void = () => undefined;
  const upstream = await listening(
    createServer((_request, response) => {
      response.flushHeaders();
      speak = (text) => void response.end(text);
    }),
  );
  const server = await listening(
    createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      httpRequest(upstream.url, (answer) => {
        response.flushHeaders();
        answer.on('data', (chunk: Buffer) => response.write(`data: ${chunk.toString()}\n\n`));
        answer.on('end', () => response.end());
      }).end();
    }),
  );
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const answer = await fetch(server.url);
    const reader = answer.body?.getReader();
    const began = performance.now();
    speak('Word');
    await reader?.read();
    times.push(performance.now() - began);
    await reader?.cancel();
  }
  for (const { server: open } of [upstream, server]) {
    open.closeAllConnections();
    open.close();
  }
  return times;
}

async function listening(server: Server): Promise<{ server: Server; url: string }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
