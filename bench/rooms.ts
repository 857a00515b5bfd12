/** A room of 500 people, each with a feed of their own on one node: what a message, an answer, and their coming and going cost. */
import { createHmac, randomBytes } from 'node:crypto';

import { print } from 'graphql';
import { Redis } from 'ioredis';
import { Client } from 'pg';

import { type ModelServer, modelServer } from '../api/testing/model-server.ts';
import { person } from '../api/testing/person.ts';
import { hasPostgres, startPostgres } from '../api/testing/postgres-server.ts';
import { RedisServer, whyNoRedis } from '../api/testing/redis-server.ts';
import { useServerAt } from '../api/testing/server.ts';
import { FeedDocument } from '../web/generated/graphql.ts';
import { deliveryServer, type Server } from './deliveries.ts';
import { type Measure, ms, percentile, timed } from './measure.ts';
import { followWith, type RawReader } from './raw-reader.ts';

const PEOPLE = 500;
const SECRET = 'a secret for benchmarks, long enough to be one';
const MESSAGES = 100;
const MESSAGE_EVERY_MS = 100;
const TOKENS = 800;
const TOKENS_A_SECOND = 80;
const ROOMS = 300;
const LIST_TIMES = 60;
const LONG_ROOM = 100_000;
const OPENINGS = 100;
const PRESENCE_MS = 30_000;

/** Names for `--only`. */
export const roomParts = ['rooms-list', 'rooms-opening', 'rooms-messages', 'rooms-answer', 'rooms-presence'];

export async function measureRooms(only: readonly string[]): Promise<Measure[]> {
  if (!hasPostgres() || whyNoRedis) {
    const result = 'not measured: PostgreSQL or Redis is missing';
    return [{ what: `A room of ${PEOPLE} people`, result, goal: '', isMet: false }];
  }
  const model = await modelServer();
  await using postgres = await startPostgres();
  await using redis = await RedisServer.start();
  await using server = await deliveryServer('confab', {
    PORT: '0',
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    AUTH_SECRET: SECRET,
    ANTHROPIC_API_KEY: 'key',
    ANTHROPIC_BASE_URL: model.url,
  });
  useServerAt(server.url, model);
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  try {
    const room = await makeRoom(client, server);
    const isAsked = (part: string) => only.length === 0 || only.includes(part);
    const measures: Measure[] = [];
    if (isAsked('rooms-list')) measures.push(await measureList(client, room));
    if (isAsked('rooms-opening')) measures.push(await measureOpening(client, room, server.url));
    if (!['rooms-messages', 'rooms-answer', 'rooms-presence'].some(isAsked)) return measures;
    const readers = await openReaders(server, room);
    if (isAsked('rooms-messages')) measures.push(...(await measureMessages(server, room, readers)));
    if (isAsked('rooms-answer')) measures.push(...(await measureAnswer(server, room, { readers, model })));
    if (isAsked('rooms-presence'))
      measures.push(...(await measurePresence(server, room, { readers, redisUrl: redis.url })));
    return measures;
  } finally {
    await client.end();
    await model.close();
  }
}

type Headers = Record<string, string>;

interface Room {
  id: string;
  people: { id: string; headers: Headers }[];
}

/** Past the front door: 500 passwords are another measure. */
async function makeRoom(client: Client, { url }: Server): Promise<Room> {
  const first = await person('first');
  const [cookieName] = /[^=; ]*session_token/.exec(first.headers['cookie'] ?? '') ?? [''];
  const people = Array.from({ length: PEOPLE }, (_, index) => ({ id: crypto.randomUUID(), index }));
  const tokens = people.map(() => randomBytes(24).toString('base64url'));
  const ids = people.map(({ id }) => id);
  await client.query(
    `INSERT INTO "user" (id, email, name, updated_at)
     SELECT id, id || '@example.org', 'Person ' || n, now() FROM unnest($1::uuid[]) WITH ORDINALITY AS p (id, n)`,
    [ids],
  );
  await client.query(
    `INSERT INTO session (id, user_id, token, expires_at, updated_at)
     SELECT gen_random_uuid(), id, token, now() + interval '1 day', now() FROM unnest($1::uuid[], $2::text[]) AS p (id, token)`,
    [ids, tokens],
  );
  const id = crypto.randomUUID();
  await client.query(
    `INSERT INTO chat (id, kind, title, title_source, updated_at) VALUES ($1, 'ROOM', 'All of us', 'PERSON', now())`,
    [id],
  );
  await client.query(
    `INSERT INTO chat_member (id, chat_id, user_id, role, updated_at)
     SELECT gen_random_uuid(), $1, user_id, CASE WHEN n = 1 THEN 'OWNER' ELSE 'MEMBER' END::"MemberRole", now()
     FROM unnest($2::uuid[]) WITH ORDINALITY AS p (user_id, n)`,
    [id, ids],
  );
  const headersOf = (token: string): Headers => {
    const signature = createHmac('sha256', SECRET).update(token).digest('base64');
    return { ...first.headers, origin: url, cookie: `${cookieName}=${encodeURIComponent(`${token}.${signature}`)}` };
  };
  return { id, people: ids.map((personId, index) => ({ id: personId, headers: headersOf(tokens[index] ?? '') })) };
}

interface Reader extends RawReader {
  /** When it had the message or word with this number. */
  readonly heard: number[];
  isOpen: boolean;
}

/** Each as the page asks. */
async function openReaders({ url }: Server, room: Room): Promise<Reader[]> {
  const readers: Reader[] = [];
  for (const { headers } of room.people) {
    readers.push(openReader(url, room.id, headers));
    if (readers.length % 50 === 0) await until(() => readers.every(({ isOpen }) => isOpen));
  }
  return readers;
}

function openReader(url: string, roomId: string, headers: Headers): Reader {
  const body = {
    query: print(FeedDocument),
    variables: { chats: [{ id: `Chat_${roomId}`, after: 1_000_000 }], agentsVersion: '' },
  };
  const reader: Reader = Object.assign(
    followWith(url, body, headers, (text) => {
      if (!reader.isOpen && text.includes('"Tick"')) reader.isOpen = true;
      const now = performance.now();
      for (const [, number] of text.matchAll(/\[(\d+)\]/g)) reader.heard[Number(number)] ??= now;
    }),
    { heard: [], isOpen: false },
  );
  return reader;
}

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error('Not all was delivered.');
    await pause(5);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function ask(url: string, headers: Headers, query: string, variables: object): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
  if (!data || errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function measureMessages(server: Server, room: Room, readers: readonly Reader[]): Promise<Measure[]> {
  const say = (number: number) =>
    ask(
      server.url,
      room.people[number % PEOPLE]?.headers ?? {},
      'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }',
      { input: { chatId: `Chat_${room.id}`, content: `Message [${number}]`, clientId: crypto.randomUUID() } },
    );
  const said: number[] = [];
  const speak = async (from: number, to: number) => {
    const began = performance.now();
    const sending = [];
    for (let number = from; number < to; number += 1) {
      await pause(Math.max(0, began + (number - from) * MESSAGE_EVERY_MS - performance.now()));
      said[number] = performance.now();
      sending.push(say(number));
    }
    await Promise.all(sending);
    await until(() => readers.every(({ heard }) => heard[to - 1] !== undefined));
  };
  await speak(0, 20);
  const before = await server.usage();
  const began = performance.now();
  await speak(20, 20 + MESSAGES);
  const share = await shareOfCore(server, before, began);
  const last: number[] = [];
  const all: number[] = [];
  for (let number = 20; number < 20 + MESSAGES; number += 1) {
    const times = readers.map(({ heard }) => (heard[number] ?? Infinity) - (said[number] ?? 0));
    last.push(Math.max(...times));
    all.push(...times);
  }
  return [
    {
      what: `A message to ${PEOPLE} readers of a room on one node, 10 a second`,
      result: `last reader p50 ${ms(percentile(last, 0.5))}, p95 ${ms(percentile(last, 0.95))}; all p50 ${ms(percentile(all, 0.5))}; ${share} of a core`,
      goal: 'last reader p95 ≤ 150 ms, all p50 ≤ 40 ms',
      isMet: percentile(last, 0.95) <= 150 && percentile(all, 0.5) <= 40,
    },
  ];
}

async function shareOfCore(server: Server, before: { cpuMs: number }, began: number): Promise<string> {
  return `${(100 * (await coreSince(server, before, began))).toFixed(0)} %`;
}

async function coreSince(server: Server, before: { cpuMs: number }, began: number): Promise<number> {
  const ended = performance.now();
  return ((await server.usage()).cpuMs - before.cpuMs) / (ended - began);
}

async function measureAnswer(
  server: Server,
  room: Room,
  { readers, model }: { readers: readonly Reader[]; model: ModelServer },
): Promise<Measure[]> {
  const held = model.hold();
  const { headers = {} } = room.people[0] ?? {};
  const chatId = `Chat_${room.id}`;
  const { agents } = (await ask(server.url, headers, '{ agents { id handle } }', {})) as {
    agents: { id: string; handle: string }[];
  };
  await ask(
    server.url,
    headers,
    'mutation ($input: AddRoomAgentInput!) { addRoomAgent(input: $input) { __typename ... on Error { reason } } }',
    { input: { chatId, agentId: agents.find(({ handle }) => handle === 'claude')?.id } },
  );
  await ask(
    server.url,
    headers,
    'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename ... on Error { reason } } }',
    { input: { chatId, content: '@claude Tell us all.', clientId: crypto.randomUUID() } },
  );
  await held.arrived;
  held.begin();
  const said: number[] = [];
  const speak = async (from: number, to: number) => {
    const began = performance.now();
    for (let number = from; number < to;) {
      const due = Math.min(to, from + Math.ceil(((performance.now() - began) / 1000) * TOKENS_A_SECOND));
      for (; number < due; number += 1) {
        said[number] = performance.now();
        held.write(` w[${number}]`);
      }
      await pause(3);
    }
    await until(() => readers.every(({ heard }) => heard[to - 1] !== undefined));
  };
  // Numbers that no message had.
  const from = 1_000;
  await speak(from, from + 80);
  const before = await server.usage();
  const began = performance.now();
  await speak(from + 80, from + 80 + TOKENS);
  const core = await coreSince(server, before, began);
  held.end();
  const times: number[] = [];
  for (let number = from + 80; number < from + 80 + TOKENS; number += 1)
    for (const { heard } of readers) times.push((heard[number] ?? Infinity) - (said[number] ?? 0));
  const p95 = percentile(times, 0.95);
  return [
    {
      what: `An answer at ${TOKENS_A_SECOND} tokens a second to ${PEOPLE} readers`,
      result: `p50 ${ms(percentile(times, 0.5))}, p95 ${ms(p95)} a word; ${(100 * core).toFixed(0)} % of a core`,
      goal: 'p95 ≤ 80 ms, ≤ 60 % of a core',
      isMet: p95 <= 80 && core <= 0.6,
    },
  ];
}

async function measureList(client: Client, room: Room): Promise<Measure> {
  const [reader, writer] = [room.people[0], room.people[1]];
  await client.query(
    `WITH room AS (
       INSERT INTO chat (id, kind, title, title_source, revision, last_message_at, updated_at)
       SELECT gen_random_uuid(), 'ROOM', 'Room ' || n, 'PERSON', 200, now(), now() - interval '1 day' FROM generate_series(1, $1::int) n RETURNING id
     ), members AS (
       INSERT INTO chat_member (id, chat_id, user_id, last_read_seq, updated_at)
       SELECT gen_random_uuid(), room.id, person.id, 20, now() - interval '1 day' FROM room, unnest($2::uuid[]) AS person (id)
     )
     INSERT INTO message (id, chat_id, seq, role, author_id, content, revision, updated_at)
     SELECT gen_random_uuid(), room.id, seq, 'USER', $3, 'Some words.', seq, now() FROM room, generate_series(1, 200) AS seq`,
    [ROOMS, [reader?.id, writer?.id], writer?.id],
  );
  // As autovacuum leaves it.
  await client.query('VACUUM ANALYZE');
  await untilLogged(client);
  const query = `query ($after: String) { chats(first: 100, kind: ROOM, after: $after) {
    pageInfo { endCursor } nodes { id revision title topic viewerRole memberCount unreadCount pinnedAt archivedAt viewerCan lastMessageAt isAnswering } } }`;
  const times: number[] = [];
  const { url } = await import('../api/testing/server.ts').then(({ testServer }) => testServer());
  for (let round = 0; round < LIST_TIMES; round += 1) {
    let after: string | null = null;
    for (let page = 0; page < ROOMS / 100; page += 1) {
      const time = await timed(async () => {
        const data = (await ask(url, reader?.headers ?? {}, query, { after })) as {
          chats: { pageInfo: { endCursor: string } };
        };
        after = data.chats.pageInfo.endCursor;
      });
      if (round >= 10) times.push(time);
    }
  }
  return {
    what: `The list of ${ROOMS} rooms with unread counts, each page of 100`,
    result: `p50 ${ms(percentile(times, 0.5))}, p95 ${ms(percentile(times, 0.95))}`,
    goal: 'p95 ≤ 40 ms',
    isMet: percentile(times, 0.95) <= 40,
  };
}

/** What was written past the server is in the change log, so that the server is not busy with it. */
async function untilLogged(client: Client): Promise<void> {
  for (let waiting = true; waiting; await pause(200)) {
    const { rows } = await client.query<{ waiting: boolean }>(
      'SELECT EXISTS (SELECT FROM change_entry WHERE seq > (SELECT done_seq FROM changelog_state)) AS waiting',
    );
    waiting = rows[0]?.waiting ?? false;
  }
}

/** As the page opens a room that its person was away from: the page of messages around the first one that they have not read. */
async function measureOpening(client: Client, room: Room, url: string): Promise<Measure> {
  const [reader, writer] = room.people;
  const id = crypto.randomUUID();
  await client.query(
    `INSERT INTO chat (id, kind, title, title_source, revision, updated_at)
     VALUES ($1, 'ROOM', 'A long one', 'PERSON', $2, now() - interval '1 day')`,
    [id, LONG_ROOM],
  );
  await client.query(
    `WITH numbered AS (
       SELECT gen_random_uuid() AS id, seq FROM generate_series(1, $2::int) AS seq
     ), linked AS (
       SELECT id, seq, lag(id) OVER (ORDER BY seq) AS parent_id FROM numbered
     )
     INSERT INTO message (id, chat_id, seq, parent_id, role, author_id, content, revision, updated_at)
     SELECT id, $1, seq, parent_id, 'USER', $3, 'Some words of message ' || seq, seq, now() FROM linked ORDER BY seq`,
    [id, LONG_ROOM, writer?.id],
  );
  await client.query(
    `UPDATE chat SET head_id = (SELECT id FROM message WHERE chat_id = $1 AND seq = $2) WHERE id = $1`,
    [id, LONG_ROOM],
  );
  await client.query(
    `INSERT INTO chat_member (id, chat_id, user_id, last_read_seq, updated_at)
     SELECT gen_random_uuid(), $1, person, 0, now() - interval '1 day' FROM unnest($2::uuid[]) AS person`,
    [id, [reader?.id, writer?.id]],
  );
  // As autovacuum leaves it.
  await client.query('VACUUM ANALYZE');
  await untilLogged(client);
  const chatId = `Chat_${id}`;
  const first = 'query ($id: ID!) { chat(id: $id) { unreadCount mentionCount firstUnreadId } }';
  const page = `query ($id: ID!, $around: ID) { chat(id: $id) { messages(around: $around, first: 50) { pageInfo { startCursor endCursor }
    nodes { id seq role content editedContent isDeleted createdAt parent { id } author { id name avatarColor } mentions { name }
      replyTo { id excerpt } reactions { emoji count viewerReacted } } } } }`;
  const times: number[] = [];
  for (let round = 0; round < OPENINGS; round += 1) {
    const lastRead = Math.floor(((round + 1) / (OPENINGS + 1)) * LONG_ROOM);
    await client.query('UPDATE chat_member SET last_read_seq = $2 WHERE chat_id = $1', [id, lastRead]);
    const time = await timed(async () => {
      const { chat } = (await ask(url, reader?.headers ?? {}, first, { id: chatId })) as {
        chat: { firstUnreadId: string };
      };
      const answer = JSON.stringify(
        await ask(url, reader?.headers ?? {}, page, { id: chatId, around: chat.firstUnreadId }),
      );
      if (!answer.includes(`Some words of message ${lastRead + 1}"`)) throw new Error('It opened at another message.');
    });
    if (round >= 10) times.push(time);
  }
  return {
    what: `Opening a room of ${LONG_ROOM.toLocaleString('en-US')} messages at the first unread one, both requests`,
    result: `p50 ${ms(percentile(times, 0.5))}, p95 ${ms(percentile(times, 0.95))}`,
    goal: 'p95 ≤ 40 ms',
    isMet: percentile(times, 0.95) <= 40,
  };
}

/** Everybody watches; each second five people lose their feed and five come, and ten write. */
async function measurePresence(
  server: Server,
  room: Room,
  { readers, redisUrl }: { readers: readonly Reader[]; redisUrl: string },
): Promise<Measure[]> {
  const redis = new Redis(redisUrl);
  // What messages and answers left behind is over.
  await pause(3_000);
  const idle = await during(server, async () => pause(PRESENCE_MS / 3));
  const callsBefore = await callsOf(redis);
  const began = performance.now();
  const writing = 'mutation ($input: SetTypingInput!) { setTyping(input: $input) { __typename } }';
  const lively = await during(server, async () => {
    for (let second = 0; second < PRESENCE_MS / 1_000; second += 1) {
      const turn = second % 3;
      const writers = room.people.slice(0, 10).filter((_, index) => index % 3 === turn);
      const typing = writers.map(({ headers }) =>
        ask(server.url, headers, writing, { input: { chatId: `Chat_${room.id}` } }),
      );
      for (let index = 0; index < 5; index += 1) {
        const place = 20 + ((second * 5 + index) % 400);
        readers[place]?.socket.destroy();
      }
      await Promise.all(typing);
      await pause(Math.max(0, began + (second + 1) * 1_000 - performance.now()));
    }
  });
  const calls = ((await callsOf(redis)) - callsBefore) / (PRESENCE_MS / 1_000);
  redis.disconnect();
  const core = lively - idle;
  return [
    {
      what: `Presence and typing of ${PEOPLE} people in one room: 5 go each second, 10 write`,
      result: `${(100 * core).toFixed(1)} % of a core more than the ${(100 * idle).toFixed(1)} % of their idle feeds; ${calls.toFixed(1)} calls of Redis a second in all`,
      goal: `≤ 5 % of a core, ≤ ${PEOPLE} calls a second`,
      isMet: core <= 0.05 && calls <= PEOPLE,
    },
  ];
}

async function during(server: Server, work: () => Promise<unknown>): Promise<number> {
  const before = await server.usage();
  const began = performance.now();
  await work();
  return coreSince(server, before, began);
}

async function callsOf(redis: Redis): Promise<number> {
  const all = [...(await redis.info('commandstats')).matchAll(/cmdstat_([a-z|]+):calls=(\d+)/g)];
  return all.reduce((sum, [, name, calls]) => (name === 'ping' || name === 'info' ? sum : sum + Number(calls)), 0);
}
