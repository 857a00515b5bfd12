/** One trace from a person's operation to the end of the answer, as a collector gets it from a process. */
import { rm } from 'node:fs/promises';

import { print } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type CollectedSpan, collector, type Collector } from '../testing/collector.ts';
import { dataFolder } from '../testing/data-folder.ts';
import { SendMessage } from '../testing/documents.ts';
import { cutsAfter, fails, type ModelServer, modelServer, says } from '../testing/model-server.ts';
import { person } from '../testing/person.ts';
import { type ConfabProcess, type Settings, startProcess } from '../testing/process.ts';
import { useServerAt } from '../testing/server.ts';

let folder: string;
let model: ModelServer;
let collected: Collector;

beforeEach(async () => {
  folder = await dataFolder();
  model = await modelServer();
  collected = await collector();
});

afterEach(async () => {
  await model.close();
  await collected[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const KEY = 'sk-a-key-nobody-may-see';

async function start(more: Settings = {}): Promise<ConfabProcess> {
  const confab = await startProcess({
    DATA_DIR: folder,
    ANTHROPIC_API_KEY: KEY,
    ANTHROPIC_BASE_URL: model.url,
    CLAUDE_MODEL: 'claude-test',
    OTEL_EXPORTER_OTLP_ENDPOINT: collected.url,
    OTEL_SERVICE_NAME: 'confab-under-test',
    // As often as the batches would go anyway, only sooner.
    OTEL_BSP_SCHEDULE_DELAY: '50',
    ...more,
  });
  useServerAt(confab.url, model);
  return confab;
}

const ERROR = 2;

function only(spans: CollectedSpan[]): CollectedSpan {
  expect(spans).toHaveLength(1);
  return spans[0] as CollectedSpan;
}

describe('an answer', { timeout: 120_000 }, () => {
  test('is one trace from the operation over the run and the provider to the end, without a word of anybody', async () => {
    const confab = await start();
    const ann = await person('ann');
    const chat = await ann.createsChat('Quagmire');
    model.next(fails(529, 'overloaded_error', { 'retry-after': '0' }), says('The answer is ', 'Xylophone.'));

    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const input = { chatId: chat.id, content: 'My secret is Zeppelin.', clientId: crypto.randomUUID() };
    const answer = await ann.post('/graphql', { query: print(SendMessage), variables: { input } }, { traceparent });
    expect(answer.status).toBe(200);
    await ann.waitsForAnswers(chat.id);
    const { code } = await confab.kill('SIGTERM');
    expect(code).toBe(0);

    const operation = only(await collected.has('mutation SendMessage'));
    const run = only(await collected.has('run'));
    const [refused, chatted] = await collected.has('chat claude-test', 2);
    const settled = only(await collected.has('settle'));
    expect(operation).toMatchObject({ parentSpanId: 'b7ad6b7169203331', kind: 2 });
    expect(run.parentSpanId).toBe(operation.spanId);
    expect([refused?.parentSpanId, chatted?.parentSpanId, settled.parentSpanId]).toEqual(Array(3).fill(run.spanId));
    for (const { traceId } of [operation, run, refused, chatted, settled] as CollectedSpan[])
      expect(traceId).toBe('0af7651916cd43dd8448eb211c80319c');

    expect(refused).toMatchObject({ status: { code: ERROR }, attributes: { 'error.type': 'OVERLOADED' } });
    expect(chatted).toMatchObject({
      kind: 3,
      events: [{ name: 'first token' }],
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'anthropic',
        'gen_ai.request.model': 'claude-test',
        'gen_ai.usage.input_tokens': expect.any(Number),
        'gen_ai.usage.output_tokens': expect.any(Number),
      },
    });
    expect(chatted?.status.code ?? 0).not.toBe(ERROR);
    expect(run.attributes).toMatchObject({
      'confab.run.status': 'COMPLETED',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-test',
      'gen_ai.usage.output_tokens': expect.any(Number),
    });
    expect(run.events).toMatchObject([{ name: 'retry', attributes: { 'error.type': 'OVERLOADED' } }]);
    expect(run.status.code ?? 0).not.toBe(ERROR);

    const all = collected.bodies.join();
    expect(all).toContain('confab-under-test');
    const { cookie = '' } = ann.headers;
    const session = cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf('=') + 20);
    expect(session).not.toBe('');
    for (const word of ['Quagmire', 'Xylophone', 'Zeppelin', ann.email, ann.password, KEY, session])
      expect(all).not.toContain(word);
  });

  test('that failed is an error in its trace, by its code; a stopped run is no error', async () => {
    await using _confab = await start();
    const ann = await person('ann');
    model.next(cutsAfter('Half an ans'));
    await ann.asks('Say something.');

    const failed = only(await collected.has('run'));
    expect(failed.status).toMatchObject({ code: ERROR, message: 'UPSTREAM_CUT' });
    expect(failed.attributes).toMatchObject({ 'confab.run.status': 'FAILED', 'error.type': 'UPSTREAM_CUT' });
    expect(only(await collected.has('chat claude-test')).status.code).toBe(ERROR);

    model.hold().begin().write('Once ');
    const { run } = await ann.sends('Tell me a story.');
    await ann.follows(run.id).next();
    await ann.stops(run.id);

    const [, stopped] = await collected.has('run', 2);
    expect(stopped?.attributes).toMatchObject({ 'confab.run.status': 'STOPPED' });
    expect(stopped?.status.code ?? 0).not.toBe(ERROR);
    const [, chatted] = await collected.has('chat claude-test', 2);
    expect(chatted?.status.code ?? 0).not.toBe(ERROR);
  });

  test('that another process settles stays in the trace of its operation', async () => {
    const first = await start();
    const ann = await person('ann');
    const held = model.hold().begin();
    await ann.sends('Tell me a story.');
    await held.arrived;
    const operation = only(await collected.has('mutation SendMessage'));
    await first.kill('SIGKILL');

    await using _second = await start();
    const settled = only(await collected.has('settle'));
    expect(settled).toMatchObject({
      traceId: operation.traceId,
      parentSpanId: operation.spanId,
      status: { code: ERROR, message: 'INTERRUPTED' },
    });
  });
});

test(
  'a collector that is away costs nobody an answer, and does not hold up the end',
  { timeout: 120_000 },
  async () => {
    const confab = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
    const ann = await person('ann');
    model.next(says('Here I am.'));
    expect((await ann.asks('Are you there?')).events.at(-1)).toMatchObject({ __typename: 'MessageEnd' });

    const { code, output } = await confab.kill('SIGTERM');
    expect(code).toBe(0);
    expect(output).not.toContain('Are you there?');
  },
);
