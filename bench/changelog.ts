/** What the change log costs: the same work with it and without it, in turns, on the same database. */
import { readFileSync } from 'node:fs';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Client, Pool } from 'pg';

import { notCaptured } from '../api/changelog/capture.ts';
import { parseFileName } from '../api/changelog/format.ts';
import { replay } from '../api/changelog/recovery/replay.ts';
import { openTarget } from '../api/changelog/recovery/target.ts';
import { modelServer, type ModelServer, says } from '../api/testing/model-server.ts';
import { person, type Person } from '../api/testing/person.ts';
import { startPostgres } from '../api/testing/postgres-server.ts';
import { type ConfabProcess, type Settings, startProcess } from '../api/testing/process.ts';
import { useServerAt } from '../api/testing/server.ts';
import { measureStatements } from './changelog-statements.ts';
import { longAnswer } from './long-answers.ts';
import { type Measure, ms, percentile, timed } from './measure.ts';

/** Names for `--only`. */
const parts: Record<string, () => Promise<Measure[]>> = {
  'changelog-statements': measureStatements,
  'changelog-sends': measureSends,
  'changelog-commits': measureCommits,
  'changelog-answer': async () => [await measureAnswer()],
  'changelog-delay': measureDelay,
};

export const changelogParts = Object.keys(parts);

export async function measureChangelog(only: readonly string[]): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const [name, measure] of Object.entries(parts))
    if (only.length === 0 || only.includes(name)) measures.push(...(await measure()));
  return measures;
}

type Query = (sql: string, parameters?: unknown[]) => Promise<unknown>;

const capture = (query: Query, isOn: boolean) =>
  query('SELECT capture_changes($1, $2)', [isOn, Object.keys(notCaptured)]);

const ids = { user: crypto.randomUUID(), agent: crypto.randomUUID(), chat: crypto.randomUUID() };

async function writeChatOf(query: Query): Promise<void> {
  await query(`INSERT INTO "user" (id, email, name, updated_at) VALUES ($1, 'ann@example.org', 'Ann', now())`, [
    ids.user,
  ]);
  await query(
    `INSERT INTO agent (id, handle, name, provider, updated_at) VALUES ($1, 'bench-echo', 'Echo', 'ECHO', now())`,
    [ids.agent],
  );
  await query(`INSERT INTO chat (id, created_by_id, updated_at) VALUES ($1, $2, now())`, [ids.chat, ids.user]);
}

let seq = 0;

/** The rows of a question and its answer, straight into the database. */
async function writeAnswered(query: Query, length: number): Promise<void> {
  const [question, answer, run] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  const text = longAnswer(length + 10_000).slice(seq % 10_000, (seq % 10_000) + length);
  const [asked, answered] = [seq + 1, seq + 2];
  seq += 2;
  const message = `INSERT INTO message (id, chat_id, seq, role, author_id, content, revision, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $3, now())`;
  await query(message, [question, ids.chat, asked, 'USER', ids.user, text]);
  await query(message, [answer, ids.chat, answered, 'ASSISTANT', ids.user, '']);
  await query(
    `INSERT INTO run (id, chat_id, trigger_id, message_id, agent_id, provider, model, revision, updated_at)
    VALUES ($1, $2, $3, $4, $5, 'ECHO', 'echo', $6, now())`,
    [run, ids.chat, question, answer, ids.agent, answered],
  );
  await query(`UPDATE run SET status = 'COMPLETED', ended_at = now(), revision = $2 WHERE id = $1`, [run, answered]);
  await query(`UPDATE message SET content = $2, parts = $3, revision = $4 WHERE id = $1`, [
    answer,
    text,
    JSON.stringify([{ kind: 'TEXT', text }]),
    answered,
  ]);
}

/** Two servers, one with the log and one without; each request goes to one and then to the other. */
async function measureSends(): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const isServer of [false, true]) {
    const model = await modelServer();
    model.otherwise(says('Yes.'));
    const sides = [await startSide(model, isServer, 'on'), await startSide(model, isServer, 'off')] as const;
    try {
      const [on, off] = await sendInTurns(model, sides);
      for (const [name, share] of [
        ['p50', 0.5],
        ['p95', 0.95],
      ] as const) {
        const [withLog, without] = [percentile(on, share), percentile(off, share)];
        measures.push({
          what: `Change log: \`sendMessage\` on ${isServer ? 'PostgreSQL' : 'PGlite'}, ${name}`,
          result: `${((withLog / without - 1) * 100).toFixed(0)} % slower (${ms(withLog)} against ${ms(without)})`,
          goal: '≤ 15 % slower',
          isMet: withLog <= 1.15 * without,
        });
      }
    } finally {
      for (const side of sides) await side.close();
      await model.close();
    }
  }
  return measures;
}

interface Side {
  readonly server: ConfabProcess;
  close(): Promise<void>;
}

async function startSide(model: ModelServer, isServer: boolean, changelog: 'on' | 'off'): Promise<Side> {
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  const postgres = isServer ? await startPostgres({ isDurable: true }) : null;
  const settings: Settings = {
    DATA_DIR: folder,
    ANTHROPIC_API_KEY: 'key',
    ANTHROPIC_BASE_URL: model.url,
    CHANGELOG: changelog,
    ...(postgres && { DATABASE_URL: postgres.url, AUTH_SECRET: 'a secret for benchmarks, long enough to be one' }),
  };
  const server = await startProcess(settings);
  return {
    server,
    async close() {
      await server.kill('SIGTERM');
      await postgres?.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function sendInTurns(model: ModelServer, sides: readonly [Side, Side]): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []];
  const people: Person[] = [];
  for (const { server } of sides) {
    useServerAt(server.url, model);
    people.push(await person('sender'));
  }
  for (let index = 0; index < 260; index += 1)
    for (const side of index % 2 === 0 ? [0, 1] : [1, 0]) {
      useServerAt(sides[side]?.server.url ?? '', model);
      const ann = people[side] as Person;
      const chat = await ann.createsChat();
      let runId = '';
      const time = await timed(async () => (runId = (await ann.sends('hello '.repeat(40), chat.id)).run.id));
      await Array.fromAsync(ann.follows(runId));
      await ann.post('/graphql', { query: `mutation { deleteChat(input: { id: "${chat.id}" }) { __typename } }` });
      if (index >= 20) times[side]?.push(time);
    }
  return times;
}

/** Two updates a transaction, by so many writers, on a server that syncs each commit; a process of Confab writes the files meanwhile. */
async function measureCommits(): Promise<Measure[]> {
  const model = await modelServer();
  await using postgres = await startPostgres({ isDurable: true });
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  const server = await startProcess({
    DATABASE_URL: postgres.url,
    DATA_DIR: folder,
    AUTH_SECRET: 'a secret for benchmarks, long enough to be one',
  });
  const pool = new Pool({ connectionString: postgres.url, max: 20 }).on('error', () => undefined);
  try {
    const query: Query = (sql, parameters) => pool.query(sql, parameters as unknown[]);
    await query(
      `INSERT INTO "user" (id, email, name, updated_at) SELECT gen_random_uuid(), 'u' || n || '@example.org', 'U' || n, now() FROM generate_series(1, 64) n`,
    );
    const measures: Measure[] = [];
    for (const [writers, least] of [
      [1, 0.9],
      [16, 0.7],
    ] as const) {
      const rates = { on: [] as number[], off: [] as number[] };
      for (let round = 0; round < 10; round += 1) {
        const key = round % 2 === 0 ? 'on' : 'off';
        await capture(query, key === 'on');
        rates[key].push(await commitsASecond(pool, writers, 3_000));
      }
      const [on, off] = [percentile(rates.on, 0.5), percentile(rates.off, 0.5)];
      measures.push({
        what: `Change log: commits a second, ${writers} writer${writers > 1 ? 's' : ''}, PostgreSQL`,
        result: `${((on / off) * 100).toFixed(0)} % (${on.toFixed(0)} against ${off.toFixed(0)})`,
        goal: `≥ ${least * 100} %`,
        isMet: on >= least * off,
      });
    }
    return measures;
  } finally {
    await pool.end();
    await server.kill('SIGKILL');
    await model.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function commitsASecond(pool: Pool, writers: number, forMs: number): Promise<number> {
  const { rows } = await pool.query<{ id: string }>(`SELECT id FROM "user" ORDER BY id`);
  let commits = 0;
  const until = performance.now() + forMs;
  const write = async (writer: number) => {
    const client = await pool.connect();
    for (let turn = 0; performance.now() < until; turn += 1) {
      await client.query('BEGIN');
      for (const offset of [0, 1])
        await client.query(`UPDATE "user" SET name = $2, updated_at = now() WHERE id = $1`, [
          rows[writer * 2 + offset]?.id,
          `name ${turn}`,
        ]);
      await client.query('COMMIT');
      commits += 1;
    }
    client.release();
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  return commits / (forMs / 1_000);
}

/** CPU of a server process while it writes an answer of 10,000 tokens. */
async function measureAnswer(): Promise<Measure> {
  const model = await modelServer();
  const words = Array.from({ length: 10_000 }, (_, index) => `token ${index % 100} `);
  const sides = [await startSide(model, false, 'on'), await startSide(model, false, 'off')] as const;
  const spent: [number[], number[]] = [[], []];
  try {
    const people: Person[] = [];
    for (const { server } of sides) {
      useServerAt(server.url, model);
      people.push(await person('asker'));
    }
    for (let index = 0; index < 7; index += 1)
      for (const side of index % 2 === 0 ? [0, 1] : [1, 0]) {
        const { server } = sides[side] as Side;
        useServerAt(server.url, model);
        const held = model.hold();
        const { run } = await (people[side] as Person).sends('Tell me much.');
        const reading = Array.fromAsync((people[side] as Person).follows(run.id));
        const answer = held.begin();
        const before = cpuOf(server.pid);
        for (const [place, word] of words.entries()) {
          answer.write(word);
          // 2,000 a second.
          if (place % 20 === 19) await delay(10);
        }
        answer.end();
        await reading;
        // The rest of the log's work too.
        await delay(1_500);
        if (index > 0) spent[side]?.push(cpuOf(server.pid) - before);
      }
  } finally {
    for (const side of sides) await side.close();
    await model.close();
  }
  const [on, off] = [percentile(spent[0], 0.5), percentile(spent[1], 0.5)];
  return {
    what: 'Change log: an answer of 10,000 tokens, CPU on PGlite',
    result: `${((on / off - 1) * 100).toFixed(1)} % more (${ms(on)} against ${ms(off)})`,
    goal: '≤ 3 % more',
    isMet: on <= 1.03 * off,
  };
}

/** In milliseconds, of a process and its threads. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** From COMMIT to the line in the file, and how large the files are against what was written. */
async function measureDelay(): Promise<Measure[]> {
  const model = await modelServer();
  await using postgres = await startPostgres({ isDurable: true });
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  const server = await startProcess({
    DATABASE_URL: postgres.url,
    DATA_DIR: folder,
    MAX_CHATS: '1000',
    AUTH_SECRET: 'a secret for benchmarks, long enough to be one',
  });
  const pool = new Pool({ connectionString: postgres.url, max: 20 }).on('error', () => undefined);
  const tail = new Tail(join(folder, 'changelog'));
  try {
    useServerAt(server.url, model);
    const ann = await person('writer');
    const idle: number[] = [];
    for (let index = 0; index < 30; index += 1) {
      await delay(400 + Math.random() * 300);
      const { id } = await ann.createsChat();
      idle.push(await tail.timeOf(id.slice('Chat_'.length), performance.now()));
    }
    const busy: Promise<number>[] = [];
    const began = performance.now();
    for (let count = 0; count < 5_000; count += 1) {
      const wait = began + count * 2 - performance.now();
      if (wait > 1) await delay(wait);
      busy.push(insertUser(pool).then((name) => tail.timeOf(name, performance.now())));
    }
    const times = await Promise.all(busy);
    const rate = 5_000 / ((performance.now() - began) / 1_000);
    return [
      delayMeasure('idle', idle, 250),
      delayMeasure(`at ${rate.toFixed(0)} commits a second`, times, 1_000),
      ...(await measureSize(postgres.url, join(folder, 'changelog'))),
      await measureReplay(join(folder, 'changelog')),
    ];
  } finally {
    tail.close();
    await model.close();
    await pool.end();
    await server.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

function delayMeasure(when: string, times: readonly number[], goal: number): Measure {
  const p95 = percentile(times, 0.95);
  return {
    what: `Change log: from COMMIT to the line in the file, ${when}`,
    result: `p50 ${ms(percentile(times, 0.5))}, p95 ${ms(p95)}`,
    goal: `p95 ≤ ${goal} ms`,
    isMet: p95 <= goal,
  };
}

/** Straight into the database. */
async function insertUser(pool: Pool): Promise<string> {
  const name = crypto.randomUUID();
  await pool.query(`INSERT INTO "user" (id, email, name, updated_at) VALUES (gen_random_uuid(), $1, $1, now())`, [
    name,
  ]);
  return name;
}

/** Reads what is appended to the files, every few milliseconds. */
class Tail {
  readonly #folder: string;
  readonly #waiting = new Map<string, (at: number) => void>();
  /** When each id came, which was not asked for yet. */
  readonly #seen = new Map<string, number>();
  readonly #read = new Map<string, number>();
  #isClosed = false;

  constructor(folder: string) {
    this.#folder = folder;
    void this.#follow();
  }

  /** From `began` until the id is in a file. */
  async timeOf(id: string, began: number): Promise<number> {
    const at = this.#seen.get(id) ?? (await new Promise<number>((resolve) => this.#waiting.set(id, resolve)));
    return at - began;
  }

  close(): void {
    this.#isClosed = true;
  }

  async #follow(): Promise<void> {
    while (!this.#isClosed) {
      for (const name of await readdir(this.#folder).catch(() => [])) {
        if (parseFileName(name)?.kind !== 'changes') continue;
        const file = await open(join(this.#folder, name), 'r');
        const { buffer, bytesRead } = await file.read({
          buffer: Buffer.alloc(4 * 1024 * 1024),
          position: this.#read.get(name) ?? 0,
        });
        await file.close();
        // Whole lines.
        const length = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
        this.#read.set(name, (this.#read.get(name) ?? 0) + length);
        for (const [id] of buffer.toString('utf8', 0, length).matchAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g)) {
          const at = performance.now();
          this.#waiting.get(id)?.(at);
          if (!this.#waiting.delete(id) && !this.#seen.has(id)) this.#seen.set(id, at);
        }
      }
      await delay(5);
    }
  }
}

/** Messages of many lengths, against the bytes of their columns; and of the entries in the database. */
async function measureSize(url: string, folder: string): Promise<Measure[]> {
  const client = new Client({ connectionString: url }).on('error', () => undefined);
  await client.connect();
  const query: Query = (sql, parameters) => client.query(sql, parameters as unknown[]);
  await writeChatOf(query);
  const sizeOfEntries = async () => {
    const { rows } = await client.query<{ size: number }>(
      `SELECT pg_total_relation_size('change_entry')::float8 AS size`,
    );
    return rows[0]?.size ?? 0;
  };
  const before = { files: await sizeOfFiles(folder), entries: await sizeOfEntries() };
  let written = 0;
  for (let round = 0; round < 300; round += 1) {
    const length = [200, 200, 1_000, 2_000, 8_000, 30_000][round % 6] ?? 200;
    await writeAnswered(query, length);
    // The question, the answer and its part; ids, times and small columns of seven rows.
    written += 3 * length;
  }
  const { rows } = await client.query<{ size: number }>(
    `SELECT sum(octet_length(m::text))::float8 + (SELECT sum(octet_length(r::text)) FROM run r)::float8 AS size FROM message m`,
  );
  written = Math.max(written, rows[0]?.size ?? 0);
  let size = -1;
  for (let now = await sizeOfFiles(folder); now !== size; now = await sizeOfFiles(folder)) {
    size = now;
    await delay(1_500);
  }
  const entries = (await sizeOfEntries()) - before.entries;
  await client.end();
  const files = size - before.files;
  return [
    {
      what: 'Change log: size of the files',
      result: `× ${(files / written).toFixed(2)} of what was written`,
      goal: '≤ × 1.5',
      isMet: files <= 1.5 * written,
    },
    {
      what: 'Change log: size in the database',
      result: `× ${(entries / written).toFixed(2)} of what was written`,
      goal: '≤ × 0.75',
      isMet: entries <= 0.75 * written,
    },
  ];
}

/** All that was written until now, into an empty database on a server. */
async function measureReplay(folder: string): Promise<Measure> {
  await using postgres = await startPostgres();
  await using target = await openTarget(postgres.url);
  const began = performance.now();
  const { rows } = await replay([folder], target);
  const rate = rows / ((performance.now() - began) / 1_000);
  return {
    what: `Change log: replay of ${rows.toLocaleString('en-US')} rows into PostgreSQL`,
    result: `${rate.toFixed(0)} rows a second`,
    goal: '≥ 5,000',
    isMet: rate >= 5_000,
  };
}

async function sizeOfFiles(folder: string): Promise<number> {
  let sum = 0;
  for (const name of await readdir(folder)) {
    const file = await open(join(folder, name), 'r');
    sum += (await file.stat()).size;
    await file.close();
  }
  return sum;
}
