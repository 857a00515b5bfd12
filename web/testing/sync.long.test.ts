// @vitest-environment node
/** The law of sync, against a real server: what was there, with all changes since, is what a fresh fetch gives. */
import { rm } from 'node:fs/promises';

import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';

import { dataFolder } from '../../api/testing/data-folder.ts';
import { cutsAfter, modelServer, says, type ModelServer } from '../../api/testing/model-server.ts';
import { startProcess, type ConfabProcess } from '../../api/testing/process.ts';
import {
  ArchiveChatDocument,
  ContinueAnswerDocument,
  CreateChatDocument,
  DeleteChatDocument,
  DeleteMessageDocument,
  EditMessageDocument,
  PinChatDocument,
  RegenerateAnswerDocument,
  RestoreChatDocument,
  SelectBranchDocument,
  SendMessageDocument,
  SetDefaultAgentDocument,
  StopRunDocument,
  UnarchiveChatDocument,
  UnpinChatDocument,
  UpdateAgentDocument,
  UpdateChatDocument,
  AgentsInDetailDocument,
} from '../generated/graphql';
import type { Chat } from '../store/chat-fragments';
import type { Message } from '../store/message-fragments';
import { isActive } from '../store/run';
import { freshState, fastClock, linePlatform, openTab, signUp, type Person } from './tab';
import { applyMutation, visibleThread, type FeedState } from '../store/reduce';

/** Other stories each time; `SYNC_SEED` repeats the same ones. */
const SEED = Number(process.env['SYNC_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

let folder: string;
let model: ModelServer;
let server: ConfabProcess;
let ann: Person;
let claude: string;

beforeAll(async () => {
  folder = await dataFolder();
  model = await modelServer();
  server = await startProcess({
    DATA_DIR: folder,
    ANTHROPIC_API_KEY: 'a key for tests',
    ANTHROPIC_BASE_URL: model.url,
    ECHO_DELAY_MS: '1',
  });
  ann = await signUp(server.url, 'ann');
  model.otherwise(says('An ', 'answer.'));
  const { agents } = await ann.ask(AgentsInDetailDocument, {});
  claude = agents.find(({ handle }) => handle === 'claude')?.id ?? '';
}, 60_000);

afterAll(async () => {
  await server.kill('SIGKILL');
  await model.close();
  await rm(folder, { recursive: true, force: true });
});

const kinds = [
  'send',
  'send and fail',
  'send and stop',
  'repeat what was sent',
  'send beside',
  'edit',
  'delete a message',
  'answer again',
  'continue',
  'select a branch',
  'rename',
  'choose an agent',
  'rename an agent',
  'make another agent the default',
  'pin',
  'unpin',
  'archive',
  'unarchive',
  'delete',
  'restore',
] as const;
type Kind = (typeof kinds)[number];

const step = fc.record({
  kind: fc.constantFrom(...kinds),
  at: fc.nat({ max: 1_000 }),
  /** Whose line breaks just before. */
  cut: fc.constantFrom('nobody', 'first', 'second', 'both'),
  /** Whether the first tab did it, and learns of it from the answer too. */
  isOwn: fc.boolean(),
  /** Whether it is done while an answer is being written. */
  isDuring: fc.boolean(),
});

/** Every kind once in some order, and some more often. */
const story = fc
  .tuple(
    fc.shuffledSubarray([...kinds], { minLength: kinds.length }),
    fc.array(step, { minLength: kinds.length, maxLength: kinds.length + 6 }),
  )
  .map(([order, steps]) => steps.map((each, index) => ({ ...each, kind: order[index] ?? each.kind })));

test('what was there, with all changes since, is what a fresh fetch gives', { timeout: 120_000 }, async () => {
  onTestFailed(() => console.log(`SYNC_SEED=${SEED}`));
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const { createChat } = await ann.ask(CreateChatDocument, { input: {} });
      if (createChat.__typename !== 'CreateChatPayload') throw new Error(JSON.stringify(createChat));
      const { id } = createChat.chat;
      const [first, second] = [openFastTab(id), openFastTab(id)];
      await first.load();
      await second.load();
      try {
        // After each step: what comes later brings the whole chat once more, and would hide what was missing.
        for (const { kind, at, cut, isOwn, isDuring } of steps) {
          let fresh = await inStep(id, first, second);
          const held = isDuring && !kind.startsWith('send and') ? await begins(id, fresh) : null;
          if (held) fresh = await inStep(id, first, second);
          if (cut === 'first' || cut === 'both') first.cut();
          if (cut === 'second' || cut === 'both') second.cut();
          const done = await does(kind, id, at, fresh);
          if (done && isOwn) first.learn(applyMutation(first.state(), done.chat, done.messages, done.headId));
          if (held) await inStep(id, first, second);
          held?.begin().write('At last.').end();
          await atRest(id, first);
        }
        await inStep(id, first, second);
        // On the branches that are not shown, too.
        for (const leaf of leavesIn(first.state(), id)) {
          await ann.ask(SelectBranchDocument, { input: { messageId: leaf } });
          const there = threadIn(await freshState(ann, id), id);
          for (const tab of [first, second]) {
            for (const { id: messageId } of visibleThread(there)) {
              expect(rowIn(tab.state(), id, messageId)).toEqual(
                rowIn({ threads: new Map([[id, there]]) }, id, messageId),
              );
            }
          }
        }
      } finally {
        first.close();
        second.close();
      }
    }),
    { numRuns: 4, endOnFailure: true, seed: SEED },
  );
});

function threadIn(state: Pick<FeedState, 'threads'>, chatId: string) {
  const thread = state.threads.get(chatId);
  if (!thread) throw new Error('The thread is not known.');
  return thread;
}

function rowIn(state: Pick<FeedState, 'threads'>, chatId: string, messageId: string) {
  const thread = threadIn(state, chatId);
  const row = thread.messages.get(messageId)?.row;
  return row && { ...row, run: row.run && thread.runs.get(row.run.id)?.row };
}

function leavesIn(state: FeedState, chatId: string): string[] {
  const rows = [...threadIn(state, chatId).messages.values()].map(({ row }) => row);
  const parents = new Set(rows.map(({ parent }) => parent?.id));
  return rows.filter(({ id }) => !parents.has(id)).map(({ id }) => id);
}

/** Does not wait for half a second each time its line breaks. */
function openFastTab(chatId: string): ReturnType<typeof openTab> {
  return openTab(ann, chatId, linePlatform(ann.cookie, fastClock(20)));
}

async function atRest(chatId: string, tab: ReturnType<typeof openTab>): Promise<void> {
  const revision = (await freshState(ann, chatId)).chats.get(chatId)?.revision ?? 0;
  await tab.until((state) => {
    const thread = threadIn(state, chatId);
    return thread.revision >= revision && [...thread.runs.values()].every(({ row }) => !isActive(row));
  });
}

/** The tabs have what a fresh fetch gives, as far as the chat stands still; returns what they have. */
async function inStep(chatId: string, ...tabs: ReturnType<typeof openTab>[]): Promise<FeedState> {
  const fresh = await freshState(ann, chatId);
  const revision = fresh.chats.get(chatId)?.revision ?? 0;
  const agents = namesOf((await ann.ask(AgentsInDetailDocument, {})).agents);
  try {
    for (const tab of tabs) {
      await tab.until((state) => threadIn(state, chatId).revision >= revision);
      await tab.until((state) => namesOf(state.agents.rows) === agents);
      expect(tab.state().chats.get(chatId)).toEqual(fresh.chats.get(chatId));
      expect(visibleThread(threadIn(tab.state(), chatId))).toEqual(visibleThread(threadIn(fresh, chatId)));
      expect(tab.state().texts.size).toBe(0);
    }
    return fresh;
  } catch (difference) {
    // A run that starts goes on by itself.
    const again = await freshState(ann, chatId);
    if (again.chats.get(chatId)?.revision === revision) throw difference;
    return inStep(chatId, ...tabs);
  }
}

function namesOf(agents: readonly { name: string; isDefault: boolean }[]): string {
  return agents.map(({ name, isDefault }) => (isDefault ? `${name}, by default` : name)).join('; ');
}

/** An answer that waits for its first word, where one can be asked for. */
async function begins(chatId: string, state: FeedState) {
  if (isClosed(state.chats.get(chatId))) return null;
  const held = model.hold();
  const input = { chatId, content: 'Go on.', clientId: crypto.randomUUID(), agentId: claude };
  const { sendMessage } = await ann.ask(SendMessageDocument, { input });
  expect(sendMessage.__typename).toBe('SendMessagePayload');
  await held.arrived;
  return held;
}

/** Where no model will be asked: an unused script would answer the next request. */
function isClosed(chat: Chat | undefined): boolean {
  return !!chat?.archivedAt || !!chat?.deletedAt;
}

async function someAgent(at: number): Promise<string> {
  const { agents } = await ann.ask(AgentsInDetailDocument, {});
  return agents[at % agents.length]?.id ?? '';
}

/** Does it as far as the chat allows. A refusal is an answer too: then nothing changed. */
async function does(kind: Kind, chatId: string, at: number, state: FeedState) {
  const thread = visibleThread(threadIn(state, chatId));
  const chat = state.chats.get(chatId);
  const some = (those: readonly Message[]) => those[at % Math.max(1, those.length)];
  const own = thread.filter(({ role, isDeleted }) => role === 'USER' && !isDeleted);
  const answers = thread.filter(({ role }) => role === 'ASSISTANT');
  const input = { id: chatId };
  const clientId = crypto.randomUUID();
  const sends = async (more: { parentId?: string | null; agentId?: string; clientId?: string } = {}) => {
    const { sendMessage: sent } = await ann.ask(SendMessageDocument, {
      input: { chatId, content: `Question ${at}`, clientId, ...more },
    });
    return sent.__typename === 'SendMessagePayload' ? asked(sent.chat, sent.message, ...sent.answers) : null;
  };
  // As the page takes it: the answer is where the thread ends.
  const asked = (chat: Chat, ...messages: Message[]) => ({ chat, messages, headId: messages.at(-1)?.id });
  const change = async (result: Promise<Record<string, { __typename?: string; chat?: unknown }>>) => {
    const [outcome] = Object.values(await result);
    return outcome && 'chat' in outcome ? { chat: outcome.chat as Chat, messages: [], headId: undefined } : null;
  };

  switch (kind) {
    case 'send':
      return sends();
    case 'send and fail':
      if (isClosed(chat)) return null;
      model.next(cutsAfter('Half an ans'));
      return sends({ agentId: claude });
    case 'send and stop': {
      if (isClosed(chat)) return null;
      const held = model.hold();
      const sent = await sends({ agentId: claude });
      if (!sent) throw new Error('It was not sent.');
      held.begin().write('As far as ');
      await ann.ask(StopRunDocument, { input: { id: sent.messages.at(-1)?.run?.id ?? '' } });
      return sent;
    }
    case 'repeat what was sent': {
      const message = some(own.filter((each) => each.clientId));
      return message ? sends({ clientId: message.clientId ?? '' }) : null;
    }
    case 'send beside': {
      const message = some(own);
      return message ? sends({ parentId: message.parent?.id ?? null }) : null;
    }
    case 'edit': {
      const message = some(own);
      if (!message) return null;
      const { editMessage } = await ann.ask(EditMessageDocument, {
        input: { id: message.id, content: `Edited ${at}` },
      });
      if (editMessage.__typename !== 'EditMessagePayload') return null;
      const { chat, ...edited } = editMessage.message;
      return { chat, messages: [edited], headId: undefined };
    }
    case 'delete a message': {
      const message = some(thread);
      if (message) await ann.ask(DeleteMessageDocument, { input: { id: message.id } });
      return null;
    }
    case 'answer again': {
      const message = some(answers);
      if (!message) return null;
      const { regenerateAnswer: again } = await ann.ask(RegenerateAnswerDocument, {
        input: { messageId: message.id, clientId },
      });
      return again.__typename === 'RegenerateAnswerPayload' ? asked(again.chat, ...again.answers) : null;
    }
    case 'continue': {
      const message = some(answers.filter(({ run }) => run?.isCut));
      if (!message) return null;
      const { continueAnswer: rest } = await ann.ask(ContinueAnswerDocument, {
        input: { messageId: message.id, clientId },
      });
      return rest.__typename === 'ContinueAnswerPayload' ? asked(rest.chat, ...rest.answers) : null;
    }
    case 'select a branch': {
      const sibling = some(thread.filter(({ siblings }) => siblings.length > 1))?.siblings[0];
      if (sibling) await ann.ask(SelectBranchDocument, { input: { messageId: sibling.id } });
      return null;
    }
    case 'rename':
      return change(ann.ask(UpdateChatDocument, { input: { ...input, title: `Title ${at}` } }));
    case 'choose an agent':
      return change(ann.ask(UpdateChatDocument, { input: { ...input, agentId: await someAgent(at) } }));
    case 'rename an agent': {
      await ann.ask(UpdateAgentDocument, { input: { id: await someAgent(at), name: `Agent ${at}` } });
      return null;
    }
    case 'make another agent the default': {
      await ann.ask(SetDefaultAgentDocument, { input: { id: await someAgent(at) } });
      return null;
    }
    case 'pin':
      return change(ann.ask(PinChatDocument, { input }));
    case 'unpin':
      return change(ann.ask(UnpinChatDocument, { input }));
    case 'archive':
      return change(ann.ask(ArchiveChatDocument, { input }));
    case 'unarchive':
      return change(ann.ask(UnarchiveChatDocument, { input }));
    case 'delete':
      return change(ann.ask(DeleteChatDocument, { input }));
    case 'restore':
      return change(ann.ask(RestoreChatDocument, { input }));
  }
}
