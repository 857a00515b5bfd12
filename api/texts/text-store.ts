/**
 * Texts of runs in Redis. A text is a string of UTF-16LE, two bytes to a code unit, so that an offset is a place in it and a piece that
 * is sent twice is known by its offset. Beside it stands its head, a hash: who owns it, where each part begins and of which kind it
 * is, and after the end how long it is. Without its head a text counts as none. Each script is atomic.
 */
import { createHash } from 'node:crypto';

import { z } from 'zod';

import type { RedisClient } from '../redis/connections.ts';

import type { Part } from './parts.ts';
import type { Excerpt } from './excerpt.ts';

/** Seconds after the last word or the end. */
const LIFE = 3_600;

/** What the channel of a run says: an excerpt, or the end. */
export const RunMessage = z.union([
  z.object({
    from: z.int().min(0),
    first: z.int().min(0),
    parts: z.array(z.object({ kind: z.enum(['TEXT', 'THINKING']), text: z.string() })),
  }),
  z.object({ end: z.int().min(0) }),
]);

/** What is there from an offset on, and the length of the whole where it has ended. */
export interface StoredText {
  excerpt: Excerpt;
  end: number | null;
}

export class TextStore {
  readonly #client: RedisClient;
  readonly #prefix: string;

  constructor(client: RedisClient, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  channelOf(runId: string): string {
    return `${this.#prefix}run:{${runId}}`;
  }

  /**
   * Appends and publishes on the channel, if the text is as long as the excerpt's `from` says. Answers how long it is then, from where to go
   * on; null where another node owns it or it has ended. `isTaking`: takes ownership; what the former owner wrote is dropped.
   */
  async append(runId: string, owner: string, excerpt: Excerpt, isTaking: boolean): Promise<number | null> {
    const text = excerpt.parts.map((part) => part.text).join('');
    const length = await append.run(this.#client, this.#keysOf(runId), [
      owner,
      isTaking ? 'take' : '',
      2 * excerpt.from,
      Buffer.from(text, 'utf16le'),
      this.channelOf(runId),
      JSON.stringify(excerpt),
      LIFE,
      ...outlineOf(excerpt),
    ]);
    return length === -1 ? null : Number(length) / 2;
  }

  /** From now on nothing is appended. A repeated call changes nothing, but publishes again. */
  async end(runId: string, length: number): Promise<void> {
    await end.run(this.#client, this.#keysOf(runId), [
      length,
      this.channelOf(runId),
      JSON.stringify({ end: length }),
      LIFE,
    ]);
  }

  /** Null where there is no text. */
  async read(runId: string, from: number): Promise<StoredText | null> {
    const [fields, bytes] = (await read.run(this.#client, this.#keysOf(runId), [2 * from])) as [Buffer[], Buffer];
    const head = new Map<string, string>();
    for (let index = 0; index < fields.length; index += 2) head.set(String(fields[index]), String(fields[index + 1]));
    if (head.size === 0) return null;

    const end = head.has('end') ? Number(head.get('end')) : null;
    const text = bytes.toString('utf16le').slice(0, end === null ? undefined : Math.max(0, end - from));
    return { excerpt: divide(text, from, head), end };
  }

  #keysOf(runId: string): string[] {
    return [this.channelOf(runId), `${this.#prefix}run:{${runId}}:text`];
  }
}

/** `part:1`, `TEXT 120`, …: for the parts that an excerpt begins; a part that goes on is known already. */
function outlineOf({ from, first, parts }: Excerpt): string[] {
  let start = from;
  return parts.flatMap(({ kind, text }, index) => {
    const field = [`part:${first + index}`, `${kind} ${start}`];
    start += text.length;
    return field;
  });
}

/** The text from an offset on, cut where the head says that parts begin. */
function divide(text: string, from: number, head: Map<string, string>): Excerpt {
  const outline: { kind: Part['kind']; start: number }[] = [];
  for (let field = head.get('part:0'); field; field = head.get(`part:${outline.length}`)) {
    const [kind, start] = field.split(' ');
    outline.push({ kind: kind as Part['kind'], start: Number(start) });
  }
  const pieces = outline.map(({ kind, start }, index) => {
    const end = outline[index + 1]?.start ?? Infinity;
    return { kind, text: text.slice(Math.max(0, start - from), Math.max(0, end - from)), end };
  });
  const first = pieces.findIndex(({ end }) => end >= from);
  const touched = first === -1 ? [] : pieces.slice(first);
  return { from, first: Math.max(0, first), parts: touched.map(({ kind, text: words }) => ({ kind, text: words })) };
}

/** By its hash where Redis knows it, else in full: after a restart it knows none. */
class Script {
  readonly #source: string;
  readonly #hash: string;

  constructor(source: string) {
    this.#source = source;
    this.#hash = createHash('sha1').update(source).digest('hex');
  }

  async run(client: RedisClient, keys: string[], args: (string | number | Buffer)[]): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args];
    try {
      return await client.callBuffer('EVALSHA', this.#hash, ...rest);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.callBuffer('EVAL', this.#source, ...rest);
    }
  }
}

const append = new Script(`
  local head, text = KEYS[1], KEYS[2]
  local owner, take, from, piece, channel, message, life = unpack(ARGV, 1, 7)
  if redis.call('HEXISTS', head, 'end') == 1 then return -1 end
  local present = redis.call('HGET', head, 'owner')
  if present and present ~= owner and take == '' then return -1 end
  if present ~= owner then
    redis.call('DEL', head, text)
    redis.call('HSET', head, 'owner', owner)
  end
  local length = redis.call('STRLEN', text)
  if #piece > 0 and length == tonumber(from) then
    length = redis.call('APPEND', text, piece)
    for index = 8, #ARGV, 2 do redis.call('HSETNX', head, ARGV[index], ARGV[index + 1]) end
    redis.call('PUBLISH', channel, message)
  end
  redis.call('EXPIRE', head, life)
  redis.call('EXPIRE', text, life)
  return length
`);

const end = new Script(`
  local head, text = KEYS[1], KEYS[2]
  local length, channel, message, life = unpack(ARGV)
  redis.call('HSET', head, 'end', length)
  redis.call('EXPIRE', head, life)
  redis.call('EXPIRE', text, life)
  redis.call('PUBLISH', channel, message)
  return 1
`);

const read = new Script(`
  return { redis.call('HGETALL', KEYS[1]), redis.call('GETRANGE', KEYS[2], ARGV[1], -1) }
`);
