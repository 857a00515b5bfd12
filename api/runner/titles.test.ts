/** Titles made by the model after a chat's first answer, in every form in which a model may be asked. */
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { log } from '../log.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { DeleteChat, UpdateChat } from '../testing/documents.ts';
import { providers } from '../providers/providers.ts';
import { cutsAfter, fails, saidTo, says, stopsAt, thinks } from '../testing/model-server.ts';
import { person, type Person, wordsOf } from '../testing/person.ts';
import { agentsByForm, wireForms } from '../testing/wire-forms.ts';

const confab = useConfab({ hasOpenAi: true, chatTitles: 'model' });

const NamedChat = graphql(`
  query NamedChat($id: ID!) {
    chat(id: $id) {
      title
      titleSource
      revision
    }
  }
`);

const ChatWithEcho = graphql(`
  query AgentsForTitles {
    agents {
      id
      handle
    }
  }
`);

let ann: Person;
let agents: Map<string, string>;

beforeAll(async () => {
  agents = await agentsByForm();
  ann = await person('ann');
});

const words = { title: 'What is a monad?', titleSource: 'WORDS' };

describe.each(wireForms)('from a model that speaks %s', (form) => {
  test('is made from the first answer, and every feed receives it', async () => {
    const { id } = await ann.createsChat();
    const title = heldTitle(says('A monad is a monoid.'));
    const { run } = await asks(id, form);
    const asked = await title.arrived;
    expect(asked.body.model).toBe(run.model);
    expect(saidTo(asked).join('\n')).toContain(
      '<question>\nWhat is a monad?\n</question>\n<answer>\nA monad is a monoid.',
    );
    // The answer has ended, the chat can be written in, and its title is still that of the words.
    expect(await nameOf(id)).toMatchObject(words);
    expect(await db.run.count({ where: { status: { in: ['QUEUED', 'RUNNING'] } } })).toBe(0);

    const feed = ann.feeds();
    await feed.next();
    title.begin().think('Let me see. A name.').write('"Monads ').write('in short."').end();
    await told(feed, 'Monads in short');
    expect(await nameOf(id)).toMatchObject({ title: 'Monads in short', titleSource: 'MODEL' });
  });

  test('stays the words where the model fails, is cut, or gives none', async () => {
    const secret = 'words of the conversation';
    const logged = [vi.spyOn(log, 'warn'), vi.spyOn(log, 'info')];
    const givenUp = () =>
      logged.flatMap(({ mock }) => mock.calls).filter((call) => String(call[1]).startsWith('No title'));
    const answers = [
      fails(500, 'api_error', {}, secret),
      cutsAfter('Half a ti'),
      stopsAt('max_tokens', 'Half a ti'),
      says('**'),
    ];
    for (const [index, answer] of answers.entries()) {
      const { id } = await ann.createsChat();
      testServer().model.next(says('An answer.'), answer);
      await asks(id, form);
      await expect.poll(() => givenUp().length).toBe(index + 1);
      expect(await nameOf(id)).toMatchObject(words);
    }
    expect(JSON.stringify(givenUp())).not.toContain(secret);
    vi.restoreAllMocks();
  });
});

describe('a title', () => {
  test('that a person gave is not replaced, be it while the model is asked', async () => {
    const named = await ann.createsChat('Mine');
    testServer().model.next(says('An answer.'));
    const before = testServer().model.calls.length;
    await asks(named.id);
    await namesAnother();
    expect(await nameOf(named.id)).toMatchObject({ title: 'Mine', titleSource: 'PERSON' });
    expect(testServer().model.calls.length).toBe(before + 3);

    const { id } = await ann.createsChat();
    const title = heldTitle(says('An answer.'));
    await asks(id);
    await title.arrived;
    await ann.ask(UpdateChat, { input: { id, title: 'Mine too' } });
    const { revision } = await nameOf(id);
    title.begin().write('The model’s').end();
    await namesAnother();
    expect(await nameOf(id)).toEqual({ title: 'Mine too', titleSource: 'PERSON', revision });
  });

  test('is not made for a chat that is deleted meanwhile', async () => {
    const { id } = await ann.createsChat();
    const title = heldTitle(says('An answer.'));
    await asks(id);
    await title.arrived;
    await ann.ask(DeleteChat, { id });
    title.begin().write('The model’s').end();
    await namesAnother();
    expect(await nameOf(id)).toMatchObject(words);
  });

  test('is made once: neither a second answer nor another answer to the first question makes one', async () => {
    const { id } = await ann.createsChat();
    testServer().model.next(says('An answer.'), fails(400), says('Another.'));
    const before = testServer().model.calls.length;
    await asks(id);
    await calls(before + 2);
    await asks(id);
    await namesAnother();
    expect(testServer().model.calls.length).toBe(before + 5);
    expect(await nameOf(id)).toMatchObject(words);
  });

  test('is made after the first answer that has words: not after a failed one, but after a stopped one', async () => {
    const { id } = await ann.createsChat();
    testServer().model.next(fails(400));
    const before = testServer().model.calls.length;
    await asks(id);
    const held = testServer().model.hold();
    const { run } = await ann.sends('What is a monad, then?', id, agentOf());
    held.begin().write('A mon');
    for await (const event of ann.follows(run.id)) if (event.__typename === 'ContentDelta') break;
    testServer().model.next(says('Monads'));
    await ann.stops(run.id);
    await expect.poll(() => nameOf(id)).toMatchObject({ title: 'Monads', titleSource: 'MODEL' });
    expect(testServer().model.calls.length).toBe(before + 3);
  });

  test('is not made by the echo, and made by the first model after it', async () => {
    const { id } = await ann.createsChat();
    const list = (await ann.ask(ChatWithEcho, {})).agents;
    const before = testServer().model.calls.length;
    await ann.asks('What is a monad?', id, { agentId: list.find(({ handle }) => handle === 'echo')?.id ?? '' });
    expect(await nameOf(id)).toMatchObject(words);
    testServer().model.next(says('An answer.'), says('Monads'));
    await asks(id);
    await expect.poll(() => nameOf(id)).toMatchObject({ title: 'Monads', titleSource: 'MODEL' });
    expect(testServer().model.calls.length).toBe(before + 2);
  });

  test('is asked for with little: two excerpts, little effort, and no more is read than a line', async () => {
    const { id } = await ann.createsChat();
    const title = heldTitle(says('🙂'.repeat(4_000)));
    await ann.asks('й'.repeat(9_000), id, agentOf('OpenAI'));
    const { body } = await title.arrived;
    expect(JSON.stringify(body['messages']).length).toBeLessThan(5_500);
    expect(JSON.stringify(body['messages']).isWellFormed()).toBe(true);
    expect(body.max_tokens).toBeLessThanOrEqual(1_024);
    title.begin().write('Long ago\nthere was');
    // The model would go on for ever.
    await title.gone;
    await expect.poll(() => nameOf(id)).toMatchObject({ title: 'Long ago', titleSource: 'MODEL' });
  });

  test('is asked of the model that answered, where another one was to', async () => {
    const { id } = await ann.createsChat();
    testServer().model.next(says('An answer.'), says('Monads'));
    const real = providers.OPENAI;
    using stream = vi.spyOn(real, 'stream').mockImplementationOnce(async function* (request, signal) {
      yield { type: 'model', model: 'the-other-one' };
      yield* real.stream(request, signal);
    });
    await asks(id, 'OpenAI');
    await expect.poll(() => nameOf(id)).toMatchObject({ title: 'Monads', titleSource: 'MODEL' });
    const asked = stream.mock.calls.map(([request]) => request);
    expect(asked.at(-1)).toMatchObject({ model: 'the-other-one', isDefaultModel: asked[0]?.isDefaultModel });
    expect(asked[0]?.isDefaultModel).toBeTypeOf('boolean');
  });

  test('that is being made takes no room among the answers that a person may have written at once', async () => {
    const { id } = await ann.createsChat();
    const title = heldTitle(says('An answer.'));
    await asks(id);
    await title.arrived;
    const held = [];
    for (let count = 0; count < env.RUNS_PER_USER; count += 1) {
      const chat = await ann.createsChat('Named');
      const answer = testServer().model.hold();
      const { run } = await ann.sends('What is a monad?', chat.id, agentOf());
      await answer.arrived;
      held.push({ answer, run });
    }
    const { id: another } = await ann.createsChat('Named');
    await expect(ann.sends('What is a monad?', another, agentOf())).rejects.toThrow('RunLimitError');
    for (const { answer, run } of held) {
      answer.begin().write('A monoid.').end();
      expect(wordsOf(await Array.fromAsync(ann.follows(run.id)))).toBe('A monoid.');
    }
    title.begin().write('Monads').end();
    await expect.poll(() => nameOf(id)).toMatchObject({ title: 'Monads', titleSource: 'MODEL' });
  });

  test('is taken from the text of a model that thinks', async () => {
    const { id } = await ann.createsChat();
    testServer().model.next(thinks('Hm.\nWhat now?', 'An answer.'), thinks('A name.\nWhich?', 'Monads'));
    await asks(id);
    await expect.poll(() => nameOf(id)).toMatchObject({ title: 'Monads', titleSource: 'MODEL' });
  });
});

/** Last, since it ends the server's runs. */
test('a process that ends does not wait for titles', async () => {
  const { id } = await ann.createsChat();
  const title = heldTitle(says('An answer.'));
  await asks(id);
  await title.arrived;
  await confab.settle(60_000);
  await title.gone;
  expect(await nameOf(id)).toMatchObject(words);
});

function agentOf(form = 'Anthropic') {
  return { agentId: agents.get(form) ?? '' };
}

async function asks(chatId: string, form = 'Anthropic') {
  return ann.asks('What is a monad?', chatId, agentOf(form));
}

/** The first call gets this answer, and the one for the title waits. */
function heldTitle(answer: ReturnType<typeof says>) {
  testServer().model.next(answer);
  return testServer().model.hold();
}

/** Titles are made in turn: what was asked for before is done by then. */
async function namesAnother(): Promise<void> {
  const { id } = await ann.createsChat();
  testServer().model.next(says('An answer.'), says('Another'));
  await asks(id);
  await expect.poll(() => nameOf(id)).toMatchObject({ title: 'Another' });
}

async function calls(count: number): Promise<void> {
  await expect.poll(() => testServer().model.calls.length).toBe(count);
}

async function nameOf(id: string) {
  const { chat } = await ann.ask(NamedChat, { id });
  if (!chat) throw new Error('No such chat.');
  return chat;
}

async function told(feed: ReturnType<Person['feeds']>, title: string): Promise<void> {
  for await (const event of feed) {
    if (event.__typename === 'ChatListChange' && event.chat.title === title) return;
  }
}
