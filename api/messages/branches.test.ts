/** The tree of a chat: answers and questions beside each other, the way that is looked at, and answers that go on. */
import { beforeAll, describe, expect, test } from 'vitest';

import { useConfab, testServer } from '../testing/confab.ts';
import { Branches, ContinueAnswer, ListAgents, RegenerateAnswer, RunById, SelectBranch } from '../testing/documents.ts';
import { cutsAfter, failsAfter, says, stopsAt } from '../testing/model-server.ts';
import { onlyAnswer, type Person, person, wordsOf } from '../testing/person.ts';

useConfab();

let ann: Person;
let bob: Person;

beforeAll(async () => {
  ann = await person('ann');
  bob = await person('bob');
});

/** Three questions, each answered. */
async function talk() {
  const { model } = testServer();
  model.next(says('A1.'), says('A2.'), says('A3.'));
  const first = await ann.asks('Q1');
  const second = await ann.asks('Q2', first.chat.id);
  const third = await ann.asks('Q3', first.chat.id);
  return { chatId: first.chat.id, first, second, third };
}

async function thread(person: Person, chatId: string) {
  const { chat } = await person.ask(Branches, { chatId });
  return chat?.messages.nodes ?? [];
}

async function contents(chatId: string): Promise<string[]> {
  return (await thread(ann, chatId)).map(({ content }) => content);
}

async function selects(who: Person, messageId: string) {
  return (await who.ask(SelectBranch, { input: { messageId } })).selectBranch;
}

async function regenerates(messageId: string, agentId?: string) {
  const input = { messageId, clientId: crypto.randomUUID(), ...(agentId && { agentId }) };
  const { regenerateAnswer } = await ann.ask(RegenerateAnswer, { input });
  if (regenerateAnswer.__typename !== 'RegenerateAnswerPayload') throw new Error(JSON.stringify(regenerateAnswer));
  const asked = onlyAnswer(regenerateAnswer);
  return { ...asked, events: await Array.fromAsync(ann.follows(asked.run.id)) };
}

async function continues(messageId: string, clientId = crypto.randomUUID()) {
  return (await ann.ask(ContinueAnswer, { input: { messageId, clientId } })).continueAnswer;
}

/** What the model was sent last. */
function told(): { role: string; text: string }[] {
  const messages = testServer().model.calls.at(-1)?.body.messages ?? [];
  return messages.map(({ role, content }) => ({ role, text: content.map(({ text }) => text).join('') }));
}

describe('a question in the middle that is said differently', () => {
  test('keeps the old branch whole, and one can go back to it and on in it', async () => {
    const { chatId, first, second } = await talk();
    testServer().model.next(says('A2, differently.'));
    const again = await ann.asks('Q2, differently', chatId, { parentId: first.answer.id });

    expect(await contents(chatId)).toEqual(['Q1', 'A1.', 'Q2, differently', 'A2, differently.']);
    expect((await thread(ann, chatId))[2]?.siblings.map(({ content }) => content)).toEqual(['Q2', 'Q2, differently']);

    expect(await selects(ann, second.message.id)).toMatchObject({ __typename: 'SelectBranchPayload' });
    expect(await contents(chatId)).toEqual(['Q1', 'A1.', 'Q2', 'A2.', 'Q3', 'A3.']);
    const [, , middle, answer] = await thread(ann, chatId);
    expect(middle?.siblings.map(({ id }) => id)).toEqual([second.message.id, again.message.id]);
    expect(answer?.siblings.map(({ content, run }) => [content, run?.status])).toEqual([['A2.', 'COMPLETED']]);

    testServer().model.next(says('A4.'));
    await ann.asks('Q4', chatId);
    expect(await contents(chatId)).toEqual(['Q1', 'A1.', 'Q2', 'A2.', 'Q3', 'A3.', 'Q4', 'A4.']);
    await selects(ann, again.message.id);
    expect(await contents(chatId)).toEqual(['Q1', 'A1.', 'Q2, differently', 'A2, differently.']);
    // Back again, the newest below it is in sight.
    await selects(ann, second.message.id);
    expect((await contents(chatId)).at(-1)).toBe('A4.');
  });

  test('at the very beginning it stands beside the first', async () => {
    const { chatId, first } = await talk();
    testServer().model.next(says('Again.'));
    await ann.asks('Q1, again', chatId, { parentId: null });
    expect(await contents(chatId)).toEqual(['Q1, again', 'Again.']);
    expect((await thread(ann, chatId))[0]?.siblings.map(({ content }) => content)).toEqual(['Q1', 'Q1, again']);
    await selects(ann, first.answer.id);
    expect(await contents(chatId)).toEqual(['Q1', 'A1.', 'Q2', 'A2.', 'Q3', 'A3.']);
  });

  test('another person sees no branch and can choose none', async () => {
    const { chatId, second } = await talk();
    expect(await selects(bob, second.message.id)).toMatchObject({ __typename: 'NotFoundError' });
    expect(await selects(ann, 'Message_0')).toMatchObject({ __typename: 'NotFoundError' });
    expect(await contents(chatId)).toEqual(['Q1', 'A1.', 'Q2', 'A2.', 'Q3', 'A3.']);
  });
});

test('an answer in the middle is given again, by another agent too, and what followed stays with the old one', async () => {
  const { chatId, first } = await talk();
  const echo = (await ann.ask(ListAgents, {})).agents.find(({ handle }) => handle === 'echo')?.id ?? '';
  const again = await regenerates(first.answer.id, echo);
  expect(wordsOf(again.events)).toContain('Q1');
  expect((await contents(chatId)).length).toBe(2);
  expect((await thread(ann, chatId))[1]?.siblings.map(({ id }) => id)).toEqual([first.answer.id, again.answer.id]);
  await selects(ann, first.answer.id);
  expect(await contents(chatId)).toEqual(['Q1', 'A1.', 'Q2', 'A2.', 'Q3', 'A3.']);
});

describe('an answer that broke off', () => {
  test('at the model’s limit goes on below, and the model is asked to', async () => {
    const { model } = testServer();
    model.next(stopsAt('max_tokens', 'The first ha'), says('lf and the second.'));
    const { chat, message, answer, run } = await ann.asks('Tell me all.');
    const more = await continues(answer.id);
    if (more.__typename !== 'ContinueAnswerPayload') throw new Error(JSON.stringify(more));
    expect(wordsOf(await Array.fromAsync(ann.follows(onlyAnswer(more).run.id)))).toBe('lf and the second.');
    expect(more).toMatchObject({ answers: [{ parent: { id: answer.id } }], runs: [{ trigger: { id: answer.id } }] });
    expect(await contents(chat.id)).toEqual(['Tell me all.', 'The first ha', 'lf and the second.']);

    const asked = told();
    expect(asked.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(asked.at(-1)?.text).toContain('Go on from exactly where it ends');
    const { node } = await ann.ask(RunById, { id: onlyAnswer(more).run.id });
    expect(node).toMatchObject({ isCut: false, history: [{ id: message.id }, { id: answer.id }] });
    const { node: broken } = await ann.ask(RunById, { id: run.id });
    expect(broken).toMatchObject({ isCut: true, initiator: { id: expect.stringMatching(/^Person_/) as string } });

    // Later questions see both halves, and nothing of our own asking.
    model.next(says('Yes.'));
    await ann.asks('Is that all?', chat.id);
    expect(told().map(({ text }) => text)).toEqual(['Tell me all.', 'The first half and the second.', 'Is that all?']);
  });

  test('after a stop goes on once for one request', async () => {
    const { model } = testServer();
    const held = model.hold();
    const { run, answer, chat } = await ann.sends('Never end.');
    held.begin().write('Half ');
    for await (const event of ann.follows(run.id)) if (wordsOf([event]) === 'Half ') await ann.stops(run.id);
    model.next(says('and half.'));
    const clientId = crypto.randomUUID();
    const [one, two] = [await continues(answer.id, clientId), await continues(answer.id, clientId)];
    if (one.__typename !== 'ContinueAnswerPayload' || two.__typename !== 'ContinueAnswerPayload') throw new Error();
    expect(onlyAnswer(two).run.id).toBe(onlyAnswer(one).run.id);
    await ann.waitsForAnswers(chat.id);
    expect(await contents(chat.id)).toEqual(['Never end.', 'Half ', 'and half.']);
  });

  test('of the echo goes on where it was', async () => {
    const echo = (await ann.ask(ListAgents, {})).agents.find(({ handle }) => handle === 'echo')?.id ?? '';
    const words = Array.from({ length: 2_000 }, (_, index) => `word${index}`).join(' ');
    const { run, answer, chat } = await ann.sends(words, undefined, { agentId: echo });
    for await (const event of ann.follows(run.id)) if (event.__typename === 'ContentDelta') await ann.stops(run.id);
    const more = await continues(answer.id);
    if (more.__typename !== 'ContinueAnswerPayload') throw new Error(JSON.stringify(more));
    expect(onlyAnswer(more).run.agent?.handle).toBe('echo');
    await ann.waitsForAnswers(chat.id);
    const [, half = '', rest = ''] = await contents(chat.id);
    expect(half).not.toContain('word1999');
    expect((half + rest).endsWith(words)).toBe(true);
  });

  test('by a fault in the middle goes on below; without a word there is nothing to go on with', async () => {
    const { model } = testServer();
    model.next(cutsAfter('One, two, '), says('three.'), failsAfter('invalid_request_error'));
    const { chat, answer } = await ann.asks('Count to three.');
    const more = await continues(answer.id);
    if (more.__typename !== 'ContinueAnswerPayload') throw new Error(JSON.stringify(more));
    await ann.waitsForAnswers(chat.id);
    expect(await contents(chat.id)).toEqual(['Count to three.', 'One, two, ', 'three.']);
    expect(told().at(-1)?.text).toContain('Go on from exactly where it ends');

    const empty = await ann.asks('And four.', chat.id);
    expect(await continues(empty.answer.id)).toMatchObject({
      __typename: 'ForbiddenError',
      code: 'ANSWER_NOT_CUT',
      reason: 'Only an answer that broke off can be continued.',
    });
  });

  test('is the only one that can be continued: not a whole one, nor another person’s', async () => {
    const { model } = testServer();
    model.next(says('All.'));
    const whole = await ann.asks('Say all.');
    expect(await continues(whole.answer.id)).toMatchObject({
      __typename: 'ForbiddenError',
      code: 'ANSWER_NOT_CUT',
      reason: 'Only an answer that broke off can be continued.',
    });
    expect(await continues(whole.message.id)).toMatchObject({ __typename: 'NotFoundError' });
    const input = { messageId: whole.answer.id, clientId: crypto.randomUUID() };
    expect((await bob.ask(ContinueAnswer, { input })).continueAnswer).toMatchObject({ __typename: 'NotFoundError' });
  });
});

test('siblings of siblings are refused, in whatever words', async () => {
  const { chat } = await ann.asks('hello');
  for (const below of ['again: siblings { id }', '...F', 'run { message { siblings { id } } }']) {
    const query = `query ($id: ID!) { chat(id: $id) { messages { nodes { siblings { id ${below} } } } } }
      fragment F on Message { siblings { id } }`;
    const asked = below === '...F' ? query : query.slice(0, query.indexOf('fragment'));
    const response = await ann.post('/graphql', { query: asked, variables: { id: chat.id } });
    expect(await response.json(), below).toMatchObject({ errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] });
  }
});
