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

/** All forms at once, to be patient once: the answers' ends, by the forms' names. */
async function everyFormAsks() {
  const ann = await person('ann');
  const asked = wireForms.map(async ([form]) => {
    const { events, run } = await ann.asks('Say something.', undefined, { agentId: agents.get(form) ?? '' });
    const { node } = await ann.ask(RunById, { id: run.id });
    return { form, words: wordsOf(events), last: events.at(-1), node };
  });
  return Promise.all(asked);
}

const silent = {
  last: { __typename: 'RunError', code: 'UPSTREAM_SILENT', retryable: true },
  node: { status: 'FAILED', failure: { code: 'UPSTREAM_SILENT', retryable: true }, stopReason: null },
};

test('after the first words: the run fails, with the words kept, and is not tried again', async () => {
  const { model } = testServer();
  model.otherwise(silentAfter('Half an '));

  for (const { form, ...end } of await everyFormAsks()) {
    expect(end, form).toMatchObject({ words: 'Half an ', ...silent });
    expect(end.node, form).toMatchObject({ message: { content: 'Half an ' } });
  }
  expect(model.calls).toHaveLength(wireForms.length);
});

test('before its headers: it is given up after the silence', async () => {
  testServer().model.otherwise(neverAnswers());

  for (const { form, ...end } of await everyFormAsks()) expect(end, form).toMatchObject({ words: '', ...silent });
});
