import { describe, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { rowId } from '../ids.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { ChatById, RegenerateAnswer, SendMessage } from '../testing/documents.ts';
import { type Held, says } from '../testing/model-server.ts';
import { onlyAnswer, type Person, person } from '../testing/person.ts';

useConfab();

async function send(who: Person, chatId: string, clientId: string = crypto.randomUUID()) {
  return (await who.ask(SendMessage, { input: { chatId, content: 'At once.', clientId } })).sendMessage;
}

function chatsOf(who: Person, count: number) {
  return Promise.all(Array.from({ length: count }, () => who.createsChat()));
}

describe('a person has three answers at once', () => {
  test('of many questions at once no more are taken, and the rest are refused with the reason', async () => {
    const ann = await person('ann');
    const bob = await person('bob');
    const { model } = testServer();
    const chats = await chatsOf(ann, 12);
    const held: Held[] = Array.from({ length: 4 }, () => model.hold());

    const answers = await Promise.all(chats.map(({ id }) => send(ann, id)));
    const taken = answers.filter((answer) => answer.__typename === 'SendMessagePayload');
    const refused = answers.filter((answer) => answer.__typename !== 'SendMessagePayload');
    expect(taken).toHaveLength(3);
    expect(refused).toHaveLength(9);
    for (const refusal of refused) {
      expect(refusal).toMatchObject({
        __typename: 'RunLimitError',
        limit: 3,
        reason: expect.stringContaining('3 answers are being written') as string,
      });
    }
    // Written before it turned out that there was no room for an answer, a question went with its transaction.
    const leftAlone = chats.filter((_, index) => answers[index]?.__typename !== 'SendMessagePayload');
    for (const { id, revision, title } of leftAlone) {
      expect(await ann.ask(ChatById, { id })).toMatchObject({ chat: { revision, title, lastMessageAt: null } });
      const chatId = rowId('Chat', id);
      expect([await db.message.count({ where: { chatId } }), await db.run.count({ where: { chatId } })]).toEqual([
        0, 0,
      ]);
    }
    // What stands in the way of one person does not in that of another.
    expect((await bob.sends('And I?')).run.status).not.toBe('FAILED');

    await Promise.all(held.map(({ arrived }) => arrived));
    for (const each of held) each.end();
    await Promise.all(taken.map((sent) => Array.fromAsync(ann.follows(onlyAnswer(sent).run.id))));
    model.next(says('Again.'));
    const [first] = taken;
    const again = await ann.ask(RegenerateAnswer, {
      input: { messageId: first?.answers[0]?.id ?? '', clientId: crypto.randomUUID() },
    });
    expect(again.regenerateAnswer.__typename).toBe('RegenerateAnswerPayload');
    if (again.regenerateAnswer.__typename === 'RegenerateAnswerPayload')
      await Array.fromAsync(ann.follows(onlyAnswer(again.regenerateAnswer).run.id));
  });

  test('another answer counts like a question', async () => {
    const ann = await person('ann');
    const { model } = testServer();
    model.next(says('First.'));
    const { answer } = await ann.asks('First?');
    const held = Array.from({ length: 3 }, () => model.hold());
    const sent = await Promise.all((await chatsOf(ann, 3)).map(({ id }) => send(ann, id)));
    expect(sent.map(({ __typename }) => __typename)).toEqual(Array.from({ length: 3 }, () => 'SendMessagePayload'));
    const { regenerateAnswer } = await ann.ask(RegenerateAnswer, {
      input: { messageId: answer.id, clientId: crypto.randomUUID() },
    });
    expect(regenerateAnswer).toMatchObject({ __typename: 'RunLimitError', limit: 3 });
    for (const each of held) each.end();
  });
});

test('one clientId in many chats at once is sent once, and a conflict in the others', async () => {
  const ann = await person('ann');
  testServer().model.next(says('Once.'));
  const chats = await chatsOf(ann, 5);
  const clientId = crypto.randomUUID();
  const answers = await Promise.all(chats.map(({ id }) => send(ann, id, clientId)));
  const outcomes = Map.groupBy(answers, ({ __typename }) => __typename);
  expect(outcomes.get('SendMessagePayload')).toHaveLength(1);
  expect(outcomes.get('ConflictError')).toHaveLength(4);
});
