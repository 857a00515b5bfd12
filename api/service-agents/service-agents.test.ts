/** Programs that take part in rooms: their accounts, and the answers that they stream. */
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import { captureChanges } from '../changelog/capture.ts';
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { rowId } from '../ids.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { RunById } from '../testing/documents.ts';
import { person, type Person, stranger, wordsOf } from '../testing/person.ts';
import { numberChanges } from '../testing/number-changes.ts';
import { asks, does, HeardFeed } from '../testing/plain-requests.ts';
import { addTo, changeRoom, personIdOf, removeFrom, roomOf, roomWith, says } from '../testing/rooms.ts';
import { says as answers } from '../testing/model-server.ts';
import { everyScope, ServiceAgent, serviceAgent } from '../testing/service-agents.ts';
import { programOf, revoke } from '../testing/tokens.ts';
import { deleteLeftovers } from './watch.ts';

useConfab();

let admin: Person;
let ann: Person;
let robot: ServiceAgent;
/** Of `ann`, with the robot in it, and what she asked there. */
let room: string;
let question: string;

beforeAll(async () => {
  admin = await person('admin');
  ann = await person('ann');
});

beforeEach(async () => {
  robot = await serviceAgent(admin);
  room = await roomOf(ann, { personIds: [robot.personId] });
  question = (await says(ann, room, `@${robot.handle} How do you do?`)).id;
});

const Answer = `query Answer($id: ID!) {
  node(id: $id) {
    ... on Run {
      status stopReason isCut provider model agent { id } failure { code retryable }
      usage { inputTokens outputTokens } initiator { name } contextWindow startedAt firstTokenAt endedAt
      trigger { id }
      message { role content parts { kind text } author { name isAgent } agent { id } replyTo { id } mentions { person { name } } }
    }
  }
}`;

interface SeenAnswer {
  status: string;
  firstTokenAt: string | null;
  message: { content: string; parts: { kind: string; text: string }[] };
  [field: string]: unknown;
}

async function answerOf(runId: string, who: Person = ann): Promise<SeenAnswer> {
  return (await asks<{ node: SeenAnswer }>(who, Answer, { id: runId })).node;
}

describe('an account', () => {
  const Create = `mutation Make($input: CreateServiceAgentInput!) {
    createServiceAgent(input: $input) {
      __typename ... on CreateServiceAgentPayload { person { id name handle isAgent } } ... on Error { code } ... on InvalidInputError { issues { code } }
    }
  }`;
  const create = async (by: Person, input: object) =>
    (await asks<{ createServiceAgent: Record<string, unknown> }>(by, Create, { input })).createServiceAgent;

  test('is made once, by administrators alone, and its handle is taken from people and agents', async () => {
    const input = { name: 'Weather', handle: 'weather', clientId: crypto.randomUUID() };
    const made = await create(admin, input);
    expect(made).toMatchObject({ person: { name: 'Weather', handle: 'weather', isAgent: true } });
    expect(await create(admin, input)).toEqual(made);
    expect(await create(admin, { ...input, name: 'Another' })).toMatchObject({ code: 'CLIENT_ID_REUSED' });
    const again = { ...input, clientId: crypto.randomUUID() };
    expect(await create(admin, again)).toMatchObject({ issues: [{ code: 'HANDLE_TAKEN' }] });
    expect(await create(admin, { ...again, handle: 'echo' })).toMatchObject({ issues: [{ code: 'HANDLE_TAKEN' }] });
    expect(await db.user.count({ where: { name: 'Weather' } })).toBe(1);
    const byOther = { ...input, handle: 'other', clientId: crypto.randomUUID() };
    expect(await create(ann, byOther)).toMatchObject({ code: 'NOT_FOUND' });
    const list = await asks<{ serviceAgents: { name: string }[] }>(admin, '{ serviceAgents { name } }', {});
    expect(list.serviceAgents.map(({ name }) => name)).toContain('Weather');
    expect(await asks(ann, '{ serviceAgents { name } }', {})).toEqual({ serviceAgents: null });
  });

  test('has no password: signing in to it and signing up under its address are refused', async () => {
    const { email } = await db.user.findUniqueOrThrow({ where: { id: rowId('Person', robot.personId) } });
    const password = 'correct horse battery';
    const signIn = await stranger().post('/api/auth/sign-in/email', { email, password });
    expect(signIn.status).toBe(401);
    const signUp = await stranger().post('/api/auth/sign-up/email', { name: 'Somebody', email, password });
    expect(signUp.ok).toBe(false);
    expect(await db.session.count({ where: { userId: rowId('Person', robot.personId) } })).toBe(0);
  });

  test('has tokens that only administrators make, see and revoke', async () => {
    const List = 'query Tokens($id: ID) { apiTokens(serviceAgentId: $id) { id name } }';
    const list = async (who: Person) =>
      (await asks<{ apiTokens: object[] }>(who, List, { id: robot.personId })).apiTokens;
    expect(await list(admin)).toHaveLength(1);
    expect(await list(ann)).toEqual([]);
    const token = { name: 'Mine', scopes: ['READ_CHATS'] };
    expect(await does(ann, 'createApiToken', { ...token, serviceAgentId: robot.personId })).toBe('NotFoundError');
    const annId = (await asks<{ viewer: { person: { id: string } } }>(ann, '{ viewer { person { id } } }', {})).viewer;
    expect(await does(admin, 'createApiToken', { ...token, serviceAgentId: annId.person.id })).toBe('NotFoundError');
    expect(await does(ann, 'revokeApiToken', { id: robot.tokenId })).toBe('NotFoundError');
    await revoke(admin, robot);
    expect(await list(admin)).toEqual([]);
    expect((await robot.post('/graphql', { query: '{ viewer { name } }' })).status).toBe(401);
    const ofAdmin = await asks<{ apiTokens: object[] }>(admin, '{ apiTokens { id } }', {});
    expect(ofAdmin.apiTokens).toEqual([]);
  });

  describe('is renamed', () => {
    const Update = `mutation Update($input: UpdateServiceAgentInput!) {
      updateServiceAgent(input: $input) {
        __typename ... on UpdateServiceAgentPayload { person { name handle } } ... on Error { code } ... on InvalidInputError { issues { code } }
      }
    }`;
    const update = async (by: Person, input: object) =>
      (await asks<{ updateServiceAgent: Record<string, unknown> }>(by, Update, { input })).updateServiceAgent;
    const anyHandle = () => `r-${crypto.randomUUID().slice(0, 8)}`;

    test('by administrators, in name, handle or both, and keeps its tokens and rooms', async () => {
      const id = robot.personId;
      const handle = anyHandle();
      expect(await update(admin, { id, name: 'Forecast' })).toMatchObject({
        person: { name: 'Forecast', handle: robot.handle },
      });
      expect(await update(admin, { id, handle, name: null })).toMatchObject({ person: { name: 'Forecast', handle } });
      expect(await asks(robot, '{ viewer { person { name handle } } chats { nodes { id } } }', {})).toEqual({
        viewer: { person: { name: 'Forecast', handle } },
        chats: { nodes: [{ id: room }] },
      });
      const run = await robot.begins(room, question);
      expect(await answerOf(run)).toMatchObject({ message: { author: { name: 'Forecast' } } });
      await robot.ends(run);
      // The former handle is kept for whom had it.
      expect(await update(admin, { id, handle: robot.handle })).toMatchObject({ person: { handle: robot.handle } });
      const other = await serviceAgent(admin);
      expect(await update(admin, { id: other.personId, handle })).toMatchObject({ issues: [{ code: 'HANDLE_TAKEN' }] });
    });

    test('not to a handle or a name that cannot be, and then not at all', async () => {
      const id = robot.personId;
      const other = await serviceAgent(admin);
      const taken = { issues: [{ code: 'HANDLE_TAKEN' }] };
      expect(await update(admin, { id, name: 'Half', handle: other.handle })).toMatchObject(taken);
      expect(await update(admin, { id, name: 'Half', handle: 'echo' })).toMatchObject(taken);
      expect(await update(admin, { id, name: 'Half', handle: 'No Handle' })).toMatchObject({
        issues: [{ code: 'HANDLE_FORM' }],
      });
      expect(await update(admin, { id, name: ' ', handle: anyHandle() })).toMatchObject({ code: 'INVALID_INPUT' });
      expect(await db.user.findUnique({ where: { id: rowId('Person', id) }, include: { handle: true } })).toMatchObject(
        { name: 'Robot', handle: { name: robot.handle } },
      );
    });

    test('not by others, not by a token that is bound to a room, and no person is', async () => {
      const own = await personIdOf(ann);
      const notFound = { code: 'NOT_FOUND' };
      expect(await update(ann, { id: robot.personId, name: 'Mine' })).toMatchObject(notFound);
      expect(await update(admin, { id: own, name: 'Yours' })).toMatchObject(notFound);
      expect(await update(admin, { id: own, handle: anyHandle() })).toMatchObject(notFound);
      const scopes = ['ADMIN_PEOPLE'];
      const bound = await programOf(admin, { scopes, chatIds: [(await admin.createsChat()).id] });
      const name = { id: robot.personId, name: 'By a program' };
      expect(await update(bound, name)).toMatchObject({ code: 'OUTSIDE_TOKEN' });
      const whole = await programOf(admin, { scopes });
      expect(await update(whole, name)).toMatchObject({ person: { name: 'By a program' } });
    });

    test('under the name of the administrator in the change log', async () => {
      await captureChanges(true);
      onTestFinished(() => captureChanges(false));
      await update(admin, { id: robot.personId, name: 'Another name' });
      await numberChanges();
      const asked = '{ changes(last: 10) { nodes { table operation rowId actor { subject } } } }';
      const { changes } = await asks<{ changes: { nodes: object[] } }>(admin, asked, {});
      const row = { table: 'user', operation: 'UPDATE', rowId: rowId('Person', robot.personId) };
      expect(changes.nodes).toContainEqual({ ...row, actor: { subject: await personIdOf(admin) } });
    });
  });

  test('is bound by a token to rooms that it is in; an administrator sees which of them by title only where they are a member', async () => {
    const shared = await roomOf(ann, { title: 'Shared', personIds: [robot.personId] });
    await addTo(shared, ann, [admin]);
    const withoutRobot = await roomOf(admin, { title: 'Without it' });
    const ListShared = 'query Shared($id: ID!) { chats(kind: ROOM, withPersonId: $id) { nodes { id title } } }';
    expect(await asks(admin, ListShared, { id: robot.personId })).toEqual({
      chats: { nodes: [{ id: shared, title: 'Shared' }] },
    });
    const input = { name: 'Bound', scopes: ['READ_CHATS'], serviceAgentId: robot.personId };
    expect(await does(admin, 'createApiToken', { ...input, chatIds: [withoutRobot] })).toBe('NotFoundError');
    expect(await does(admin, 'createApiToken', { ...input, chatIds: [shared, room] })).toBe('CreateApiTokenPayload');
    const List = `query Tokens($id: ID) {
      apiTokens(serviceAgentId: $id) { name chatIds chats { id title } none: chats(first: 1) { id } }
    }`;
    expect(await asks(admin, List, { id: robot.personId })).toEqual({
      apiTokens: [
        {
          name: 'Bound',
          chatIds: [shared, room],
          chats: [{ id: shared, title: 'Shared' }],
          none: [{ id: shared }],
        },
        { name: 'A program', chatIds: null, chats: [], none: [] },
      ],
    });
    await removeFrom(shared, ann, robot);
    expect(await asks(admin, ListShared, { id: robot.personId })).toEqual({ chats: { nodes: [] } });
  });

  test('is deleted only where it has answered nothing', async () => {
    const unused = await serviceAgent(admin, 'Unused');
    expect(await does(admin, 'deletePerson', { id: unused.personId, messages: 'KEEP' })).toBe('DeletePersonPayload');
    const run = await robot.begins(room, question);
    await robot.ends(run);
    expect(await does(admin, 'deletePerson', { id: robot.personId, messages: 'ERASE' })).toBe('ForbiddenError');
  });
});

describe('an answer', () => {
  test('takes its place at once, grows before the eyes of all, and ends as its service agent says', async () => {
    const run = await robot.begins(room, question);
    expect(await answerOf(run)).toMatchObject({
      status: 'RUNNING',
      provider: 'EXTERNAL',
      model: '',
      agent: null,
      contextWindow: null,
      usage: null,
      initiator: { name: 'ann' },
      trigger: { id: question },
      firstTokenAt: null,
      message: {
        role: 'ASSISTANT',
        content: '',
        author: { name: 'Robot', isAgent: true },
        agent: null,
        replyTo: { id: question },
        mentions: [{ person: { name: 'ann' } }],
      },
    });
    const reading = Array.fromAsync(ann.follows(run));
    expect(await robot.appends({ runId: run, from: 0, kind: 'THINKING', text: 'They are polite. ' })).toMatchObject({
      length: 17,
    });
    expect(await robot.appends({ runId: run, from: 17, text: 'Very well, ' })).toMatchObject({ length: 28 });
    expect(await robot.appends({ runId: run, from: 28, text: 'спасибо 🙂' })).toMatchObject({ length: 38 });
    expect((await answerOf(run)).firstTokenAt).not.toBeNull();
    const late = Array.fromAsync(ann.follows(run, 17));
    const usage = { inputTokens: 12, outputTokens: 7 };
    expect(await robot.ends(run, { length: 38, usage, model: 'robot-2' })).toMatchObject({
      run: { status: 'COMPLETED' },
    });
    expect(wordsOf(await reading)).toBe('They are polite. Very well, спасибо 🙂');
    expect(wordsOf(await late)).toBe('Very well, спасибо 🙂');
    expect(await answerOf(run)).toMatchObject({
      status: 'COMPLETED',
      stopReason: 'END_TURN',
      isCut: false,
      model: 'robot-2',
      usage,
      message: {
        content: 'Very well, спасибо 🙂',
        parts: [
          { kind: 'THINKING', text: 'They are polite. ' },
          { kind: 'TEXT', text: 'Very well, спасибо 🙂' },
        ],
      },
    });
    expect(await db.runCheckpoint.count()).toBe(0);
    expect(await db.externalAnswer.count()).toBe(0);
    // The end again is nothing, and so is a late word.
    expect(await robot.ends(run, { status: 'FAILED' })).toMatchObject({ run: { status: 'COMPLETED' } });
    expect(await robot.appends({ runId: run, from: 38, text: '!' })).toMatchObject({ code: 'ANSWER_ENDED' });
  });

  test('whose requests come again, in another order and at once has each word once', async () => {
    const clientId = crypto.randomUUID();
    const run = await robot.begins(room, question, clientId);
    expect(await robot.begins(room, question, clientId)).toBe(run);
    const other = (await says(ann, room, 'Something else')).id;
    expect(await robot.tries('beginAnswer', { chatId: room, replyToId: other, clientId })).toMatchObject({
      code: 'CLIENT_ID_REUSED',
    });
    const reading = Array.fromAsync(ann.follows(run));
    const words = Array.from({ length: 12 }, (_, index) => `${index} `);
    const pieces = words.map((text, index) => ({ runId: run, from: words.slice(0, index).join('').length, text }));
    const whole = words.join('');
    // Each is sent until it is taken, all of them at once, twice, and the last ones first.
    await Promise.all(
      [...pieces, ...pieces].reverse().map(async (piece) => {
        await expect
          .poll(() => robot.appends(piece), { interval: 50, timeout: 60_000 })
          .toMatchObject({ __typename: 'AppendToAnswerPayload' });
      }),
    );
    // A piece that overlaps what is known adds what is not, unless it is of another text.
    expect(await robot.appends({ runId: run, from: whole.length - 3, text: 'xyz and more' })).toMatchObject({
      code: 'TEXT_DIFFERS',
    });
    expect(await robot.appends({ runId: run, from: whole.length - 3, text: `${whole.slice(-3)}end` })).toMatchObject({
      length: whole.length + 3,
    });
    // An empty text returns the length.
    expect(await robot.appends({ runId: run, from: 0, text: '' })).toMatchObject({ length: whole.length + 3 });
    await robot.ends(run);
    expect(wordsOf(await reading)).toBe(`${whole}end`);
    expect((await answerOf(run)).message.content).toBe(`${whole}end`);
  }, 90_000);

  test('is refused words behind a gap, with what is known, and an end before them', async () => {
    const run = await robot.begins(room, question);
    await robot.appends({ runId: run, from: 0, text: 'One' });
    expect(await robot.appends({ runId: run, from: 5, text: 'three' })).toMatchObject({ code: 'OFFSET_GAP', known: 3 });
    expect(await robot.ends(run, { length: 9 })).toMatchObject({ code: 'OFFSET_GAP', known: 3 });
    expect(await answerOf(run)).toMatchObject({ status: 'RUNNING' });
    expect(await robot.ends(run, { status: 'FAILED', length: 3 })).toMatchObject({ run: { status: 'FAILED' } });
    expect(await answerOf(run)).toMatchObject({
      failure: { code: 'UPSTREAM_ERROR', retryable: false },
      message: { content: 'One' },
    });
  });

  test('is bounded in each piece, as a whole and in its parts, and holds what can be stored', async () => {
    const run = await robot.begins(room, question);
    expect(await robot.appends({ runId: run, from: 0, text: 'x'.repeat(16_001) })).toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect(await robot.appends({ runId: run, from: 0, text: '\ud83d' })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await robot.appends({ runId: run, from: -1, text: 'x' })).toMatchObject({ code: 'INVALID_INPUT' });
    const text = 'x'.repeat(16_000);
    for (let from = 0; from < 400_000; from += 16_000)
      expect(await robot.appends({ runId: run, from, text })).toMatchObject({ length: from + 16_000 });
    expect(await robot.appends({ runId: run, from: 400_000, text: 'x' })).toMatchObject({ code: 'ANSWER_TOO_LONG' });
    // Letter by letter there are few rows.
    expect(await db.runCheckpoint.count({ where: { runId: rowId('Run', run) } })).toBe(25);
    await robot.ends(run);
    expect((await answerOf(run)).message.content).toHaveLength(400_000);

    const next = await robot.begins(room, question);
    for (let from = 0; from < 200; from += 1)
      await robot.appends({ runId: next, from, kind: from % 2 ? 'TEXT' : 'THINKING', text: 'x' });
    expect(await robot.appends({ runId: next, from: 200, kind: 'THINKING', text: 'x' })).toMatchObject({
      code: 'ANSWER_TOO_LONG',
    });
    expect(await robot.appends({ runId: next, from: 200, text: 'more' })).toMatchObject({ length: 204 });
    await robot.ends(next);
  }, 60_000);

  test('is stopped by the person who asked, which its service agent receives in its feed, and keeps its words', async () => {
    const run = await robot.begins(room, question);
    await robot.appends({ runId: run, from: 0, text: 'So ' });
    const ended = Promise.withResolvers<void>();
    using feed = new HeardFeed(
      robot,
      `subscription Hear($id: ID!) {
        feed(chats: [{ id: $id, after: 0 }]) { __typename ... on ChatChange { runs { id status } } ... on Tick { at } }
      }`,
      { id: room },
      (event) => {
        const runs = (event['runs'] ?? []) as { id: string; status: string }[];
        if (runs.some(({ id, status }) => id === run && status === 'STOPPED')) ended.resolve();
      },
    );
    await feed.caughtUp;
    const bob = await person('bob');
    await addTo(room, ann, [bob]);
    expect(await bob.stops(run)).toMatchObject({ __typename: 'ForbiddenError' });
    expect(await ann.stops(run)).toMatchObject({ run: { status: 'STOPPED', message: { content: 'So ' } } });
    await ended.promise;
    expect(await robot.appends({ runId: run, from: 3, text: 'much' })).toMatchObject({ code: 'ANSWER_ENDED' });
  });

  test('is interrupted where its service agent falls silent, and not while it only says that it is there', async () => {
    const before = env.RUN_SILENCE_MS;
    Object.assign(env, { RUN_SILENCE_MS: 2_500 });
    onTestFinished(() => void Object.assign(env, { RUN_SILENCE_MS: before }));
    const run = await robot.begins(room, question);
    await robot.appends({ runId: run, from: 0, text: 'Half' });
    const began = Date.now();
    while (Date.now() - began < 5_000)
      expect(await robot.appends({ runId: run, from: 4, text: '' })).toMatchObject({ length: 4 });
    const events = await Array.fromAsync(ann.follows(run));
    expect(wordsOf(events)).toBe('Half');
    expect(events.at(-1)).toMatchObject({ __typename: 'RunError', code: 'UPSTREAM_SILENT', retryable: false });
    expect(await answerOf(run)).toMatchObject({ status: 'INTERRUPTED', message: { content: 'Half' } });
  }, 60_000);

  test('that is over stays as it is, though a copy of the database brought back what was known of it before', async () => {
    const run = await robot.begins(room, question);
    await robot.appends({ runId: run, from: 0, text: 'Half' });
    const row = await db.externalAnswer.findFirstOrThrow();
    const pieces = await db.runCheckpoint.findMany();
    await robot.appends({ runId: run, from: 4, text: ' and half' });
    await robot.ends(run);
    await db.externalAnswer.create({ data: row });
    await db.runCheckpoint.createMany({ data: pieces });
    expect(await robot.appends({ runId: run, from: 4, text: ' again' })).toMatchObject({ code: 'ANSWER_ENDED' });
    await ann.stops(run);
    expect(await answerOf(run)).toMatchObject({ status: 'COMPLETED', message: { content: 'Half and half' } });
    await deleteLeftovers();
    expect([await db.externalAnswer.count(), await db.runCheckpoint.count()]).toEqual([0, 0]);
  });

  test('an answer that cannot be ended does not block others', async () => {
    const other = await serviceAgent(admin, 'Other');
    const rooms = await Promise.all([robot, other].map(({ personId }) => roomOf(ann, { personIds: [personId] })));
    const runs: string[] = [];
    for (const [index, agent] of [robot, other].entries()) {
      const asked = (await says(ann, rooms[index] ?? '', 'Speak')).id;
      runs.push(await agent.begins(rooms[index] ?? '', asked));
    }
    await robot.appends({ runId: runs[0] ?? '', from: 0, text: 'x' });
    await db.$executeRaw`UPDATE run_checkpoint SET kind = 'NOISE'`;
    await db.run.updateMany({ where: { provider: 'EXTERNAL' }, data: { stopRequestedAt: new Date() } });
    await expect.poll(async () => (await answerOf(runs[1] ?? '')).status, { timeout: 30_000 }).toBe('STOPPED');
    expect((await answerOf(runs[0] ?? '')).status).toBe('RUNNING');
    await db.$executeRaw`UPDATE run_checkpoint SET kind = 'TEXT'`;
    await expect.poll(async () => (await answerOf(runs[0] ?? '')).status, { timeout: 30_000 }).toBe('STOPPED');
  });

  test('is interrupted where a recovery brought back its run alone', async () => {
    const run = await robot.begins(room, question);
    await db.externalAnswer.deleteMany();
    await expect.poll(async () => (await answerOf(run)).status, { timeout: 30_000 }).toBe('INTERRUPTED');
    expect(await robot.appends({ runId: run, from: 0, text: 'x' })).toMatchObject({ code: 'ANSWER_ENDED' });
  });

  test('ends where its service agent is removed or disabled, and is over for a token that is revoked', async () => {
    const run = await robot.begins(room, question);
    await robot.appends({ runId: run, from: 0, text: 'I was ' });
    const robotAsPerson = { ask: () => Promise.resolve({ viewer: { person: { id: robot.personId } } }) };
    await removeFrom(room, ann, robotAsPerson as unknown as Person);
    await expect.poll(async () => (await answerOf(run)).status, { timeout: 30_000 }).toBe('STOPPED');
    expect(await robot.appends({ runId: run, from: 6, text: 'here' })).toMatchObject({ code: 'NOT_FOUND' });

    const second = await serviceAgent(admin, 'Second');
    const other = await roomOf(ann, { personIds: [second.personId] });
    const asked = (await says(ann, other, 'And you?')).id;
    const itsRun = await second.begins(other, asked);
    expect(await does(admin, 'disablePerson', { id: second.personId })).toBe('DisablePersonPayload');
    await expect.poll(async () => (await answerOf(itsRun)).status, { timeout: 30_000 }).toBe('STOPPED');
    const refused = await second.post('/graphql', { query: '{ viewer { name } }' });
    expect(refused.status).toBe(401);
  });
});

describe('two who answer at once', () => {
  test('have an answer each, do not wait for each other, and one has one in each room', async () => {
    const other = await serviceAgent(admin, 'Other');
    await addTo(room, ann, [{ ask: () => Promise.resolve({ viewer: { person: { id: other.personId } } }) } as never]);
    const [one, two] = await Promise.all([robot.begins(room, question), other.begins(room, question)]);
    expect(
      await robot.tries('beginAnswer', { chatId: room, replyToId: question, clientId: crypto.randomUUID() }),
    ).toEqual(expect.objectContaining({ code: 'RUN_IN_PROGRESS' }));
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        await expect
          .poll(() => robot.appends({ runId: one, from: 2 * index, text: 'a ' }))
          .toMatchObject({ length: expect.any(Number) });
        await expect
          .poll(() => other.appends({ runId: two, from: 2 * index, text: 'b ' }))
          .toMatchObject({ length: expect.any(Number) });
      }),
    );
    expect(await robot.appends({ runId: two, from: 40, text: 'not mine' })).toMatchObject({ code: 'NOT_FOUND' });
    await Promise.all([robot.ends(one), other.ends(two)]);
    expect((await answerOf(one)).message.content).toBe('a '.repeat(20));
    expect((await answerOf(two)).message.content).toBe('b '.repeat(20));
  });

  test('are asked again by a reply to their answers', async () => {
    const run = await robot.begins(room, question);
    await robot.ends(run);
    const { messageId } = await db.run.findUniqueOrThrow({ where: { id: rowId('Run', run) } });
    const reply = await says(ann, room, 'And why?', { replyToId: `Message_${messageId}` });
    expect(await db.mention.findMany({ where: { messageId: rowId('Message', reply.id) } })).toMatchObject([
      { userId: rowId('Person', robot.personId), name: null },
    ]);
  });

  test('keep no agent of the room waiting, nor count for those who asked', async () => {
    const { agents } = await asks<{ agents: { id: string; handle: string }[] }>(ann, '{ agents { id handle } }', {});
    const claude = agents.find(({ handle }) => handle !== 'echo');
    expect(await does(ann, 'addRoomAgent', { chatId: room, agentId: claude?.id })).toBe('AddRoomAgentPayload');
    const run = await robot.begins(room, question);
    await robot.appends({ runId: run, from: 0, text: 'A secret of mine.' });
    testServer().model.next(answers('From the model.'));
    await says(ann, room, `@${claude?.handle} And you?`);
    await expect
      .poll(
        () => db.run.count({ where: { chatId: rowId('Chat', room), provider: 'ANTHROPIC', status: 'COMPLETED' } }),
        {
          timeout: 30_000,
        },
      )
      .toBe(1);
    // What is being written is no part of what others are sent.
    expect(JSON.stringify(testServer().model.calls.at(-1))).not.toContain('A secret of mine.');
    await robot.ends(run);
    testServer().model.next(answers('Once more.'));
    await says(ann, room, `@${claude?.handle} And now?`);
    await expect
      .poll(
        () => db.run.count({ where: { chatId: rowId('Chat', room), provider: 'ANTHROPIC', status: 'COMPLETED' } }),
        {
          timeout: 30_000,
        },
      )
      .toBe(2);
    const sent = JSON.stringify(testServer().model.calls.at(-1));
    expect(sent).toContain('A secret of mine.');
  });
});

describe('what a service agent may', () => {
  test('not: ask agents, answer agents, or be asked again by a button; people do not stream', async () => {
    const { agents } = await asks<{ agents: { id: string; handle: string }[] }>(ann, '{ agents { id handle } }', {});
    const echo = agents.find(({ handle }) => handle === 'echo');
    await does(ann, 'addRoomAgent', { chatId: room, agentId: echo?.id, replyMode: 'ALWAYS' });
    const before = await db.run.count();
    const said = await says(robot, room, `@echo Say something, @ann`);
    await expect
      .poll(() => db.mention.findMany({ where: { messageId: rowId('Message', said.id), agentId: { not: null } } }))
      .toMatchObject([{ refusal: 'ONLY_PEOPLE_ASK' }]);
    await says(robot, room, 'To nobody in particular.');
    expect(await db.run.count()).toBe(before);
    const ask = { messageId: question, agentId: echo?.id, clientId: crypto.randomUUID() };
    expect(await does(robot, 'askAgent', ask)).toBe('ForbiddenError');
    expect(
      await robot.tries('beginAnswer', { chatId: room, replyToId: said.id, clientId: crypto.randomUUID() }),
    ).toMatchObject({ code: 'ONLY_PEOPLE_ASK' });

    const run = await robot.begins(room, question);
    await robot.ends(run);
    const { messageId } = await db.run.findUniqueOrThrow({ where: { id: rowId('Run', run) } });
    const answer = `Message_${messageId}`;
    const other = await serviceAgent(admin, 'Other');
    await addTo(room, ann, [{ ask: () => Promise.resolve({ viewer: { person: { id: other.personId } } }) } as never]);
    expect(
      await other.tries('beginAnswer', { chatId: room, replyToId: answer, clientId: crypto.randomUUID() }),
    ).toMatchObject({ code: 'ONLY_PEOPLE_ASK' });
    expect(await does(ann, 'regenerateAnswer', { messageId: answer, clientId: crypto.randomUUID() })).toBe(
      'ForbiddenError',
    );
    expect(await does(robot, 'editMessage', { id: answer, content: 'Another text' })).toBe('ForbiddenError');

    const program = await programOf(ann, { scopes: everyScope });
    const asPerson = new ServiceAgent(robot, { id: program.tokenId, secret: program.secret });
    expect(
      await asPerson.tries('beginAnswer', { chatId: room, replyToId: question, clientId: crypto.randomUUID() }),
    ).toMatchObject({ code: 'NOT_A_SERVICE_AGENT' });
  });

  test('not: answer where it is no member, in a private chat, in a closed room, or what is deleted', async () => {
    const begin = (chatId: string, replyToId: string) =>
      robot.tries('beginAnswer', { chatId, replyToId, clientId: crypto.randomUUID() });
    const elsewhere = await roomWith(ann);
    const asked = (await says(ann, elsewhere, 'In private')).id;
    expect(await begin(elsewhere, asked)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await begin(room, asked)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await does(ann, 'deleteMessage', { id: question })).toBe('DeleteMessagePayload');
    expect(await begin(room, question)).toMatchObject({ code: 'QUESTION_DELETED' });
    const next = (await says(ann, room, 'The next one')).id;
    await changeRoom(ann, { id: room, isClosed: true });
    expect(await begin(room, next)).toMatchObject({ code: 'ROOM_CLOSED' });
    const chat = await asks<{ createChat: { __typename: string } }>(
      robot,
      'mutation { createChat(input: {}) { __typename } }',
      {},
    );
    expect(chat.createChat.__typename).toBe('ChatLimitError');
  });

  test('only with a token of the scope WRITE_CHATS', async () => {
    const reader = await serviceAgent(admin, 'Reader', { scopes: ['READ_CHATS', 'RUN_AGENTS', 'MANAGE_ROOMS'] });
    for (const mutation of ['beginAnswer', 'appendToAnswer', 'endAnswer'] as const) {
      const input = { chatId: room, replyToId: question, clientId: crypto.randomUUID() };
      const words = { runId: `Run_${crypto.randomUUID()}`, from: 0, kind: 'TEXT', text: 'x' };
      const given = { beginAnswer: input, appendToAnswer: words, endAnswer: { runId: words.runId } }[mutation];
      await expect(reader.tries(mutation, given), mutation).rejects.toThrow('FORBIDDEN_SCOPE');
    }
  });

  test('no more than a token that is bound to another room', async () => {
    const elsewhere = await roomOf(ann, { personIds: [robot.personId] });
    const bound = await serviceAgentToken(elsewhere);
    const begin = { chatId: room, replyToId: question, clientId: crypto.randomUUID() };
    expect(await bound.tries('beginAnswer', begin)).toMatchObject({ code: 'NOT_FOUND' });
    const run = await robot.begins(room, question);
    expect(await bound.appends({ runId: run, from: 0, text: 'x' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await bound.ends(run)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await robot.ends(run)).toMatchObject({ run: { status: 'COMPLETED' } });
  });

  async function serviceAgentToken(chatId: string): Promise<ServiceAgent> {
    const { createApiToken } = await asks<{ createApiToken: { secret: string; token: { id: string } } }>(
      admin,
      `mutation Token($input: CreateApiTokenInput!) {
        createApiToken(input: $input) { ... on CreateApiTokenPayload { secret token { id } } ... on Error { reason } }
      }`,
      { input: { name: 'Bound', scopes: everyScope, serviceAgentId: robot.personId, chatIds: [chatId] } },
    );
    return new ServiceAgent(robot, { id: createApiToken.token.id, secret: createApiToken.secret });
  }

  test('answer in a room as often as agents may be asked there in a minute', async () => {
    vi.spyOn(env, 'ROOM_RUNS_PER_MINUTE', 'get').mockReturnValue(3);
    onTestFinished(() => void vi.restoreAllMocks());
    for (let count = 0; count < 3; count += 1) await robot.ends(await robot.begins(room, question));
    expect(
      await robot.tries('beginAnswer', { chatId: room, replyToId: question, clientId: crypto.randomUUID() }),
    ).toMatchObject({ code: 'ROOM_RUN_LIMIT' });
  });
});

test('every answer is by an agent or by a service agent, never by both or neither', async () => {
  const run = await robot.begins(room, question);
  const { messageId } = await db.run.findUniqueOrThrow({ where: { id: rowId('Run', run) } });
  await robot.ends(run);
  const agent = await db.agent.findFirstOrThrow();
  const asBoth = db.message.update({ where: { id: messageId ?? '' }, data: { agentId: agent.id } });
  await expect(asBoth).rejects.toThrow('message_answer_by_one');
  const asNobody = db.message.update({ where: { id: messageId ?? '' }, data: { authorId: null } });
  await expect(asNobody).rejects.toThrow('message_answer_by_one');
  const ofAgent = db.run.update({ where: { id: rowId('Run', run) }, data: { agentId: agent.id } });
  await expect(ofAgent).rejects.toThrow('run_agent_or_external');
  expect(await does(admin, 'createAgent', { name: 'X', handle: 'x-x', provider: 'EXTERNAL' })).toBe(
    'InvalidInputError',
  );
  expect(await ann.ask(RunById, { id: run })).toMatchObject({ node: { status: 'COMPLETED' } });
});
