/** What one request may take of the memory and the time of the others. */
import { beforeAll, expect, test, vi } from 'vitest';

import { ANSWER_BYTES } from './answer-size.ts';
import { db } from '../database/db.ts';
import { rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person, stranger } from '../testing/person.ts';

useConfab();

let ann: Person;
let bob: Person;

beforeAll(async () => {
  ann = await person('ann');
  bob = await person('bob');
});

interface Answer {
  data: Record<string, { messages: Messages } | null> | null;
  errors?: { path: unknown[]; extensions: { code: string } }[];
}

interface Messages {
  nodes: { content: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean };
}

/** A chat of ann's with such messages, the oldest first, each following the one before. */
async function chatOf(contents: string[]): Promise<string> {
  const { id } = await ann.createsChat();
  const chatId = rowId('Chat', id);
  const ids = contents.map(() => crypto.randomUUID());
  const messages = contents.map((content, index) => ({
    id: ids[index] ?? '',
    chatId,
    seq: index + 1,
    revision: index + 1,
    parentId: ids[index - 1] ?? null,
    role: 'USER' as const,
    content,
  }));
  await db.message.createMany({ data: messages });
  await db.chat.update({ where: { id: chatId }, data: { headId: ids.at(-1) ?? null, revision: contents.length } });
  return id;
}

async function ask(query: string): Promise<{ answer: Answer; bytes: number }> {
  const text = await (await ann.post('/graphql', { query })).text();
  return { answer: JSON.parse(text) as Answer, bytes: Buffer.byteLength(text) };
}

function thirtyTimes(field: string): string {
  return `{ ${Array.from({ length: 30 }, (_, index) => `a${index}: ${field}`).join(' ')} }`;
}

/** How many characters of messages are read from the database from now on. */
function countLoaded(): () => number {
  let loaded = 0;
  const findMany = db.message.findMany.bind(db.message);
  const counting = async (query: object) => {
    const rows = await findMany(query);
    loaded += JSON.stringify(rows).length;
    return rows;
  };
  vi.spyOn(db.message, 'findMany').mockImplementation(counting as never);
  return () => loaded;
}

test('a page of texts that JSON makes far longer ends early, and is no error', async () => {
  const escaped = ['"\n', '\\"', '\u0001\u001b'].map((text) => text.repeat(50_000));
  const id = await chatOf(Array.from({ length: 50 }, (_, index) => escaped[index % 3] ?? ''));
  const { answer, bytes } = await ask(
    `{ node(id: "${id}") { ... on Chat { messages(last: 50) { nodes { content } pageInfo { hasNextPage hasPreviousPage } } } } }`,
  );
  const page = Object.values(answer.data ?? {})[0]?.messages;

  expect(answer.errors).toBeUndefined();
  expect(bytes).toBeLessThan(ANSWER_BYTES);
  expect(page?.nodes.length).toBeGreaterThan(10);
  expect(page?.nodes.at(-1)?.content).toBe(escaped[1]);
  expect(page?.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: true });
});

test('a page of texts costs three statements: its rows, their lengths, and the texts', async () => {
  const id = await chatOf(Array.from({ length: 10 }, (_, index) => `message ${index}`));
  const lengths = vi.spyOn(db, '$queryRaw');
  const texts = vi.spyOn(db.message, 'findMany');
  const { answer } = await ask(
    `{ node(id: "${id}") { ... on Chat { messages(last: 10) { nodes { content editedContent parts { text } } } } } }`,
  );
  // The first argument of a tagged template: its pieces between the values.
  const asked = lengths.mock.calls.filter(([sql]) => (sql as readonly string[]).join('?').includes('id = ANY(?'));
  const loads = texts.mock.calls.filter(([query]) => query?.select && 'content' in query.select);
  vi.restoreAllMocks();

  expect(answer.errors).toBeUndefined();
  expect([asked.length, loads.length]).toEqual([1, 1]);
});

test('thirty pages of fifty long messages end where the answer is full, and others are answered meanwhile', async () => {
  const id = await chatOf(Array.from({ length: 50 }, (_, index) => String(index).padEnd(100_000, '.')));
  const loaded = countLoaded();
  const page = 'messages(last: 50) { nodes { content } pageInfo { hasNextPage hasPreviousPage } }';
  const progress = { isDone: false };
  const attack = ask(thirtyTimes(`node(id: "${id}") { ... on Chat { ${page} } }`)).finally(
    () => (progress.isDone = true),
  );
  let answered = 0;
  for (; !progress.isDone; answered += 1) await bob.post('/graphql', { query: '{ viewer { id } }' });
  const { answer, bytes } = await attack;
  vi.restoreAllMocks();

  expect(answer.errors).toBeUndefined();
  expect(bytes).toBeLessThan(ANSWER_BYTES);
  expect(loaded()).toBeLessThan(2 * ANSWER_BYTES);
  const pages = Object.values(answer.data ?? {}).map((chat) => chat?.messages);
  const counts = pages.map((each) => each?.nodes.length ?? 0);
  expect(counts.filter((count) => count === 50)).toHaveLength(1);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(60);
  for (const each of pages) {
    const { length } = each?.nodes ?? [];
    expect(each?.pageInfo).toEqual({ hasNextPage: length === 0, hasPreviousPage: length < 50 });
    // The end of the thread, in its order.
    const numbers = each?.nodes.map(({ content }) => Number.parseInt(content, 10)) ?? [];
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => 50 - numbers.length + index));
  }
  // Were they held up to the end, one or two would have been answered.
  expect(answered).toBeGreaterThan(2);
});

test('an alias costs what it holds, and a page around a message keeps it', async () => {
  const id = await chatOf(Array.from({ length: 20 }, (_, index) => String(index).padEnd(100_000, '.')));
  const contents = Array.from({ length: 25 }, (_, index) => `c${index}: content`).join(' ');
  const page = (args: string) => `{ chat(id: "${id}") { messages(${args}) { nodes { content ${contents} }
    pageInfo { hasNextPage hasPreviousPage } } } }`;

  const forward = (await ask(page('first: 20'))).answer.data?.['chat']?.messages;
  expect(forward?.nodes.map(({ content }) => Number.parseInt(content, 10))).toEqual([0, 1]);
  expect(forward?.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: false });

  const [tenth] = await db.message.findMany({ where: { chatId: rowId('Chat', id), seq: 11 }, select: { id: true } });
  const around = (await ask(page(`first: 20, around: "Message_${tenth?.id}"`))).answer.data?.['chat']?.messages;
  expect(around?.nodes.map(({ content }) => Number.parseInt(content, 10))).toContain(10);
  expect(around?.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: true });
});

test('only what is larger than any answer is an error', async () => {
  const id = await chatOf(['before', 'x'.repeat(ANSWER_BYTES), 'after']);
  const page = (args: string) =>
    ask(`{ chat(id: "${id}") { messages(${args}) { nodes { content } pageInfo { hasNextPage hasPreviousPage } } } }`);

  expect((await page('last: 3')).answer.data?.['chat']?.messages).toEqual({
    nodes: [{ content: 'after' }],
    pageInfo: { hasNextPage: false, hasPreviousPage: true },
  });
  expect((await page('first: 3')).answer.data?.['chat']?.messages.nodes).toEqual([{ content: 'before' }]);
  const [huge] = await db.message.findMany({ where: { chatId: rowId('Chat', id), seq: 2 }, select: { id: true } });
  const { answer } = await ask(`{ node(id: "Message_${huge?.id}") { ... on Message { content } } }`);
  expect(answer).toMatchObject({ data: { node: null }, errors: [{ extensions: { code: 'ANSWER_TOO_LARGE' } }] });
});

test('what is not a page is bounded too, in memory and in errors', async () => {
  const id = await chatOf(Array.from({ length: 100 }, () => 'y'.repeat(50_000)));
  const loaded = countLoaded();
  const { answer, bytes } = await ask(
    `{ chat(id: "${id}") { messages(last: 100) { nodes { parent { content parent { content parent { content siblings { content } } } } } } } }`,
  );
  vi.restoreAllMocks();

  expect(bytes).toBeLessThan(ANSWER_BYTES);
  expect(loaded()).toBeLessThan(3 * ANSWER_BYTES);
  expect(answer.errors?.length).toBeLessThanOrEqual(10);
  expect(answer.errors?.[0]?.extensions.code).toBe('ANSWER_TOO_LARGE');
});

test('wordings of a context end where the answer is full', async () => {
  await ann.post('/graphql', { query: '{ personalContext { id } }' });
  const file = await db.contextFile.findFirstOrThrow({ where: { type: 'PERSONAL' } });
  const content = 'z'.repeat(50_000);
  const versions = Array.from({ length: 30 }, (_, index) => ({ contextFileId: file.id, version: index + 1, content }));
  await db.contextVersion.createMany({ data: versions });

  const page = 'versions(first: 30) { nodes { content } pageInfo { hasNextPage } }';
  const { answer, bytes } = await ask(thirtyTimes(`personalContext { ${page} }`));
  expect(answer.errors).toBeUndefined();
  expect(bytes).toBeLessThan(ANSWER_BYTES);
  const pages = JSON.stringify(answer).match(/"hasNextPage":(true|false)/g) ?? [];
  expect(pages).toHaveLength(30);
  expect(pages.filter((each) => each.endsWith('true')).length).toBeGreaterThan(20);
});

test('types that refer to each other are no way to a large answer', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `${'n'.repeat(100)}${index}: name`).join(' ');
  const query = `{ __schema { types { a: fields { type { ofType { b: fields { ${names} } } } } c: fields { type { ofType { d: fields { ${names} } } } } } } }`;
  const text = await (await stranger().post('/graphql', { query })).text();
  expect(Buffer.byteLength(text)).toBeLessThan(ANSWER_BYTES / 4);
  const { errors = [] } = JSON.parse(text) as Answer;
  expect(errors[0]?.extensions.code).toBe('ANSWER_TOO_LARGE');
  expect(errors.length).toBeLessThanOrEqual(10);
});

test('a feed sends many long messages in several events', async () => {
  const id = await chatOf(Array.from({ length: 24 }, (_, index) => String(index).padEnd(400_000, '.')));
  const sizes: number[] = [];
  const told: number[] = [];
  for await (const event of ann.feeds([{ id, after: 0 }])) {
    if (event.__typename === 'Tick') break;
    if (event.__typename !== 'ChatChange') continue;
    sizes.push(JSON.stringify(event).length);
    told.push(...event.messages.map(({ content }) => Number.parseInt(content, 10)));
  }
  expect(told).toEqual(Array.from({ length: 24 }, (_, index) => index));
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThan(ANSWER_BYTES / 2);
});
