/** Nodes as processes, on a PostgreSQL server of their own that can be stopped. Part of `npm run test:postgres`. */
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';

import { graphql } from '../generated/graphql/gql.ts';
import { rowId } from '../ids.ts';
import { RegenerateAnswer, RunById } from '../testing/documents.ts';
import { type Held, type ModelServer, modelServer, says } from '../testing/model-server.ts';
import { type FollowedEvent, onlyAnswer, type Person, person, wordsOf } from '../testing/person.ts';
import { type PostgresServer, startPostgres } from '../testing/postgres-server.ts';
import { type ConfabProcess, type Settings, startProcess } from '../testing/process.ts';
import { useServerAt } from '../testing/server.ts';

const StopRun = graphql(`
  mutation StopRunElsewhere($input: StopRunInput!) {
    stopRun(input: $input) {
      __typename
      ... on StopRunPayload {
        run {
          status
        }
      }
    }
  }
`);

let postgres: PostgresServer;
let model: ModelServer;
let processes: ConfabProcess[];

describe.skipIf(!('url' in inject('image')))('nodes as processes', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());
  beforeEach(async () => {
    model = await modelServer();
    processes = [];
  });
  afterEach(async () => {
    for (const each of processes) {
      each.resume();
      await each.kill('SIGKILL');
    }
    await model.close();
  });

  async function startNode(more: Settings = {}): Promise<ConfabProcess> {
    const node = await startProcess({
      DATABASE_URL: postgres.url,
      AUTH_SECRET: 'a secret for tests, long enough to be one',
      ANTHROPIC_API_KEY: 'a key for tests',
      ANTHROPIC_BASE_URL: model.url,
      // Four seconds of silence are death: on a busy machine less would kill the living.
      NODE_BEAT_MS: '1000',
      ...more,
    });
    processes.push(node);
    return node;
  }

  /** From here on, people go to that node. */
  function at(node: ConfabProcess): void {
    useServerAt(node.url, model);
  }

  /** An answer that has said so much, and a reader who has read it. */
  async function halfAnswer(who: Person, words: string): Promise<{ runId: string; held: Held; reading: Reading }> {
    const held = model.hold();
    const { run } = await who.sends('Tell me a long story.');
    const reading = read(who, run.id);
    held.begin().write(words);
    await reading.until(words);
    return { runId: run.id, held, reading };
  }

  test('a node that is killed has its runs settled by another, and Retry works there', async () => {
    const [first, second] = [await startNode({ LOG_LEVEL: 'debug' }), await startNode()];
    at(first);
    const ann = await person('ann');
    const { runId, reading } = await halfAnswer(ann, 'Once upon a time ');
    await first.says(/Checkpoint/);
    await first.kill('SIGKILL');
    expect(await reading.words).toBe('Once upon a time ');

    at(second);
    await expect
      .poll(() => ann.ask(RunById, { id: runId }), { timeout: 30_000 })
      .toMatchObject({ node: { status: 'INTERRUPTED', message: { content: 'Once upon a time ' } } });
    const { node } = await ann.ask(RunById, { id: runId });
    if (node?.__typename !== 'Run') throw new Error('No run.');
    model.next(says('The whole story.'));
    const { regenerateAnswer } = await ann.ask(RegenerateAnswer, {
      input: { messageId: node.message?.id ?? '', clientId: crypto.randomUUID() },
    });
    if (regenerateAnswer.__typename !== 'RegenerateAnswerPayload') throw new Error(regenerateAnswer.__typename);
    expect(wordsOf(await Array.fromAsync(ann.follows(onlyAnswer(regenerateAnswer).run.id)))).toBe('The whole story.');
  });

  test('the only node’s runs are settled by the next one at its very start, once the database has been up for long enough', async () => {
    const last = await startNode({ LOG_LEVEL: 'debug' });
    at(last);
    const ann = await person('ann');
    const { runId, reading } = await halfAnswer(ann, 'Once upon a time ');
    await last.says(/Checkpoint/);
    await last.kill('SIGKILL');
    await reading.words;
    await query(`UPDATE node SET seen_at = now() - interval '1 hour'`);

    // While the database itself was unavailable, no heartbeat could be written.
    await postgres.stop();
    await postgres.start();
    at(await startNode({ NODE_BEAT_MS: '60000' }));
    expect(await ann.ask(RunById, { id: runId })).toMatchObject({ node: { status: 'RUNNING' } });

    const upForSeconds = `SELECT extract(epoch FROM now() - pg_postmaster_start_time())::float8 AS up`;
    await expect
      .poll(async () => (await query<{ up: number }>(upForSeconds))[0]?.up, { timeout: 30_000 })
      .toBeGreaterThan(12.5);
    // Dead after 12 s, and the first sweep comes after 3.
    at(await startNode({ NODE_BEAT_MS: '3000' }));
    expect(await ann.ask(RunById, { id: runId })).toMatchObject({
      node: { status: 'INTERRUPTED', message: { content: 'Once upon a time ' } },
    });
  });

  test('a node that is held still loses its runs, and when it goes on it writes nothing', async () => {
    const [first, second] = [await startNode({ LOG_LEVEL: 'debug' }), await startNode()];
    at(first);
    const ann = await person('ann');
    const { runId, held, reading } = await halfAnswer(ann, 'Once upon a time ');
    await first.says(/Checkpoint/);
    first.pause();
    at(second);
    const interrupted = { node: { status: 'INTERRUPTED', message: { content: 'Once upon a time ' } } };
    await expect.poll(() => ann.ask(RunById, { id: runId }), { timeout: 30_000 }).toMatchObject(interrupted);

    held.write('there was nobody.');
    first.resume();
    await held.gone;
    await reading.words;
    expect(reading.events.at(-1)).toMatchObject({
      __typename: 'RunError',
      code: 'INTERRUPTED',
      message: { content: 'Once upon a time ' },
    });
    await first.says(/Another node settled a run/);
    expect(await ann.ask(RunById, { id: runId })).toMatchObject(interrupted);

    // It lives on, and is a node like any other.
    at(first);
    model.next(says('I am back.'));
    expect(wordsOf((await ann.asks('Are you there?')).events)).toBe('I am back.');
  });

  test('a run is stopped from another node', async () => {
    const [first, second] = [await startNode(), await startNode()];
    at(first);
    const ann = await person('ann');
    const { runId, held, reading } = await halfAnswer(ann, 'Once upon ');
    at(second);
    const { stopRun } = await ann.ask(StopRun, { input: { id: runId } });
    expect(stopRun).toEqual({ __typename: 'StopRunPayload', run: { status: 'STOPPED' } });
    await held.gone;
    expect(await reading.words).toBe('Once upon ');
    expect(reading.events.at(-1)).toMatchObject({ __typename: 'MessageEnd' });
  });

  test('while PostgreSQL restarts they live on and say so, and store what was said meanwhile', async () => {
    const nodes = [await startNode(), await startNode()];
    const [first] = nodes as [ConfabProcess];
    at(first);
    const ann = await person('ann');
    const { runId, held, reading } = await halfAnswer(ann, 'Before, ');
    const ended = await halfAnswer(ann, 'At the wrong ');

    await postgres.stop();
    for (const { url } of nodes) await expect.poll(() => ready(url), { timeout: 10_000 }).toBe(503);
    held.write('meanwhile ');
    await reading.until('Before, meanwhile ');
    ended.held.write('moment.').end();
    await first.says(/The end of a run could not be stored/);
    await postgres.start();
    const back = performance.now();
    for (const { url } of nodes) await expect.poll(() => ready(url), { timeout: 10_000 }).toBe(200);
    expect(performance.now() - back).toBeLessThan(10_000);

    held.write('and after.').end();
    expect(await reading.words).toBe('Before, meanwhile and after.');
    expect(await ended.reading.words).toBe('At the wrong moment.');
    for (const [id, content] of [
      [runId, 'Before, meanwhile and after.'],
      [ended.runId, 'At the wrong moment.'],
    ] as const) {
      await expect
        .poll(() => ann.ask(RunById, { id }), { timeout: 10_000 })
        .toMatchObject({ node: { status: 'COMPLETED', message: { content } } });
    }
    // No node was taken for dead, and the log was not filled.
    for (const node of nodes) {
      const { output } = await node.kill('SIGTERM');
      expect(output).not.toContain('a dead process left');
      expect(output.split('\n').filter((line) => line.includes('the heartbeat and its sweeps')).length).toBeLessThan(8);
    }
  });

  test('a deployment during 50 streams loses nothing that was shown', async () => {
    // On a slow machine the next node takes long to start, and its answers are to end by themselves.
    const first = await startNode({ RUNS_PER_USER: '100', RUN_GRACE_SECONDS: '120' });
    const other = await startNode();
    const ann = await (at(other), person('ann'));
    const elsewhere = model.hold();
    const { run: runOfOther } = await ann.sends('Who writes this?');
    await elsewhere.arrived;

    at(first);
    const letGo = read(ann, runOfOther.id);
    await letGo.begun;
    const streams: { runId: string; held: Held; reading: Reading }[] = [];
    for (let number = 0; number < 50; number += 1) streams.push(await halfAnswer(ann, `${number}: half `));

    const ending = first.kill('SIGTERM');
    // What is written elsewhere is better read elsewhere.
    await letGo.words;
    expect(letGo.events.map(({ __typename }) => __typename)).toEqual(['MessageStart']);
    const second = await startNode();
    for (const { held } of streams) held.write('and half.').end();
    expect((await ending).code).toBe(0);
    at(second);
    for (const [number, { runId, reading }] of streams.entries()) {
      expect(await reading.words).toBe(`${number}: half and half.`);
      expect(reading.events.at(-1)).toMatchObject({ __typename: 'MessageEnd' });
      expect(wordsOf(await Array.fromAsync(ann.follows(runId)))).toBe(`${number}: half and half.`);
    }
    expect(await nodesOf(runOfOther.id)).toEqual({ nodes: 2, status: 'RUNNING' });
    elsewhere.begin().end();
  });

  /** How many nodes have a row, and how a run is. */
  async function nodesOf(runId: string): Promise<{ nodes: number; status: string }> {
    const rows = await query<{ nodes: number; status: string }>(
      'SELECT (SELECT count(*)::int FROM node) AS nodes, status FROM run WHERE id = $1',
      [rowId('Run', runId)],
    );
    return rows[0] ?? { nodes: 0, status: '' };
  }

  /** Past every node. */
  async function query<Row>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    try {
      return (await client.query(statement, values)).rows as Row[];
    } finally {
      await client.end();
    }
  }
});

interface Reading {
  readonly events: FollowedEvent[];
  /** Resolves when the stream has begun. */
  readonly begun: Promise<void>;
  /** All that was read, when the stream has ended or broken. */
  readonly words: Promise<string>;
  until(words: string): Promise<void>;
}

function read(who: Person, runId: string): Reading {
  const events: FollowedEvent[] = [];
  let hasEnded = false;
  const begun = Promise.withResolvers<void>();
  let heard = Promise.withResolvers<void>();
  const words = (async () => {
    try {
      for await (const event of who.follows(runId)) {
        events.push(event);
        begun.resolve();
        heard.resolve();
        heard = Promise.withResolvers();
      }
    } catch {
      // The connection broke: what was read is what counts.
    }
    hasEnded = true;
    heard.resolve();
    return wordsOf(events);
  })();
  return {
    events,
    begun: begun.promise,
    words,
    async until(expected) {
      while (wordsOf(events) !== expected) {
        if (hasEnded) throw new Error(`It was over with ${JSON.stringify(events.at(-1))} before ${expected}`);
        await heard.promise;
      }
    },
  };
}

async function ready(url: string): Promise<number> {
  return (await fetch(`${url}/ready`)).status;
}
