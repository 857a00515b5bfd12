// @vitest-environment node
/** The law of sync in a room, against a real server: what each member's tab had, with all changes since, equals a fresh fetch. */
import { rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';
import { parse } from 'graphql';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';

import { dataFolder } from '../../api/testing/data-folder.ts';
import { modelServer, says, type ModelServer } from '../../api/testing/model-server.ts';
import { startProcess, type ConfabProcess } from '../../api/testing/process.ts';
import {
  AgentsInDetailDocument,
  CreateRoomDocument,
  ReactDocument,
  SendMessageDocument,
  UnreactDocument,
} from '../generated/graphql';
import type { Chat } from '../store/chat-fragments';
import type { Message } from '../store/message-fragments';
import { applyChats, applyMutation, type FeedState, visibleThread } from '../store/reduce';
import { isActive } from '../store/run';
import { fastClock, freshState, linePlatform, openTab, signUp, type Person } from './tab';

/** Other stories each time; `SYNC_SEED` repeats the same ones. */
const SEED = Number(process.env['SYNC_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

const names = ['ann', 'bob', 'cat'] as const;
type Name = (typeof names)[number];
type Tab = ReturnType<typeof openTab>;

let folder: string;
let model: ModelServer;
let server: ConfabProcess;
let people: Record<Name, Person>;
let ids: Record<Name, string>;
let claude: string;
/** A program that takes part: the id and the handle of its account, and its token. */
let robot: { id: string; handle: string; secret: string };

beforeAll(async () => {
  folder = await dataFolder();
  model = await modelServer();
  server = await startProcess({
    DATA_DIR: folder,
    ANTHROPIC_API_KEY: 'a key for tests',
    ANTHROPIC_BASE_URL: model.url,
    ROOM_RUNS_PER_MINUTE: '1000',
    RUNS_PER_USER: '1000',
  });
  model.otherwise(says('An ', 'answer.'));
  const [ann, bob, cat] = [
    await signUp(server.url, 'ann'),
    await signUp(server.url, 'bob'),
    await signUp(server.url, 'cat'),
  ];
  people = { ann, bob, cat };
  ids = { ann: await idOf(ann), bob: await idOf(bob), cat: await idOf(cat) };
  const { agents } = await ann.ask(AgentsInDetailDocument, {});
  claude = agents.find(({ handle }) => handle === 'claude')?.id ?? '';
  robot = await serviceAgent(ann);
}, 60_000);

afterAll(async () => {
  await server.kill('SIGKILL');
  await model.close();
  await rm(folder, { recursive: true, force: true });
});

/** A request of which the page has no document. */
function does<Data = unknown>(who: Person, query: string, variables: object = {}): Promise<Data> {
  return who.ask<Data, object>(parse(query), variables);
}

async function idOf(who: Person): Promise<string> {
  return (await does<{ viewer: { person: { id: string } } }>(who, '{ viewer { person { id } } }')).viewer.person.id;
}

/** By the administrator, who is the first to sign up. */
async function serviceAgent(by: Person): Promise<typeof robot> {
  const { createServiceAgent } = await does<{ createServiceAgent: { person: { id: string; handle: string } } }>(
    by,
    `mutation ($input: CreateServiceAgentInput!) {
      createServiceAgent(input: $input) { ... on CreateServiceAgentPayload { person { id handle } } }
    }`,
    { input: { name: 'Robot', handle: 'robot', clientId: crypto.randomUUID() } },
  );
  const { person } = createServiceAgent;
  const { createApiToken } = await does<{ createApiToken: { secret: string } }>(
    by,
    'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { ... on CreateApiTokenPayload { secret } } }',
    { input: { name: 'Its program', scopes: ['READ_CHATS', 'WRITE_CHATS'], serviceAgentId: person.id } },
  );
  return { ...person, secret: createApiToken.secret };
}

/** Asks with the service agent's token. Throws where it did not come to what was asked for. */
async function robotDoes(name: string, input: object): Promise<{ run?: { id: string } }> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const run = name === 'beginAnswer' ? `... on ${type}Payload { run { id } }` : '';
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${robot.secret}` },
    body: JSON.stringify({
      query: `mutation ($input: ${type}Input!) { ${name}(input: $input) { ${run} ... on Error { reason } } }`,
      variables: { input },
    }),
  });
  const { data, errors } = (await response.json()) as {
    data?: Record<string, { reason?: string; run?: { id: string } }>;
    errors?: object;
  };
  const outcome = data?.[name];
  if (!outcome || outcome.reason !== undefined) throw new Error(JSON.stringify(errors ?? outcome));
  return outcome;
}

/** A member asks it, and it has begun to answer. */
async function robotBegins(who: Person, chatId: string) {
  const asked = await say(who, chatId, `@${robot.handle}, slowly?`);
  const begun = { chatId, replyToId: asked?.message.id, clientId: crypto.randomUUID() };
  const runId = (await robotDoes('beginAnswer', begun)).run?.id;
  const text = 'Half ';
  await robotDoes('appendToAnswer', { runId, from: 0, kind: 'TEXT', text });
  return { asked, runId, from: text.length };
}

/** Without what it came to: a refusal changes nothing. */
function mutation(name: string, type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`): string {
  return `mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`;
}

const kinds = [
  'say',
  'reply',
  'mention a member',
  'mention all',
  'ask the agent',
  'ask the agent while it answers',
  'cancel a waiting run',
  'the service agent says something',
  'the service agent answers',
  'the service agent is stopped',
  'edit',
  'delete a message',
  'react',
  'take back',
  'rename',
  'change the topic',
  'hide the past',
  'show the past',
  'close and open',
  'take the agent away and add it',
  'change a role',
  'remove and add a member',
  'pin',
  'mute',
  'read',
  'delete a person',
] as const;
type Kind = (typeof kinds)[number];

const step = fc.record({
  kind: fc.constantFrom(...kinds),
  by: fc.constantFrom(...names),
  at: fc.nat({ max: 1_000 }),
  /** Whose lines break just before. */
  cut: fc.subarray([...names]),
  /** Whether their own tab learns of it from the answer too. */
  isOwn: fc.boolean(),
});

/** Every kind once in some order. */
const story = fc
  .tuple(
    fc.shuffledSubarray([...kinds], { minLength: kinds.length }),
    fc.array(step, { minLength: kinds.length, maxLength: kinds.length }),
  )
  .map(([order, steps]) => steps.map((each, index) => ({ ...each, kind: order[index] ?? each.kind })));

test('what each member had, with all changes since, equals a fresh fetch', { timeout: 180_000 }, async () => {
  onTestFailed(() => console.log(`SYNC_SEED=${SEED}`));
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const dan = await signUp(server.url, 'dan');
      const room = await makeRoom(dan);
      const tabs = names.map((name) => [name, openFastTab(people[name], room)] as const);
      for (const [, tab] of tabs) await tab.load();
      try {
        // After each step: what comes later brings the chat once more, and would hide what was missing.
        for (const { kind, by, at, cut, isOwn } of steps) {
          for (const [name, tab] of tabs) if (cut.includes(name)) tab.cut();
          const tab = tabs.find(([name]) => name === by)?.[1] as Tab;
          const learned = await doKind(kind, { by, at, room, dan, state: tab.state() });
          if (learned && isOwn) tab.learn(applyMutation(tab.state(), learned.chat, [learned.message]));
          for (const [name, each] of tabs)
            await expect
              .poll(() => difference(people[name], each, room, cut.includes(name)), {
                message: `${name} after: ${kind}, by ${by}`,
              })
              .toBeNull();
        }
      } finally {
        for (const [, tab] of tabs) tab.close();
      }
    }),
    { numRuns: 2, endOnFailure: true, seed: SEED },
  );
});

/** Ann's, with bob as a moderator; everybody has said something, and cat joined later. */
async function makeRoom(dan: Person): Promise<string> {
  const danId = await idOf(dan);
  const { createRoom } = await people.ann.ask(CreateRoomDocument, {
    input: { title: 'The team', visibility: 'OPEN', personIds: [ids.bob, danId, robot.id] },
  });
  if (createRoom.__typename !== 'CreateRoomPayload') throw new Error(JSON.stringify(createRoom));
  const room = createRoom.chat.id;
  await does(people.ann, mutation('setMemberRole'), { input: { chatId: room, personId: ids.bob, role: 'MODERATOR' } });
  await does(people.ann, mutation('addRoomAgent'), { input: { chatId: room, agentId: claude } });
  for (const who of [people.ann, people.bob, dan]) await say(who, room, 'Here I am.');
  await does(people.cat, mutation('joinRoom'), { input: { id: room } });
  await say(people.cat, room, 'Me too.');
  await say(dan, room, 'Welcome.');
  return room;
}

async function say(who: Person, chatId: string, content: string, replyToId?: string) {
  const { sendMessage } = await who.ask(SendMessageDocument, {
    input: { chatId, content, clientId: crypto.randomUUID(), ...(replyToId !== undefined && { replyToId }) },
  });
  return sendMessage.__typename === 'SendMessagePayload'
    ? { chat: sendMessage.chat, message: sendMessage.message }
    : null;
}

/** Does not wait for half a second each time its line breaks. */
function openFastTab(who: Person, chatId: string): Tab {
  return openTab(who, chatId, linePlatform(who.cookie, fastClock(20)));
}

/** Null where the tab has what a fresh fetch gives, and nothing goes on. */
async function difference(who: Person, tab: Tab, room: string, wasCut: boolean) {
  // Whoever was removed and is a member again opens the room anew.
  if (!tab.state().threads.has(room)) await tab.load();
  const fresh = await freshState(who, room);
  // A member's own settings are sent as they change and never afterwards: with each connection the page fetches the list.
  const chat = fresh.chats.get(room);
  if (wasCut && chat) tab.learn(applyChats(tab.state(), [chat]));
  const [has, should] = [shownIn(tab.state(), room), shownIn(fresh, room)];
  const goesOn = [...(fresh.threads.get(room)?.runs.values() ?? [])].some(({ row }) => isActive(row));
  return isDeepStrictEqual(has, should) && !goesOn ? null : { has, should };
}

function shownIn(state: FeedState, room: string) {
  const thread = state.threads.get(room);
  return {
    chat: state.chats.get(room),
    messages: thread ? visibleThread(thread) : null,
    texts: state.texts.size,
  };
}

interface Deed {
  by: Name;
  at: number;
  room: string;
  dan: Person;
  state: FeedState;
}

/** As far as the member may. */
async function doKind(
  kind: Kind,
  { by, at, room, dan, state }: Deed,
): Promise<{ chat: Chat; message: Message } | null> {
  const who = people[by];
  const thread = state.threads.get(room);
  const messages = (thread ? visibleThread(thread) : []).filter(
    ({ role, isDeleted }) => role !== 'SYSTEM' && !isDeleted,
  );
  const some = messages[at % Math.max(1, messages.length)];
  const own = messages.filter(({ author }) => author?.id === ids[by]);
  const ownOne = own[at % Math.max(1, own.length)];
  const input = { chatId: room };
  const changesRoom = (change: object) => does(people.ann, mutation('updateRoom'), { input: { id: room, ...change } });
  const nothing = async (deed: Promise<unknown>) => {
    await deed;
    return null;
  };

  switch (kind) {
    case 'say':
      return say(who, room, `Words ${at}.`);
    case 'reply':
      return some ? say(who, room, `A reply ${at}.`, some.id) : null;
    case 'mention a member':
      return say(who, room, `Dear @${await handleOf(people[names[at % names.length] ?? 'ann'])}!`);
    case 'mention all':
      return say(people.ann, room, 'Dear @room!').then((said) => (by === 'ann' ? said : null));
    case 'ask the agent':
      return say(who, room, `@claude, ${at}?`);
    case 'ask the agent while it answers': {
      const held = model.hold();
      await say(who, room, '@claude, slowly?');
      await held.arrived;
      held.begin().write('Half ');
      const asked = await say(people.bob, room, '@claude, and this?');
      if (some) await does(who, mutation('react'), { input: { messageId: some.id, emoji: '🎉' } });
      held.write('and half.').end();
      return by === 'bob' ? asked : null;
    }
    case 'cancel a waiting run': {
      const held = model.hold();
      await say(people.ann, room, '@claude, slowly?');
      await held.arrived;
      const asked = await say(who, room, '@claude, or never mind?');
      const waiting = (await waitingRuns(people.bob, room)).at(-1);
      if (!waiting) throw new Error('Nothing waits.');
      // Their own, or a moderator any.
      await does(at % 2 ? who : people.bob, mutation('stopRun'), { input: { id: waiting } });
      held.begin().write('Done.').end();
      return asked;
    }
    case 'the service agent says something':
      return nothing(robotDoes('sendMessage', { chatId: room, content: `Beep ${at}.`, clientId: crypto.randomUUID() }));
    case 'the service agent answers': {
      const { asked, runId, from } = await robotBegins(who, room);
      if (some) await does(who, mutation('react'), { input: { messageId: some.id, emoji: '🤖' } });
      await robotDoes('appendToAnswer', { runId, from, kind: at % 2 ? 'TEXT' : 'THINKING', text: 'and half.' });
      await robotDoes('endAnswer', { runId, status: at % 3 ? 'COMPLETED' : 'FAILED', model: 'robot-1' });
      return asked;
    }
    case 'the service agent is stopped': {
      const { asked, runId } = await robotBegins(who, room);
      await does(people.bob, mutation('stopRun'), { input: { id: runId } });
      return asked;
    }
    case 'edit':
      return ownOne
        ? nothing(does(who, mutation('editMessage'), { input: { id: ownOne.id, content: `Other words ${at}.` } }))
        : null;
    case 'delete a message':
      return some ? nothing(does(people.bob, mutation('deleteMessage'), { input: { id: some.id } })) : null;
    case 'react': {
      if (!some) return null;
      for (const each of [people.ann, people.cat])
        if (each !== who) await does(each, mutation('react'), { input: { messageId: some.id, emoji: '👍' } });
      const { react } = await who.ask(ReactDocument, { input: { messageId: some.id, emoji: '👍' } });
      return react.__typename === 'ReactPayload' ? split(react.message) : null;
    }
    case 'take back': {
      const given = messages.find(({ reactions }) => reactions.some(({ viewerReacted }) => viewerReacted));
      const emoji = given?.reactions.find(({ viewerReacted }) => viewerReacted)?.emoji;
      if (!given || !emoji) return null;
      const { unreact } = await who.ask(UnreactDocument, { input: { messageId: given.id, emoji } });
      return unreact.__typename === 'UnreactPayload' ? split(unreact.message) : null;
    }
    case 'rename':
      return nothing(changesRoom({ title: `Title ${at}` }));
    case 'change the topic':
      return nothing(changesRoom({ topic: `Topic ${at}` }));
    case 'hide the past':
      return nothing(changesRoom({ history: 'SINCE_JOIN' }));
    case 'show the past':
      return nothing(changesRoom({ history: 'ALL' }));
    case 'close and open':
      await changesRoom({ isClosed: true });
      return nothing(changesRoom({ isClosed: false }));
    case 'take the agent away and add it':
      await does(people.bob, mutation('removeRoomAgent'), { input: { ...input, agentId: claude } });
      return nothing(does(people.bob, mutation('addRoomAgent'), { input: { ...input, agentId: claude } }));
    case 'change a role':
      return nothing(
        does(people.ann, mutation('setMemberRole'), {
          input: { ...input, personId: ids.cat, role: at % 2 ? 'MODERATOR' : 'MEMBER' },
        }),
      );
    case 'remove and add a member': {
      const someone = at % 2 ? ids.cat : robot.id;
      await does(people.bob, mutation('removeMember'), { input: { ...input, personId: someone } });
      return nothing(does(people.bob, mutation('addMembers'), { input: { ...input, personIds: [someone] } }));
    }
    case 'pin':
      return nothing(does(who, mutation('pinChat'), { input: { id: room } }));
    case 'mute':
      return nothing(does(who, mutation('setRoomNotifications'), { input: { ...input, isMuted: at % 2 === 0 } }));
    case 'read':
      return some ? nothing(does(who, mutation('markRead'), { input: { ...input, seq: some.seq } })) : null;
    case 'delete a person':
      return nothing(
        does(dan, mutation('deletePerson'), { input: { id: await idOf(dan), messages: at % 2 ? 'KEEP' : 'ERASE' } }),
      );
  }
}

function split({ chat, ...message }: Message & { chat: Chat }) {
  return { chat, message };
}

/** Oldest first. */
async function waitingRuns(who: Person, chatId: string): Promise<string[]> {
  const { chat } = await does<{ chat: { runQueue: { id: string; status: string }[] } }>(
    who,
    'query ($chatId: ID!) { chat(id: $chatId) { runQueue { id status } } }',
    { chatId },
  );
  return chat.runQueue.filter(({ status }) => status === 'QUEUED').map(({ id }) => id);
}

async function handleOf(who: Person): Promise<string> {
  const { viewer } = await does<{ viewer: { person: { handle: string } } }>(who, '{ viewer { person { handle } } }');
  return viewer.person.handle;
}
