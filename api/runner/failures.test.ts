import { beforeAll, describe, expect, test, vi } from 'vitest';

import { testServer, useConfab } from '../testing/confab.ts';
import { CreateAgent, RunById, Thread } from '../testing/documents.ts';
import {
  type Answer,
  cutsAfter,
  endsAfter,
  fails,
  failsAfter,
  garblesAfter,
  hangsUp,
  saidTo,
  says,
  stopsAt,
  type Wire,
} from '../testing/model-server.ts';
import { onlyAnswer, type Person, person, wordsOf } from '../testing/person.ts';
import { agentsByForm, wireForms } from '../testing/wire-forms.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { log } from '../log.ts';
import { ProviderFailure } from '../providers/provider.ts';
import { providers } from '../providers/providers.ts';
import { pauseBefore } from './perform.ts';

useConfab({ hasOpenAi: true });

let ada: Person;
let agents: Map<string, string>;

beforeAll(async () => {
  ada = await person('ada');
  agents = await agentsByForm(ada);
});

const Stop = graphql(`
  mutation StopWhileWaiting($input: StopRunInput!) {
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

const AgentLimits = graphql(`
  query AgentLimits($id: ID!) {
    node(id: $id) {
      ... on Agent {
        contextWindow
        maxOutputTokens
      }
    }
  }
`);

/** At once, so that a test need not wait for the pauses between tries. */
const soon = { 'retry-after': '0' };

describe.each(wireForms)('asked in the form of %s', (form, { provider }, setting) => {
  let agentId: string;

  beforeAll(() => {
    agentId = agents.get(form) ?? '';
  });

  describe('after the first words a failure ends the run, with the words kept', () => {
    test.for([
      ['the stream ends in good order before its end', endsAfter('Half an '), 'UPSTREAM_CUT'],
      ['the connection breaks', cutsAfter('Half an '), 'UPSTREAM_CUT'],
      ['the provider is overloaded', failsAfter('overloaded_error', 'Half an '), 'OVERLOADED'],
      ['the provider has a fault', failsAfter('api_error', 'Half an '), 'UPSTREAM_ERROR'],
      ['what comes cannot be read', garblesAfter('Half an '), 'UPSTREAM_MALFORMED'],
    ] as const)('%s', async ([, answer, code]) => {
      const ann = await person('ann');
      const { model } = testServer();
      const before = model.calls.length;
      model.next(answer);

      const { events, run } = await ann.asks('Say something.', undefined, { agentId });

      expect(run.provider).toBe(provider);
      expect(wordsOf(events)).toBe('Half an ');
      expect(events.at(-1)).toMatchObject({
        __typename: 'RunError',
        code,
        retryable: true,
        message: { content: 'Half an ' },
      });
      expect(model.calls.length - before).toBe(1);
      const { node } = await ann.ask(RunById, { id: run.id });
      expect(node).toMatchObject({ status: 'FAILED', failure: { code, retryable: true }, stopReason: null });
    });
  });

  describe('before the first word the run tries again', () => {
    test.for([
      ['overloaded, in the status', fails(529, 'overloaded_error', soon)],
      ['overloaded, in the stream', failsAfter('overloaded_error')],
      ['over the limit', fails(429, 'rate_limit_error', soon)],
      ['a fault of the provider', fails(500, 'api_error', soon)],
      ['a connection that is closed without a word', hangsUp()],
    ] as const)('%s', async ([, failure]) => {
      const ann = await person('ann');
      const { model } = testServer();
      const before = model.calls.length;
      model.next(failure, says('Here I am.'));

      const { events } = await ann.asks('Are you there?', undefined, { agentId });

      expect(wordsOf(events)).toBe('Here I am.');
      expect(events.at(-1)).toMatchObject({ __typename: 'MessageEnd', run: { status: 'COMPLETED' } });
      expect(model.calls.length - before).toBe(2);
    });

    test('four times at most', async () => {
      const ann = await person('ann');
      const { model } = testServer();
      const before = model.calls.length;
      model.next(...Array.from({ length: 5 }, () => fails(529, 'overloaded_error', soon)));

      const { events } = await ann.asks('Are you there?', undefined, { agentId });

      expect(events.at(-1)).toMatchObject({ __typename: 'RunError', code: 'OVERLOADED', retryable: true });
      expect(model.calls.length - before).toBe(5);
    });

    test('not where the provider asks for more patience than a person has', async () => {
      const ann = await person('ann');
      const { model } = testServer();
      const before = model.calls.length;
      model.next(fails(429, 'rate_limit_error', { 'retry-after': '3600' }));
      const { events } = await ann.asks('Are you there?', undefined, { agentId });
      expect(events.at(-1)).toMatchObject({ code: 'RATE_LIMITED' });
      expect(model.calls.length - before).toBe(1);
    });

    test('and stopping ends the waiting', async () => {
      const ann = await person('ann');
      const { model } = testServer();
      const before = model.calls.length;
      model.next(fails(529, 'overloaded_error', { 'retry-after': '25' }));
      const { run } = await ann.sends('Are you there?', undefined, { agentId });
      await expect.poll(() => model.calls.length - before).toBe(1);
      expect(await ann.ask(Stop, { input: { id: run.id } })).toMatchObject({ stopRun: { run: { status: 'STOPPED' } } });
      expect(model.calls.length - before).toBe(1);
    });
  });

  test('whatever kind its numbers have, the run ends with its words', async () => {
    const ann = await person('ann');
    const { model } = testServer();
    for (const odd of [null, true, '10', 'many', -1, 2 ** 31, 1e30, 1.5, [], {}]) {
      model.next((wire) => {
        const body = wire.speech.say('Hello') + wire.speech.stop();
        wire.send(body.replaceAll(/"(\w+_tokens)":\d+/g, `"$1":${JSON.stringify(odd)}`));
        wire.finish();
      });
      const { events, run } = await ann.asks('Speak.', undefined, { agentId });
      expect(events.at(-1), JSON.stringify(odd)).toMatchObject({
        __typename: 'MessageEnd',
        message: { content: 'Hello' },
        run: { status: 'COMPLETED' },
      });
      const { node } = await ann.ask(RunById, { id: run.id });
      const { inputTokens = 0, outputTokens = 0 } = (node?.__typename === 'Run' && node.usage) || {};
      expect([inputTokens, outputTokens], JSON.stringify(odd)).toEqual([0, 0]);
    }
  });

  describe('what cannot be helped is not tried again', () => {
    test.for([
      [401, 'PROVIDER_AUTH', setting],
      [403, 'PROVIDER_AUTH', setting],
      [400, 'INVALID_REQUEST', 'administrator'],
      [404, 'INVALID_REQUEST', 'administrator'],
    ] as const)('HTTP %i is %s', async ([status, code, word]) => {
      const ann = await person('ann');
      const { model } = testServer();
      const before = model.calls.length;
      model.next(fails(status));
      const { events } = await ann.asks('Are you there?', undefined, { agentId });
      expect(events.at(-1)).toMatchObject({ code, retryable: false, reason: expect.stringContaining(word) as string });
      expect(model.calls.length - before).toBe(1);
    });
  });

  describe('an end that is not a failure', () => {
    test.for([
      ['max_tokens', 'MAX_TOKENS', 'MAX_TOKENS'],
      ['refusal', 'REFUSAL', 'REFUSAL'],
      // OpenAI has no names for these two.
      ['model_context_window_exceeded', 'CONTEXT_WINDOW', 'MAX_TOKENS'],
      ['stop_sequence', 'STOP_SEQUENCE', 'END_TURN'],
    ] as const)('%s', async ([wire, ofAnthropic, ofOpenAi]) => {
      const stopReason = form === 'Anthropic' ? ofAnthropic : ofOpenAi;
      const ann = await person('ann');
      testServer().model.next(stopsAt(wire, 'So far'));
      const { events } = await ann.asks('Speak.', undefined, { agentId });
      expect(events.at(-1)).toMatchObject({
        __typename: 'MessageEnd',
        run: { status: 'COMPLETED', stopReason },
        message: { content: 'So far' },
      });
    });

    test('a refusal without a word', async () => {
      const ann = await person('ann');
      testServer().model.next(stopsAt('refusal'));
      const { events } = await ann.asks('Speak.', undefined, { agentId });
      expect(events.map((event) => event.__typename)).toEqual(['MessageStart', 'MessageEnd']);
      expect(events.at(-1)).toMatchObject({ run: { stopReason: 'REFUSAL' }, message: { content: '' } });
    });
  });
});

describe('an answer that is longer than its limit allows', () => {
  test.for(wireForms)('in the form of %s, is cut there, and the connection closed', async ([form, wishes]) => {
    const input = { handle: `brief-${form.toLowerCase()}`, name: 'Brief', ...wishes, maxOutputTokens: 10 };
    const { createAgent } = await ada.ask(CreateAgent, { input });
    if (createAgent.__typename !== 'CreateAgentPayload') throw new Error(JSON.stringify(createAgent));
    const held = Promise.withResolvers<Wire>();
    testServer().model.next((wire) => {
      held.resolve(wire);
      wire.say('t'.repeat(60), 'thinking');
      wire.say('x');
      for (let word = 0; word < 200; word += 1) wire.say('😀😀');
    });

    const { events } = await ada.asks('Speak.', undefined, { agentId: createAgent.agent.id });

    await (
      await held.promise
    ).gone;
    // 160 code units: 60 of the thought, and 99 of 100, since the last would be half a character.
    expect(events.at(-1)).toMatchObject({
      __typename: 'MessageEnd',
      message: { content: `x${'😀'.repeat(49)}` },
      run: { status: 'COMPLETED', stopReason: 'MAX_TOKENS' },
    });
  });
});

describe('a model that holds 8,192 tokens', () => {
  test.for(wireForms)(
    'in the form of %s, answers at a fresh installation, and is told so much from then on',
    async ([form]) => {
      const ann = await person('ann');
      const { model } = testServer();
      const message =
        form === 'Anthropic'
          ? 'input length and `max_tokens` exceed context limit: 150 + 16000 > 8192, decrease input length or `max_tokens` and try again'
          : "'max_tokens' or 'max_completion_tokens' is too large: 16000. This model's maximum context length is 8192 tokens and your request has 150 input tokens (16000 > 8192 - 150).";
      const before = model.calls.length;
      using warned = vi.spyOn(log, 'warn');
      model.next(fails(400, 'invalid_request_error', {}, message), says('Hello'), says('Again'));
      const agentId = agents.get(form) ?? '';
      const { events, chat } = await ann.asks('Speak.', undefined, { agentId });
      expect(wordsOf(events)).toBe('Hello');
      expect(events.at(-1)).toMatchObject({ __typename: 'MessageEnd', run: { status: 'COMPLETED' } });
      expect(wordsOf((await ann.asks('And now?', chat.id, { agentId })).events)).toBe('Again');
      const asked = model.calls.slice(before).map(({ body }) => body.max_tokens);
      expect(asked).toEqual([16_000, 8_042, expect.any(Number)]);
      expect(asked[2]).toBeLessThan(8_192);
      expect(asked[2]).toBeGreaterThan(4_000);
      // The administrator is told, on the page and in the log.
      const { node } = await ada.ask(AgentLimits, { id: agentId });
      expect(node).toEqual({ contextWindow: 8_192, maxOutputTokens: 16_000 });
      expect(warned).toHaveBeenCalledWith(
        expect.objectContaining({ contextTokens: 8_192, askedFor: 16_000, askedAgainFor: 8_042 }),
        expect.stringContaining('An administrator can lower'),
      );
    },
  );

  test('is sent less of a chat that is too long', async () => {
    const ann = await person('ann');
    const { model } = testServer();
    const agentId = await freshAgent('small-model');
    model.next(says('I see.'));
    const { chat } = await ann.asks('x '.repeat(8_000), undefined, { agentId });
    const before = model.calls.length;
    const message = 'request (9412 tokens) exceeds the available context size (8192 tokens), try increasing it';
    model.next(fails(400, 'exceed_context_size_error', {}, message), says('Short.'));
    const { events, run } = await ann.asks('And now?', chat.id, { agentId });
    expect(wordsOf(events)).toBe('Short.');
    expect(model.calls.slice(before).map((call) => saidTo(call).length)).toEqual([3, 1]);
    const { node } = await ann.ask(RunById, { id: run.id });
    expect(node).toMatchObject({ status: 'COMPLETED', omittedMessageCount: 2 });
  });
});

test('a run names the model that answered, where it was not the one asked for', async () => {
  const ann = await person('ann');
  const { model } = testServer();
  using _stream = vi.spyOn(providers.ECHO, 'stream').mockImplementation(async function* () {
    yield await Promise.resolve({ type: 'model', model: 'another' } as const);
    yield { type: 'delta', part: 0, kind: 'TEXT', text: 'Hello' };
    yield { type: 'end', stopReason: 'END_TURN' };
  });
  const { run } = await ann.asks('Speak.', undefined, { agentId: await freshAgent(null, 'ECHO') });
  expect((await ann.ask(RunById, { id: run.id })).node).toMatchObject({ model: 'another' });
  expect(model.calls.some(({ body }) => body.model === 'another')).toBe(false);
});

async function freshAgent(model: string | null, provider: 'OPENAI' | 'ECHO' = 'OPENAI'): Promise<string> {
  const input = { handle: `a-${crypto.randomUUID().slice(0, 12)}`, name: 'Small', provider, model };
  const { createAgent } = await ada.ask(CreateAgent, { input });
  if (createAgent.__typename !== 'CreateAgentPayload') throw new Error(JSON.stringify(createAgent));
  return createAgent.agent.id;
}

describe('the pauses between tries', () => {
  test('grow, and are spread by chance', () => {
    const busy = new ProviderFailure('OVERLOADED', 'Not now.', { retryable: true });
    for (const [retries, middle] of [250, 500, 1_000, 2_000].entries()) {
      const pauses = Array.from({ length: 200 }, () => pauseBefore(busy, retries) ?? 0);
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(0.5 * middle);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(1.5 * middle);
      expect(new Set(pauses).size).toBeGreaterThan(100);
    }
    expect(pauseBefore(busy, 4)).toBeUndefined();
  });

  test('are as long as the provider asks for, up to 30 s', () => {
    const asking = (retryAfterMs: number) =>
      new ProviderFailure('OVERLOADED', 'Not now.', { retryable: true, retryAfterMs });
    for (const retries of [0, 3]) {
      expect(pauseBefore(asking(0), retries)).toBe(0);
      expect(pauseBefore(asking(7_000), retries)).toBe(7_000);
      expect(pauseBefore(asking(30_000), retries)).toBe(30_000);
      expect(pauseBefore(asking(30_001), retries)).toBeUndefined();
    }
    // It is patience that it asks for, not a fifth try, nor one that is in vain.
    expect(pauseBefore(asking(7_000), 4)).toBeUndefined();
    const lasting = new ProviderFailure('PROVIDER_AUTH', 'Never.', { retryable: false, retryAfterMs: 7_000 });
    expect(pauseBefore(lasting, 0)).toBeUndefined();
  });

  test('are kept', async () => {
    const ann = await person('ann');
    const { model } = testServer();
    const askedAt: number[] = [];
    const noting =
      (answer: Answer): Answer =>
      (wire, call) => {
        askedAt.push(performance.now());
        return answer(wire, call);
      };
    model.next(...[fails(529), fails(529), says('Now.')].map(noting));
    expect(wordsOf((await ann.asks('Are you there?')).events)).toBe('Now.');
    const [first = 0, second = 0, third = 0] = askedAt;
    // Timers may be a millisecond early.
    expect(second - first).toBeGreaterThan(0.5 * 250 - 2);
    expect(third - second).toBeGreaterThan(0.5 * 500 - 2);
  });
});

test('a failed answer is tried again in its place, and no model is sent it', async () => {
  const Regenerate = graphql(`
    mutation RetryFailed($input: RegenerateAnswerInput!) {
      regenerateAnswer(input: $input) {
        __typename
        ... on Error {
          reason
        }
        ... on RegenerateAnswerPayload {
          runs {
            id
          }
          answers {
            id
            parent {
              id
            }
          }
        }
      }
    }
  `);
  const ann = await person('ann');
  const { model } = testServer();
  model.next(cutsAfter('Bro'), says('Whole.'), says('Later.'));
  const { message, answer, chat } = await ann.asks('Say something.');

  const clientId = crypto.randomUUID();
  const { regenerateAnswer } = await ann.ask(Regenerate, { input: { messageId: answer.id, clientId } });
  if (regenerateAnswer.__typename !== 'RegenerateAnswerPayload') throw new Error(JSON.stringify(regenerateAnswer));
  const again = await ann.ask(Regenerate, { input: { messageId: answer.id, clientId } });
  expect(again.regenerateAnswer).toMatchObject({ runs: [{ id: regenerateAnswer.runs[0]?.id }] });
  expect(regenerateAnswer.answers[0]?.parent?.id).toBe(message.id);
  expect(wordsOf(await Array.fromAsync(ann.follows(onlyAnswer(regenerateAnswer).run.id)))).toBe('Whole.');

  const { chat: seen } = await ann.ask(Thread, { chatId: chat.id, last: 50 });
  expect(seen?.messages.edges.map(({ node }) => node.content)).toEqual(['Say something.', 'Whole.']);

  await ann.asks('And then?', chat.id);
  const texts = saidTo(model.calls.at(-1)!);
  expect(texts).toEqual(['Say something.', 'Whole.', 'And then?']);
});

test('a failed answer that stays in the thread is not sent to a model', async () => {
  const ann = await person('ann');
  const { model } = testServer();
  model.next(cutsAfter('Bro'), says('Better.'));
  const { chat } = await ann.asks('One.');
  await ann.asks('Two.', chat.id);
  const texts = saidTo(model.calls.at(-1)!);
  expect(texts.join('|')).toBe('One.|Two.');
});
