/** Sending, and reading pages of a short and a long chat, one request after the other. */
import { db } from '../api/database/db.ts';
import { openConfab } from '../api/confab.ts';
import { person, type Person } from '../api/testing/person.ts';
import type { ThreadQueryVariables } from '../api/generated/graphql/graphql.ts';
import { Thread } from '../api/testing/documents.ts';
import { testServer } from '../api/testing/server.ts';
import { says } from '../api/testing/model-server.ts';
import { type Measure, ms, percentile, timed } from './measure.ts';

export async function measureSending(): Promise<Measure> {
  const ann = await person('sender');
  testServer().model.otherwise(says('Yes.'));
  const times: number[] = [];
  for (let index = 0; index < 120; index += 1) {
    const chat = await ann.createsChat();
    let runId = '';
    times.push(await timed(async () => (runId = (await ann.sends('hello', chat.id)).run.id)));
    await Array.fromAsync(ann.follows(runId));
    await ann.post('/graphql', { query: `mutation { deleteChat(input: { id: "${chat.id}" }) { __typename } }` });
  }
  const warm = times.slice(20);
  const [p50, p95] = [percentile(warm, 0.5), percentile(warm, 0.95)];
  return {
    what: 'sendMessage answered, on PGlite, alone',
    result: `p50 ${ms(p50)}, p95 ${ms(p95)}`,
    goal: 'p95 ≤ 50 ms',
    isMet: p95 <= 50,
  };
}

export interface LongChats {
  short: string;
  long: string;
}

/** Two chats of 100 and of 10,000 messages, written straight into the data folder of a server that is not running. */
export async function writeLongChats(folder: string, reader: Person): Promise<LongChats> {
  const confab = await openConfab({ database: { folder } });
  const { id: userId } = await db.user.findUniqueOrThrow({ where: { email: reader.email } });
  const chats = { short: await writeChat(userId, 100), long: await writeChat(userId, 10_000) };
  await confab.close(0);
  return chats;
}

async function writeChat(userId: string, length: number): Promise<string> {
  const { id } = await db.chat.create({ data: { createdById: userId, members: { create: { userId } } } });
  await db.$executeRaw`
    INSERT INTO message (id, chat_id, seq, parent_id, role, author_id, content, revision, updated_at)
    SELECT md5(${id} || n)::uuid, ${id}::uuid, n, CASE WHEN n > 1 THEN md5(${id} || (n - 1))::uuid END,
      CASE WHEN n % 2 = 1 THEN 'USER' ELSE 'ASSISTANT' END::"MessageRole", ${userId}::uuid,
      repeat('Some words of a message. ', 12), n, now()
    FROM generate_series(1, ${length}::int) n`;
  const headId = (await db.message.findFirstOrThrow({ where: { chatId: id, seq: length } })).id;
  await db.chat.update({ where: { id }, data: { revision: length, headId } });
  return `Chat_${id}`;
}

export async function measurePages(reader: Person, { short, long }: LongChats): Promise<Measure[]> {
  const cursor = Buffer.from('5000').toString('base64url');
  const shortTimes = await readPages(reader, { chatId: short, last: 50 });
  const places = [
    ['its end', await readPages(reader, { chatId: long, last: 50 })],
    ['back from its middle', await readPages(reader, { chatId: long, last: 50, before: cursor })],
    ['on from its middle', await readPages(reader, { chatId: long, first: 50, after: cursor })],
    ['its start', await readPages(reader, { chatId: long, first: 50 })],
  ] as const;
  const usual = percentile(shortTimes, 0.5);
  return places.map(([place, times]) => {
    const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
    return {
      what: `A page of 50 messages of 10,000: ${place}`,
      result: `p50 ${ms(p50)}, p95 ${ms(p95)}; ${(p50 / usual).toFixed(2)} × a chat of 100`,
      goal: 'p95 ≤ 25 ms, ≤ 2 ×',
      isMet: p95 <= 25 && p50 <= 2 * usual,
    };
  });
}

async function readPages(reader: Person, place: ThreadQueryVariables): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < 120; index += 1) times.push(await timed(() => reader.ask(Thread, place)));
  return times.slice(20);
}
