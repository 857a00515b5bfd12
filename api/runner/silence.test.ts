/** A provider that falls silent. In a file of its own: to a patience as short as this, a machine that stalls looks the same. */
import { beforeAll, expect, test } from 'vitest';

import { testServer, useConfab } from '../testing/confab.ts';
import { RunById } from '../testing/documents.ts';
import { neverAnswers, silentAfter } from '../testing/model-server.ts';
import { person, wordsOf } from '../testing/person.ts';
import { agentsByForm, wireForms } from '../testing/wire-forms.ts';

useConfab({ silenceMs: 2_000, hasOpenAi: true });

let agents: Map<string, string>;

beforeAll(async () => {
  agents = await agentsByForm();
});

/** All forms at once, to be patient once. */
async function everyFormAsks() {
  const ann = await person('ann');
  const { model } = testServer();
  const before = model.calls.length;
  const ends = wireForms.map(async ([form]) => {
    const { events, run } = await ann.asks('Say something.', undefined, { agentId: agents.get(form) ?? '' });
    const { node } = await ann.ask(RunById, { id: run.id });
    return { form, words: wordsOf(events), last: events.at(-1), node };
  });
  return { ends: await Promise.all(ends), calls: model.calls.length - before };
}

/** How each is to end. */
function silentAfterSaying(content: string) {
  const failure = { code: 'UPSTREAM_SILENT', retryable: true };
  return {
    words: content,
    last: { __typename: 'RunError', ...failure },
    node: { status: 'FAILED', failure, stopReason: null, message: { content } },
  };
}

test.for([
  ['after the first words', silentAfter('Half an '), 'Half an '],
  ['before its headers', neverAnswers(), ''],
] as const)('%s: the run fails, keeps its words, and does not try again', async ([, answer, words]) => {
  testServer().model.otherwise(answer);

  const { ends, calls } = await everyFormAsks();

  for (const { form, ...end } of ends) expect(end, form).toMatchObject(silentAfterSaying(words));
  expect(calls).toBe(wireForms.length);
});
