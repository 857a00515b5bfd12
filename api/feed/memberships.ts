/**
 * Of which chats the people with open feeds on this node are members, so that a hint names a chat alone and reaches those whom it
 * concerns. Loaded with a person's first feed, and changed by hints; a poll finds what a lost hint would have said. It decides who is
 * woken, never what a person may see: that is read from the rows with each event.
 */
import DataLoader from 'dataloader';

import { batched } from '../database/batched.ts';
import { readInTurn } from '../database/shared-reads.ts';
import { db } from '../database/db.ts';

/** Of one person, the latest. Those of older chats are found by the next poll. */
const MOST_CHATS = 5_000;

/** Changes whenever the row of a membership is written; null: not known yet. */
type Version = string | null;

interface PersonChats {
  feedCount: number;
  readonly chats: Map<string, Version>;
  loading: Promise<void>;
  /** What hints said since the loading began; null: it is over. */
  said: Map<string, boolean> | null;
}

type GoneListener = (chatId: string, personId: string, by: object) => void;

export class Memberships {
  readonly #persons = new Map<string, PersonChats>();
  readonly #members = new Map<string, Set<string>>();
  readonly #goneListeners = new Set<GoneListener>();

  /** For each feed that opens. Hints count from here on; the rows are there when `loaded` resolves. */
  open(personId: string): void {
    const known = this.#persons.get(personId);
    if (known) {
      known.feedCount += 1;
      return;
    }
    const person: PersonChats = { feedCount: 1, chats: new Map(), loading: Promise.resolve(), said: new Map() };
    this.#persons.set(personId, person);
    person.loading = this.#load(personId, person);
    // Callers see the rejection; this prevents an unhandledRejection without one.
    person.loading.catch(() => undefined);
  }

  /** Rejects where the rows could not be read. */
  async loaded(personId: string): Promise<void> {
    const person = this.#persons.get(personId);
    if (!person) return;
    // A failed load is repeated by the next feed.
    const tried = person.loading;
    await tried.catch(async () => {
      if (person.loading === tried) person.loading = this.#load(personId, person);
      await person.loading;
    });
  }

  /** For each feed that closes. */
  close(personId: string): void {
    const person = this.#persons.get(personId);
    if (!person || --person.feedCount > 0) return;
    this.#persons.delete(personId);
    for (const chatId of person.chats.keys()) this.#leave(chatId, personId);
  }

  /** Those of them who have a feed on this node. */
  membersOf(chatId: string): Iterable<string> {
    return this.#members.get(chatId) ?? [];
  }

  has(chatId: string, personId: string): boolean {
    return this.#members.get(chatId)?.has(personId) ?? false;
  }

  /** Returns whether that is news. */
  add(chatId: string, personId: string, version: Version = null): boolean {
    const person = this.#persons.get(personId);
    if (!person) return false;
    person.said?.set(chatId, true);
    if (person.chats.has(chatId)) return false;
    this.#join(chatId, personId, person, version);
    return true;
  }

  /** Returns whether that is news. */
  remove(chatId: string, personId: string): boolean {
    const person = this.#persons.get(personId);
    person?.said?.set(chatId, false);
    if (!person?.chats.delete(chatId)) return false;
    this.#leave(chatId, personId);
    return true;
  }

  /** An event's read found no row, before a hint or a poll did: `onGone` listeners are called. `by`: who has read it. */
  noteGone(chatId: string, personId: string, by: object): void {
    if (!this.remove(chatId, personId)) return;
    for (const listener of this.#goneListeners) listener(chatId, personId, by);
  }

  /** Returns what takes the listener away again. */
  onGone(listener: GoneListener): () => void {
    this.#goneListeners.add(listener);
    return () => this.#goneListeners.delete(listener);
  }

  /** An event's read found this row, perhaps after one that was older had found none. What is written later is news to the poll. */
  noteRead(chatId: string, personId: string, version: string): void {
    this.add(chatId, personId, version);
    const chats = this.#persons.get(personId)?.chats;
    if (chats?.get(chatId) === null) chats.set(chatId, version);
  }

  /** The poll has read the row just now. Returns whether it was written since it was loaded or polled last. */
  note(chatId: string, personId: string, version: string): boolean {
    const chats = this.#persons.get(personId)?.chats;
    const known = chats?.get(chatId);
    if (!chats || known === undefined || known === version) return false;
    chats.set(chatId, version);
    return true;
  }

  /** For tests that look for leaks. */
  get size(): number {
    return this.#persons.size + this.#members.size;
  }

  async #load(personId: string, person: PersonChats): Promise<void> {
    person.said = new Map();
    const rows = await membershipsOf.load(personId);
    if (this.#persons.get(personId) !== person) return;
    const said = person.said;
    person.said = null;
    for (const { chatId, version } of rows) {
      if (said.get(chatId) !== false) this.#join(chatId, personId, person, version);
    }
  }

  #join(chatId: string, personId: string, person: PersonChats, version: Version): void {
    person.chats.set(chatId, version);
    const members = this.#members.get(chatId) ?? new Set();
    this.#members.set(chatId, members.add(personId));
  }

  #leave(chatId: string, personId: string): void {
    const members = this.#members.get(chatId);
    members?.delete(personId);
    if (members?.size === 0) this.#members.delete(chatId);
  }
}

interface MembershipRow {
  chatId: string;
  version: string;
}

/** After a restart thousands come at once: they are read together. */
const membershipsOf = new DataLoader<string, MembershipRow[]>(
  async (personIds) => {
    const rows = await readInTurn(
      () => db.$queryRaw<{ personId: string; chatIds: string[]; versions: string[] }[]>`
        SELECT person.id::text AS "personId",
          array_agg(member.chat_id::text) AS "chatIds", array_agg(member.xmin::text) AS versions
        FROM unnest(${personIds}::uuid[]) AS person (id)
        CROSS JOIN LATERAL (
          SELECT chat_id, xmin FROM chat_member
          WHERE user_id = person.id AND left_at IS NULL ORDER BY id DESC LIMIT ${MOST_CHATS}::int
        ) member
        GROUP BY person.id`,
    );
    const byPerson = new Map(rows.map((row) => [row.personId, row]));
    return personIds.map((personId) => {
      const { chatIds = [], versions = [] } = byPerson.get(personId) ?? {};
      return chatIds.map((chatId, index) => ({ chatId, version: versions[index] ?? '' }));
    });
  },
  { ...batched, maxBatchSize: 200 },
);
