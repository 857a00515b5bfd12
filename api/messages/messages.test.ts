import fc from 'fast-check';
import { print } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';

import type { SendMessageInput, ThreadQuery, ThreadQueryVariables } from '../generated/graphql/graphql.ts';
import { db } from '../database/db.ts';
import { bus } from '../bus/bus.ts';
import { rowId } from '../ids.ts';
import { performRun } from '../runner/perform.ts';
import type { AgentRun } from '../runs/agent-run.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import {
  ArchiveChat,
  DeleteChat,
  DeleteMessage,
  EditMessage,
  ListAgents,
  MessageById,
  RegenerateAnswer,
  RestoreChat,
  RunById,
  SendMessage,
  Thread,
  UnarchiveChat,
} from '../testing/documents.ts';
import { says, thinks } from '../testing/model-server.ts';
import { onlyAnswer, type Person, person, wordsOf } from '../testing/person.ts';
import { madeUpThings } from '../testing/samples.ts';

useConfab();

let ann: Person;

beforeAll(async () => {
  testServer().model.otherwise(says('An answer.'));
  ann = await person('ann');
});

test('a message is answered, word for word', async () => {
  testServer().model.next(says('Hello', ', ', 'world.'));

  const { events, message } = await ann.asks('hello');

  expect(message).toMatchObject({ role: 'USER', content: 'hello' });
  expect(events.map((event) => event.__typename)).toMatchObject({
    0: 'MessageStart',
    [events.length - 1]: 'MessageEnd',
  });
  expect(wordsOf(events)).toBe('Hello, world.');
  expect(events.at(-1)).toMatchObject({
    run: { status: 'COMPLETED', stopReason: 'END_TURN' },
    message: { content: 'Hello, world.' },
  });
});

test('what changes nothing raises no revision, and no feed receives it', async () => {
  const chat = await ann.createsChat();
  const sent = { clientId: crypto.randomUUID() };
  const { answer } = await ann.asks('hello', chat.id, sent);
  const again = { messageId: answer.id, clientId: crypto.randomUUID() };
  const { regenerateAnswer } = await ann.ask(RegenerateAnswer, { input: again });
  if (regenerateAnswer.__typename !== 'RegenerateAnswerPayload') throw new Error(regenerateAnswer.__typename);
  await Array.fromAsync(ann.follows(onlyAnswer(regenerateAnswer).run.id));
  const ofChat = { where: { id: rowId('Chat', chat.id) } };
  const before = await db.chat.findUniqueOrThrow(ofChat);
  const run = await db.run.findUniqueOrThrow({ where: { id: rowId('Run', onlyAnswer(regenerateAnswer).run.id) } });
  const heard: string[] = [];
  const stop = bus.listen('chatChanged', (id) => void heard.push(id));

  await ann.sends('hello', chat.id, sent);
  expect(await ann.ask(RegenerateAnswer, { input: again })).toMatchObject({
    regenerateAnswer: { runs: [{ id: onlyAnswer(regenerateAnswer).run.id }] },
  });
  await ann.ask(UnarchiveChat, { id: chat.id });
  await ann.ask(RestoreChat, { id: chat.id });
  // Another node was faster.
  await performRun(run as AgentRun, new AbortController().signal);
  stop();
  expect(heard).toEqual([]);
  expect(await db.chat.findUniqueOrThrow(ofChat)).toEqual(before);
});

describe('sending', () => {
  test('the same request again gives the same message and run', async () => {
    const chat = await ann.createsChat();
    const again = { clientId: crypto.randomUUID() };
    const first = await ann.asks('hello', chat.id, again);
    await ann.asks('something else', chat.id);

    const second = await ann.sends('hello', chat.id, again);
    expect([second.message.id, second.run.id]).toEqual([first.message.id, first.run.id]);
    expect(await contents(ann, chat.id)).toEqual(['hello', 'An answer.', 'something else', 'An answer.']);
  });

  test('only its author receives which request it came from', async () => {
    const chat = await ann.createsChat();
    const clientId = crypto.randomUUID();
    const { message, answer } = await ann.asks('hello', chat.id, { clientId });
    expect([await clientIdOf(ann, message.id), await clientIdOf(ann, answer.id)]).toEqual([clientId, null]);

    const bob = await db.user.findFirstOrThrow({ where: { email: (await person('bob')).email } });
    await db.message.update({ where: { id: rowId('Message', message.id) }, data: { authorId: bob.id } });
    expect(await clientIdOf(ann, message.id)).toBeNull();
  });

  test('the same request many times at once makes one message and one run', async () => {
    const chat = await ann.createsChat();
    const calls = testServer().model.calls.length;
    const held = testServer().model.hold();
    const again = { clientId: crypto.randomUUID() };

    const sent = await Promise.all(Array.from({ length: 5 }, () => ann.sends('hello', chat.id, again)));
    held.write('Hello.').end();
    await ended(ann, sent[0]?.run.id);

    expect(new Set(sent.map(({ message }) => message.id)).size).toBe(1);
    expect(new Set(sent.map(({ run }) => run.id)).size).toBe(1);
    expect(await contents(ann, chat.id)).toEqual(['hello', 'Hello.']);
    expect(testServer().model.calls.length).toBe(calls + 1);
  });

  test('waits for the answer that is being written, and names it', async () => {
    const chat = await ann.createsChat();
    const held = testServer().model.hold();
    const { run, message, answer } = await ann.sends('first', chat.id);
    const inProgress = {
      __typename: 'RunInProgressError',
      code: 'RUN_IN_PROGRESS',
      reason: expect.any(String) as string,
      run: { id: run.id, status: expect.stringMatching(/QUEUED|RUNNING/) as string },
    };

    expect(await tries(ann, { chatId: chat.id, content: 'second' })).toEqual(inProgress);
    expect(await tries(ann, { chatId: chat.id, content: 'beside', parentId: null })).toEqual(inProgress);
    expect(
      (await ann.ask(RegenerateAnswer, { input: { messageId: answer.id, clientId: crypto.randomUUID() } }))
        .regenerateAnswer,
    ).toEqual(inProgress);
    expect((await ann.ask(DeleteMessage, { id: message.id })).deleteMessage).toEqual(inProgress);
    expect((await ann.ask(DeleteMessage, { id: answer.id })).deleteMessage).toEqual(inProgress);

    held.write('Done.').end();
    await ended(ann, run.id);
    await ann.asks('second', chat.id);
    expect(await contents(ann, chat.id)).toEqual(['first', 'Done.', 'second', 'An answer.']);
  });

  test('of many different messages at once one is taken, the others are refused with the reason', async () => {
    const chat = await ann.createsChat();
    const held = testServer().model.hold();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => tries(ann, { chatId: chat.id, content: `try ${index}` })),
    );
    held.write('One.').end();

    expect(answers.filter(({ __typename }) => __typename === 'SendMessagePayload')).toHaveLength(1);
    expect(answers.filter(({ __typename }) => __typename === 'RunInProgressError')).toHaveLength(5);
  });

  test('is forbidden in an archived or deleted chat, and so is all other writing', async () => {
    const { chat, message, answer } = await ann.asks('hello');
    const writes = async () => [
      await tries(ann, { chatId: chat.id, content: 'more' }),
      (await ann.ask(EditMessage, { input: { id: message.id, content: 'other' } })).editMessage,
      (await ann.ask(DeleteMessage, { id: message.id })).deleteMessage,
      (await ann.ask(RegenerateAnswer, { input: { messageId: answer.id, clientId: crypto.randomUUID() } }))
        .regenerateAnswer,
    ];

    await ann.ask(ArchiveChat, { id: chat.id });
    for (const refusal of await writes())
      expect(refusal).toMatchObject({
        __typename: 'ForbiddenError',
        code: 'CHAT_ARCHIVED',
        reason: expect.stringContaining('archived') as string,
      });
    await ann.ask(DeleteChat, { id: chat.id });
    for (const refusal of await writes())
      expect(refusal).toMatchObject({
        __typename: 'ForbiddenError',
        code: 'CHAT_DELETED',
        reason: expect.stringContaining('deleted') as string,
      });
    expect(await contents(ann, chat.id)).toEqual(['hello', 'An answer.']);
  });

  test('to an agent that is not there is not possible', async () => {
    const { id: chatId } = await ann.createsChat();
    for (const agentId of [madeUpThings.agent, 'x', '']) {
      expect(await tries(ann, { chatId, content: 'hello', agentId })).toMatchObject({ __typename: 'NotFoundError' });
    }
    expect(await contents(ann, chatId)).toEqual([]);
  });

  test.each([
    ['nothing', '', 'EMPTY', 'empty', null],
    ['white space', ' \n\t\u00a0', 'EMPTY', 'empty', null],
    ['100,001 characters', 'x'.repeat(100_001), 'TOO_LONG', '100,000', 100_000],
    ['NUL', 'a\0b', 'NOT_STORABLE', 'NUL', null],
    ['half of a character', 'a\ud83d', 'NOT_STORABLE', 'surrogate', null],
    ['the other half', '\ude00b', 'NOT_STORABLE', 'surrogate', null],
  ])('%s is refused, and the code and the reason say why', async (_what, content, code, reason, limit) => {
    const { chat, message } = await ann.asks('hello');
    const refusal = {
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', 'content'], code, reason: expect.stringContaining(reason) as string, limit }],
    };

    expect(await tries(ann, { chatId: chat.id, content })).toMatchObject(refusal);
    expect((await ann.ask(EditMessage, { input: { id: message.id, content } })).editMessage).toMatchObject(refusal);
    expect(await contents(ann, chat.id)).toEqual(['hello', 'An answer.']);
  });

  test.each([
    ['100,000 characters', 'ж'.repeat(100_000)],
    ['right-to-left text with its marks', '\u202bשלום\u202c and \u200fمرحبا\u200e'],
    ['white space around', '  \n  indented\n\n'],
    ['emoji, combining marks and markup', '👩‍👩‍👧‍👦 e\u0301 <script>alert(1)</script> \' " \\ %_ ${x}'],
    ['line ends of all kinds', 'a\r\nb\rc\u2028d\u0085e\u0001'],
  ])('%s is kept to the letter, and told to the model', async (_what, content) => {
    const { chat } = await ann.asks(content);

    expect((await contents(ann, chat.id))[0]).toBe(content);
    expect(told()).toEqual([`user: ${content}`]);
  });

  test('a megabyte is refused with the limits', async () => {
    const { id: chatId } = await ann.createsChat();
    const refusal = await ann.post('/graphql', {
      query: print(SendMessage),
      variables: { input: { chatId, content: 'x'.repeat(1_000_000), clientId: crypto.randomUUID() } },
    });

    expect(refusal.status).toBe(413);
    expect(await refusal.text()).toMatch(/640 KiB.*100,000 characters/);
    expect(await contents(ann, chatId)).toEqual([]);
  });
});

describe('editing', () => {
  test('keeps the first wording, and the model is sent the new one', async () => {
    const { chat, message } = await ann.asks('My name is Ann.');
    const { editMessage } = await ann.ask(EditMessage, { input: { id: message.id, content: 'My name is Bea.' } });

    expect(editMessage).toMatchObject({
      message: {
        id: message.id,
        content: 'My name is Ann.',
        editedContent: 'My name is Bea.',
        editedAt: expect.any(String) as string,
      },
    });
    await ann.asks('What is my name?', chat.id);
    expect(told()).toEqual(['user: My name is Bea.', 'assistant: An answer.', 'user: What is my name?']);

    await ann.ask(EditMessage, { input: { id: message.id, content: 'My name is Cleo.' } });
    expect(await ann.ask(MessageById, { id: message.id })).toMatchObject({
      node: { content: 'My name is Ann.', editedContent: 'My name is Cleo.' },
    });
  });

  test('an answer is forbidden, and a deleted message is not there', async () => {
    const { message, answer } = await ann.asks('hello');

    expect((await ann.ask(EditMessage, { input: { id: answer.id, content: 'I won.' } })).editMessage).toMatchObject({
      __typename: 'ForbiddenError',
    });
    expect(await ann.ask(MessageById, { id: answer.id })).toMatchObject({
      node: { content: 'An answer.', editedContent: null },
    });
    await ann.ask(DeleteMessage, { id: message.id });
    expect((await ann.ask(EditMessage, { input: { id: message.id, content: 'x' } })).editMessage).toMatchObject({
      __typename: 'NotFoundError',
    });
  });
});

describe('deleting', () => {
  test('takes the words away and leaves the place: what follows stays, and the model does not receive the words', async () => {
    const { chat, message, answer } = await ann.asks('A secret.');
    await ann.ask(EditMessage, { input: { id: message.id, content: 'A better secret.' } });
    await ann.asks('And more.', chat.id);
    const before = await idsIn(ann, chat.id);

    for (const _again of [1, 2]) {
      expect((await ann.ask(DeleteMessage, { id: message.id })).deleteMessage).toMatchObject({
        message: {
          id: message.id,
          content: '',
          editedContent: null,
          parts: [],
          deletedAt: expect.any(String) as string,
        },
      });
    }
    expect(await idsIn(ann, chat.id)).toEqual(before);
    expect(await ann.ask(MessageById, { id: answer.id })).toMatchObject({
      node: { content: 'An answer.', parent: { id: message.id } },
    });

    const { run } = await ann.asks('What did I say?', chat.id);
    expect(told()).toEqual(['user: And more.', 'assistant: An answer.', 'user: What did I say?']);
    const { node } = await ann.ask(RunById, { id: run.id });
    expect(node).toMatchObject({
      history: [{ content: 'And more.' }, { content: 'An answer.' }, { content: 'What did I say?' }],
    });
  });

  test('an answer takes away its thoughts too, and it is tried again from its question', async () => {
    testServer().model.next(thinks('Hm.', 'Wrong.'));
    const { chat, answer } = await ann.asks('hello');
    expect(await ann.ask(MessageById, { id: answer.id })).toMatchObject({
      node: { parts: [{ text: 'Hm.' }, { text: 'Wrong.' }] },
    });

    await ann.ask(DeleteMessage, { id: answer.id });
    expect(await ann.ask(MessageById, { id: answer.id })).toMatchObject({
      node: { content: '', parts: [], deletedAt: expect.any(String) as string },
    });
    await regenerates(ann, answer.id);
    expect(told()).toEqual(['user: hello']);
    expect(await contents(ann, chat.id)).toEqual(['hello', 'An answer.']);
  });

  test('the question of an answer ends its being tried again', async () => {
    const { message, answer } = await ann.asks('hello');
    await ann.ask(DeleteMessage, { id: message.id });
    const input = { messageId: answer.id, clientId: crypto.randomUUID() };
    expect((await ann.ask(RegenerateAnswer, { input })).regenerateAnswer).toMatchObject({
      __typename: 'ForbiddenError',
    });
  });
});

describe('branches', () => {
  test('a message may follow any answer, or begin the chat again; the thread is where the newest is', async () => {
    const first = await ann.asks('first');
    const chatId = first.chat.id;
    await ann.asks('second', chatId);

    const beside = await ann.asks('second, differently', chatId, { parentId: first.answer.id });
    expect(beside.message.parent).toEqual({ id: first.answer.id });
    expect(await contents(ann, chatId)).toEqual(['first', 'An answer.', 'second, differently', 'An answer.']);
    expect(told()).toEqual(['user: first', 'assistant: An answer.', 'user: second, differently']);

    const restarted = await ann.asks('first, differently', chatId, { parentId: null });
    expect(restarted.message.parent).toBeNull();
    expect(await contents(ann, chatId)).toEqual(['first, differently', 'An answer.']);
    expect(told()).toEqual(['user: first, differently']);

    for (const parentId of [first.message.id, madeUpThings.answer, 'x']) {
      expect(await tries(ann, { chatId, content: 'to nobody', parentId })).toMatchObject({
        __typename: 'NotFoundError',
      });
    }
  });

  test('an answer is given again beside the first, once for one request', async () => {
    const { chat, message, answer } = await ann.asks('hello');
    testServer().model.next(says('Another one.'));
    const clientId = crypto.randomUUID();

    const again = await regenerates(ann, answer.id, { clientId });
    expect(again.answer).toMatchObject({ parent: { id: message.id } });
    expect(again.answer.id).not.toBe(answer.id);
    expect(await contents(ann, chat.id)).toEqual(['hello', 'Another one.']);
    expect(await ann.ask(MessageById, { id: answer.id })).toMatchObject({ node: { content: 'An answer.' } });

    const sentTwice = await regenerates(ann, answer.id, { clientId });
    expect(sentTwice.run.id).toBe(again.run.id);
    // The older one too, though it is out of sight.
    testServer().model.next(says('A third one.'));
    expect((await regenerates(ann, answer.id, { clientId: crypto.randomUUID() })).answer.parent).toEqual({
      id: message.id,
    });
    await ann.waitsForAnswers(chat.id);
    const atOnce = { messageId: again.answer.id, clientId: crypto.randomUUID() };
    const runs = await Promise.all(
      Array.from({ length: 4 }, () => regenerates(ann, atOnce.messageId, { clientId: atOnce.clientId })),
    );
    expect(new Set(runs.map(({ run }) => run.id)).size).toBe(1);
  });

  test('an answer can be given again by another agent, and a person’s message cannot', async () => {
    const { message, answer } = await ann.asks('hello');
    const echo = (await ann.ask(ListAgents, {})).agents.find(({ handle }) => handle === 'echo')?.id ?? '';

    expect((await regenerates(ann, answer.id, { agentId: echo })).run).toMatchObject({ agent: { id: echo } });
    const input = { messageId: message.id, clientId: crypto.randomUUID() };
    expect((await ann.ask(RegenerateAnswer, { input })).regenerateAnswer).toMatchObject({
      __typename: 'NotFoundError',
    });
  });

  test('however the tree has grown, every walk in pages gives the path from the root to the newest answer', async () => {
    const growth = fc.array(fc.oneof(fc.constant('on' as const), fc.constant('anew' as const), fc.nat(20)), {
      minLength: 2,
      maxLength: 6,
    });

    await fc.assert(
      fc.asyncProperty(growth, async (choices) => {
        const tree = await grow(ann, choices);
        for (const size of [1, 2, 3, 100]) {
          expect((await walk(ann, tree.chatId, size, 'forward')).flat()).toEqual(tree.path);
          expect((await walk(ann, tree.chatId, size, 'backward')).reverse().flat()).toEqual(tree.path);
        }
        for (const size of [1, 2, 5]) {
          for (const id of tree.parents.keys()) await checkAround(ann, tree, id, size);
        }
      }),
      { numRuns: 4, examples: [[['on', 0, 'on', 'on', 1, 'anew']], [['on', 'on', 0, 'on', 'on']]] },
    );
  }, 60_000);

  test.each([
    [{ first: 0 }, '1 to 100'],
    [{ first: -5 }, '1 to 100'],
    [{ first: 101 }, '1 to 100'],
    [{ last: 101 }, '1 to 100'],
    [{ first: 2, last: 2 }, 'not both'],
    [{ after: 'nonsense' }, 'no cursor'],
    [{ before: Buffer.from('-1').toString('base64url') }, 'no cursor'],
    [{ before: Buffer.from('1e99').toString('base64url') }, 'no cursor'],
    [{ after: Buffer.from('"1"').toString('base64url') }, 'no cursor'],
  ])('the page %j is refused with a reason', async (page, reason) => {
    const { id: chatId } = await ann.createsChat();
    const response = await ann.post('/graphql', { query: print(Thread), variables: { chatId, ...page } });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringContaining(reason) as string, extensions: { code: 'BAD_PAGE' } }],
    });
  });
});

interface Tree {
  chatId: string;
  /** Of every message, what it follows. */
  parents: Map<string, string | undefined>;
  /** From the root to the newest answer. */
  path: string[];
}

/** One message for each choice: at the end, at the root, or after one of the answers that are there. */
async function grow(someone: Person, choices: readonly ('on' | 'anew' | number)[]): Promise<Tree> {
  const { id: chatId } = await someone.createsChat();
  const parents = new Map<string, string | undefined>();
  const answers: string[] = [];
  for (const choice of choices) {
    const parentId = typeof choice === 'number' ? answers[choice % (answers.length || 1)] : null;
    const isAtEnd = choice === 'on' || parentId === undefined;
    const { message, answer } = await someone.asks('x', chatId, isAtEnd ? {} : { parentId });
    parents.set(message.id, message.parent?.id).set(answer.id, answer.parent?.id);
    answers.push(answer.id);
  }
  return { chatId, parents, path: pathTo(answers.at(-1), parents) };
}

function pathTo(leaf: string | undefined, parents: Tree['parents']): string[] {
  return leaf === undefined ? [] : [...pathTo(parents.get(leaf), parents), leaf];
}

/** Holds the message and its neighbours on its own branch, and says whether there are more. */
async function checkAround(someone: Person, { chatId, parents, path }: Tree, id: string, size: number): Promise<void> {
  const { edges, pageInfo } = await pageOf(someone, { chatId, first: size, around: id });
  const ids = edges.map(({ node }) => node.id);
  expect(ids).toContain(id);
  expect(ids.length).toBeLessThanOrEqual(size);
  for (const [index, one] of ids.entries()) if (index > 0) expect(parents.get(one)).toBe(ids[index - 1]);
  expect(pageInfo.hasPreviousPage).toBe(parents.get(ids[0] ?? '') !== undefined);
  if (!path.includes(id)) return;
  expect(path).toEqual(expect.arrayContaining(ids));
  expect(pageInfo.hasNextPage).toBe(ids.at(-1) !== path.at(-1));
}

async function walk(
  someone: Person,
  chatId: string,
  size: number,
  direction: 'forward' | 'backward',
): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | null = null; ;) {
    const page: ThreadPage = await pageOf(
      someone,
      direction === 'forward' ? { chatId, first: size, after: cursor } : { chatId, last: size, before: cursor },
    );
    pages.push(page.edges.map(({ node }) => node.id));
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    if (!(direction === 'forward' ? hasNextPage : hasPreviousPage)) return pages;
    cursor = direction === 'forward' ? endCursor : startCursor;
  }
}

type ThreadPage = NonNullable<ThreadQuery['chat']>['messages'];

async function pageOf(someone: Person, variables: ThreadQueryVariables): Promise<ThreadPage> {
  const { chat } = await someone.ask(Thread, variables);
  if (!chat) throw new Error(`${someone.name} has no such chat.`);
  return chat.messages;
}

async function contents(someone: Person, chatId: string): Promise<string[]> {
  return (await pageOf(someone, { chatId })).edges.map(({ node }) => node.content);
}

async function idsIn(someone: Person, chatId: string): Promise<string[]> {
  return (await pageOf(someone, { chatId })).edges.map(({ node }) => node.id);
}

async function clientIdOf(someone: Person, id: string): Promise<string | null | undefined> {
  const { node } = await someone.ask(MessageById, { id });
  if (node?.__typename !== 'Message') throw new Error('No such message.');
  return node.clientId;
}

/** What the model was sent last. */
function told(): string[] {
  const call = testServer().model.calls.at(-1);
  return (call?.body.messages ?? []).map(({ role, content }) => `${role}: ${content.map(({ text }) => text).join('')}`);
}

async function tries(someone: Person, input: Omit<SendMessageInput, 'clientId'>) {
  return (await someone.ask(SendMessage, { input: { clientId: crypto.randomUUID(), ...input } })).sendMessage;
}

/** Asks for another answer, and waits until it is whole. */
async function regenerates(someone: Person, messageId: string, more: { clientId?: string; agentId?: string } = {}) {
  const { regenerateAnswer } = await someone.ask(RegenerateAnswer, {
    input: { messageId, clientId: crypto.randomUUID(), ...more },
  });
  if (regenerateAnswer.__typename !== 'RegenerateAnswerPayload') throw new Error(JSON.stringify(regenerateAnswer));
  const asked = onlyAnswer(regenerateAnswer);
  await ended(someone, asked.run.id);
  return asked;
}

async function ended(someone: Person, runId = ''): Promise<void> {
  await Array.fromAsync(someone.follows(runId));
}
