/** The commands of the guides in docs/api, run against a server. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { dataFolder } from '../testing/data-folder.ts';
import { freePort } from '../testing/free-port.ts';
import {
  Desk,
  type GuideProgram,
  guidesFolder,
  hasTools,
  type Language,
  languages,
  operationsOf,
  programOfGuide,
  snippetsOf,
  WeakLine,
} from '../testing/guides.ts';
import { type ModelServer, modelServer, says } from '../testing/model-server.ts';
import { type Person, person } from '../testing/person.ts';
import { asks, does, writes } from '../testing/plain-requests.ts';
import { type ConfabProcess, type Settings, startProcess } from '../testing/process.ts';
import { addTo, roomOf, says as saysInRoom } from '../testing/rooms.ts';
import { useServerAt } from '../testing/server.ts';
import { ServiceAgent, serviceAgent } from '../testing/service-agents.ts';
import { type Program, programOf, revoke } from '../testing/tokens.ts';

let folder: string;
let model: ModelServer;
let settings: Settings;
let confab: ConfabProcess;
let admin: Person;

beforeAll(async () => {
  folder = await dataFolder();
  model = await modelServer();
  model.otherwise(says('An answer.'));
  settings = {
    PORT: String(await freePort()),
    DATA_DIR: folder,
    ANTHROPIC_API_KEY: 'a key for tests',
    ANTHROPIC_BASE_URL: model.url,
  };
  await start();
  admin = await person('admin');
});

afterAll(async () => {
  await confab.kill('SIGKILL');
  await model.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  confab = await startProcess(settings);
  useServerAt(confab.url, model);
}

function environment(program: Program, more: Record<string, string> = {}): Record<string, string> {
  return { CONFAB_URL: program.url, CONFAB_TOKEN: program.secret, ...more };
}

async function readerAndWriter(owner: Person): Promise<Program> {
  return programOf(owner, { scopes: ['READ_CHATS', 'WRITE_CHATS'] });
}

test('every guide is in the index, and every link between them leads somewhere', async () => {
  const files = await readdir(guidesFolder);
  const links = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(guidesFolder, file), 'utf8');
      return [...text.matchAll(/\]\(([\w-]+\.md)(?:#[\w-]+)?\)/g)].map(([, to]) => ({ from: file, to }));
    }),
  );
  const fromIndex = links.flat().flatMap(({ from, to }) => (from === 'README.md' ? to : []));

  expect(new Set(fromIndex)).toEqual(new Set(files.filter((file) => file.endsWith('.md') && file !== 'README.md')));
  expect(links.flat().filter(({ to = '' }) => !files.includes(to))).toEqual([]);
});

/** What each guide has. A snippet that is added has to be run here. */
test('these are all snippets of the guides', async () => {
  const files = (await readdir(guidesFolder)).filter((file) => file.endsWith('.md'));
  const found = await Promise.all(
    files.map(async (file) => {
      const guide = file.replace(/\.md$/, '');
      return [guide, (await snippetsOf(guide)).map(({ language }) => language).join(' ')];
    }),
  );
  expect(Object.fromEntries(found)).toEqual({
    README: 'sh',
    'first-request': 'sh ts python',
    paging: 'sh ts python',
    streaming: 'sh ts python',
    'keeping-a-copy': 'ts python sh sh',
    errors: 'sh ts python',
    limits: 'sh ts python',
    tokens: 'sh',
    'service-agents': 'sh sh',
  });
});

test('the programs in TypeScript have sound types', { timeout: 120_000 }, async () => {
  await using desk = await Desk.make();
  const files = (await readdir(guidesFolder)).filter((file) => file.endsWith('.md'));
  const sources = ['service-agent.mts'];
  await copyFile(join(guidesFolder, '../examples/service-agent.ts'), join(desk.folder, 'service-agent.mts'));
  for (const file of files) {
    const found = (await snippetsOf(file.replace(/\.md$/, ''))).find(({ language }) => language === 'ts');
    if (!found) continue;
    sources.push(file.replace(/md$/, 'mts'));
    await writeFile(join(desk.folder, sources.at(-1) ?? ''), found.code);
  }
  expect(sources.length).toBeGreaterThan(5);
  const options = '--noEmit --strict --module nodenext --target esnext --skipLibCheck --types node'.split(' ');
  const { status, stdout } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', ...options, ...sources], {
    cwd: desk.folder,
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

describe.skipIf(!hasTools && !process.env['CI'])('the programs', { timeout: 120_000 }, () => {
  test('find the address and the token where the index puts them', async () => {
    const program = await readerAndWriter(await person('ann'));
    await using desk = await Desk.make();
    const code = (await programOfGuide('README', 'sh'))
      .replace('http://localhost:4000', program.url)
      .replace('confab_…', program.secret);
    const printed = await desk.run(
      { language: 'sh', code: `${code}${await programOfGuide('first-request', 'sh')}` },
      {},
    );
    expect(JSON.parse(printed)).toMatchObject({ data: { viewer: { name: 'ann' } } });
  });

  test('that the guide to tokens begins with lists chats', async () => {
    const ann = await person('ann');
    const { id } = await ann.createsChat('Plans');
    const program = await readerAndWriter(ann);
    await using desk = await Desk.make();
    const code = (await programOfGuide('tokens', 'sh'))
      .replace('http://localhost:4000', program.url)
      .replace('confab_…', program.secret);
    const printed = await desk.run({ language: 'sh', code }, {});
    expect(JSON.parse(printed)).toEqual({ data: { chats: { nodes: [{ id, title: 'Plans' }] } } });
  });

  describe.each(languages)('in %s', (language) => {
    test('make a first request', async () => {
      const ann = await person('ann');
      const { id } = await ann.createsChat('Plans');
      expect(JSON.parse(await runs('first-request', language, environment(await readerAndWriter(ann))))).toEqual({
        data: { viewer: { name: 'ann' }, chats: { nodes: [{ id, title: 'Plans' }] } },
      });
    });

    test('read the whole history in pages', async () => {
      const ann = await person('ann');
      const { chat } = await ann.asks('First question');
      await ann.asks('Second question', chat.id);
      await ann.asks('Third question');
      await ann.createsChat('Without a message');
      await ann.asks('Fourth question');
      // So that so few need pages.
      const code = (await programOfGuide('paging', language)).replaceAll('first: 50', 'first: 3');
      expect(code).toContain('first: 3');

      await using desk = await Desk.make();
      const printed = await desk.run({ language, code }, environment(await readerAndWriter(ann)));
      expect(linesOf(printed).map(({ content }) => content)).toEqual([
        'Fourth question',
        'An answer.',
        'Third question',
        'An answer.',
        'First question',
        'An answer.',
        'Second question',
        'An answer.',
      ]);
    });

    test('print an answer whole over a line that breaks', async () => {
      const program = await readerAndWriter(await person('ann'));
      const held = model.hold();
      await using desk = await Desk.make();
      await using line = await WeakLine.to(confab.url);
      const code = await programOfGuide('streaming', language);
      const running = await desk.start({ language, code }, environment(program, { CONFAB_URL: line.url }));

      held.begin().think('Which one?').write('Once 🐉 upon ');
      await running.says('Once 🐉 upon ');
      expect(line.cut()).toBeGreaterThan(0);
      held.write('a time').write(' …').end();
      expect(await running.ended()).toBe('Once 🐉 upon a time …\nCOMPLETED\n');
    });

    test('send a message once, though the answer to it is lost', async () => {
      const ann = await person('ann');
      const { id } = await ann.createsChat();
      const program = await readerAndWriter(ann);
      await using line = await WeakLine.to(confab.url);
      const wasLost = line.loseNextAnswer();
      const more = { CONFAB_URL: line.url, CONFAB_CHAT: id, CONFAB_TEXT: 'Say "it" once' };
      const printed = await runs('errors', language, environment(program, more));

      expect(wasLost()).toBe(true);
      await ann.waitsForAnswers(id);
      const { nodes } = await threadOf(ann, id);
      expect(nodes).toEqual([
        { id: printed.trim(), content: 'Say "it" once' },
        { id: expect.any(String), content: 'An answer.' },
      ]);
    });

    test('print why a message was not sent', async () => {
      const ann = await person('ann');
      const { id } = await ann.createsChat();
      await does(ann, 'archiveChat', { id });
      const program = await readerAndWriter(ann);
      const more = { CONFAB_CHAT: id, CONFAB_TEXT: 'Hello' };
      expect(await runs('errors', language, environment(program, more))).toMatch(/^CHAT_ARCHIVED: .+\n$/);

      await revoke(ann, program);
      expect(await runs('errors', language, environment(program, more))).toMatch(/^INVALID_TOKEN: .+\n$/);
    });

    test('print what is left', async () => {
      const program = await readerAndWriter(await person('ann'));
      const cost = JSON.parse(await runs('limits', language, environment(program))) as Cost;
      expect(cost.requested).toBe(76);
      expect(cost.remaining).toBeLessThanOrEqual(cost.limit - 76);
      expect(cost.remaining).toBeGreaterThan(0);
    });
  });

  test('answer word by word from a shell', async () => {
    const ann = await person('ann');
    const robot = await madeByGuide();
    const room = await roomOf(ann, { personIds: [robot.personId] });
    const question = await saysInRoom(ann, room, `@${robot.handle}, does it work?`);
    await using desk = await Desk.make();
    const code = await programOfGuide('service-agents', 'sh');
    const printed = await desk.run({ language: 'sh', code }, environment(robot, { ROOM: room, QUESTION: question.id }));
    expect(printed.trim()).toBe('COMPLETED');
    expect(await answersIn(ann, room)).toMatchObject([
      { model: 'a shell', message: { content: 'It works, word by word. ' } },
    ]);
  });

  /** With the two mutations of the guide, as an administrator sends them in GraphiQL. */
  async function madeByGuide(): Promise<ServiceAgent> {
    const [make = '', makeToken = ''] = await operationsOf('service-agents');
    const { createServiceAgent } = await asks<{ createServiceAgent: { person: { id: string } } }>(admin, make, {});
    const personId = createServiceAgent.person.id;
    const { createApiToken } = await asks<{ createApiToken: { secret: string } }>(
      admin,
      makeToken.replace('Person_…', personId),
      {},
    );
    return new ServiceAgent({ personId, handle: 'counter' }, { id: '', secret: createApiToken.secret });
  }

  test('answer as a service agent, whose process and whose server are killed in the midst of it', async () => {
    const ann = await person('ann');
    const robot = await serviceAgent(admin, 'Counter', { scopes: ['READ_CHATS', 'WRITE_CHATS'] });
    const room = await roomOf(ann, { title: 'Counting', personIds: [robot.personId] });
    for (let count = 0; count < 3; count += 1) await saysInRoom(ann, room, `Message ${count}`);
    const code = await readFile(join(guidesFolder, '../examples/service-agent.ts'), 'utf8');
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(80);
    // Slowly, so that it can be killed.
    const slow = { language: 'ts' as const, code: code.replace('sleep(100)', 'sleep(1_000)') };
    await using desk = await Desk.make();
    const first = await desk.start(slow, environment(robot));
    const bob = await person('bob');
    await addTo(room, ann, [bob]);
    await saysInRoom(bob, room, 'Hello');
    await saysInRoom(ann, room, `@${robot.handle} who says most?`);
    await expect.poll(() => answersIn(ann, room), { timeout: 30_000 }).toMatchObject([{ status: 'RUNNING' }]);
    await first.kill();
    // What is said meanwhile is no part of what was asked.
    await saysInRoom(ann, room, 'By the way');
    const second = await desk.start(slow, environment(robot));
    await confab.kill('SIGKILL');
    await start();
    const whole = '- **ann**: 4 of the last 5 messages\n- **bob**: 1 of the last 5 messages\n';
    const ended = [{ status: 'COMPLETED', model: 'counting', message: { content: whole } }];
    await expect.poll(() => answersIn(ann, room), { timeout: 60_000 }).toEqual(ended);
    // What it wrote itself is no question, and what it has answered is not answered again.
    await saysInRoom(ann, room, `Thank you, @${robot.handle}`);
    await expect
      .poll(() => answersIn(ann, room), { timeout: 60_000 })
      .toEqual([expect.objectContaining({ status: 'COMPLETED' }), ...ended]);
    await second.kill();
  });

  test('keep a copy of the history through restarts of the server and of themselves', async () => {
    const ann = await person('ann');
    const { chat } = await ann.asks('Before the copy');
    // More than a feed watches.
    for (let number = 0; number < 21; number += 1) await ann.asks(`Chat ${number}`);
    const program = await programOf(ann, { scopes: ['READ_CHATS'] });
    await using inTypeScript = await Desk.make();
    await using inPython = await Desk.make();
    await using inShell = await Desk.make();
    const [typescript, python, shell, present] = await snippetsOf('keeping-a-copy');
    if (!typescript || !python || !shell || !present) throw new Error('A program is missing.');
    const env = environment(program, { CONFAB_CHAT: chat.id });
    const startAll = () =>
      Promise.all([inTypeScript.start(typescript, env), inPython.start(python, env), inShell.start(shell, env)]);
    const areCurrent = async (programs: GuideProgram[]) => {
      const all = await historyOf(ann);
      await expect
        .poll(() => {
          for (const each of programs) if (!each.isRunning) throw new Error(each.complaints);
          return [copyIn(inTypeScript.folder), copyIn(inPython.folder)];
        })
        .toEqual([all, all]);
      const { nodes } = await threadOf(ann, chat.id);
      await expect
        .poll(async () => linesOf(await inShell.run(present, {})).map(({ content }) => content))
        .toEqual(nodes.map(({ content }) => content));
    };

    const first = await startAll();
    await areCurrent(first);

    // At first live, then while the server is away.
    await ann.asks('While it is watched', chat.id);
    await areCurrent(first);
    await confab.kill('SIGKILL');
    await start();
    await ann.asks('After a restart', chat.id);
    const { message } = await ann.asks('In a new chat');
    await does(ann, 'deleteMessage', { id: message.id });
    const room = await roomOf(ann, { title: 'A room' });
    await writes(ann, room, 'To the room');
    await areCurrent(first);
    // Its messages are then to be fetched again.
    await does(ann, 'updateRoom', { id: room, history: 'SINCE_JOIN' });
    await writes(ann, room, 'To the room again');
    await areCurrent(first);
    // All of it has to come again, though the programs had watched it.
    await does(ann, 'deleteChat', { id: room });
    await areCurrent(first);
    await does(ann, 'restoreChat', { id: room });
    await areCurrent(first);

    for (const each of first) await each.kill();
    await ann.asks('While nobody listens', chat.id);
    const { chat: deleted } = await ann.asks('Deleted then');
    await does(ann, 'deleteChat', { id: deleted.id });
    const { chat: another } = await ann.asks('Archived then');
    await does(ann, 'archiveChat', { id: another.id });
    await areCurrent(await startAll());
  });
});

async function runs(guide: string, language: Language, env: Record<string, string>): Promise<string> {
  await using desk = await Desk.make();
  return await desk.run({ language, code: await programOfGuide(guide, language) }, env);
}

interface Cost {
  requested: number;
  limit: number;
  remaining: number;
}

interface Line {
  content: string;
}

function linesOf(printed: string): Line[] {
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

interface Thread {
  nodes: { id: string; content: string }[];
}

async function threadOf(who: Person, chatId: string): Promise<Thread> {
  const query = 'query ($id: ID!) { chat(id: $id) { messages(last: 50) { nodes { id content } } } }';
  const { chat } = await asks<{ chat: { messages: Thread } }>(who, query, { id: chatId });
  return chat.messages;
}

/** All messages of all chats that are not deleted, as `id: content`, by id. */
async function historyOf(who: Person): Promise<string[]> {
  const query = `{
    active: chats(first: 50) { nodes { messages(last: 20) { nodes { id content } } } }
    archived: chats(first: 5, filter: ARCHIVED) { nodes { messages(last: 20) { nodes { id content } } } }
  }`;
  type Chats = { nodes: { messages: Thread }[] };
  const { active, archived } = await asks<Record<'active' | 'archived', Chats>>(who, query, {});
  return [...active.nodes, ...archived.nodes]
    .flatMap(({ messages }) => messages.nodes.map(({ id, content }) => `${id}: ${content}`))
    .toSorted();
}

/** The same of a copy. Read by a program of its own: it may be written to meanwhile. */
function copyIn(folder: string): string[] | string {
  const script = `
    import { DatabaseSync } from 'node:sqlite';
    const copy = new DatabaseSync('copy.db', { readOnly: true });
    console.log(JSON.stringify(copy.prepare("SELECT id || ': ' || content AS line FROM message").all()));`;
  try {
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return (JSON.parse(printed) as { line: string }[]).map(({ line }) => line).toSorted();
  } catch {
    return 'It is not there yet, or is being written.';
  }
}

interface SeenRun {
  status: string;
  model: string;
  message: { content: string };
}

async function answersIn(who: Person, room: string): Promise<SeenRun[]> {
  const query =
    'query Q($id: ID!) { chat(id: $id) { runs(first: 10) { nodes { status model message { content } } } } }';
  return (await asks<{ chat: { runs: { nodes: SeenRun[] } } }>(who, query, { id: room })).chat.runs.nodes;
}
