/** A transaction as lines of the main file and of the secrets file. */
import type { Tx } from '../database/db.ts';
import { secretTables } from './capture.ts';
import { type CommitHeader, Digest, digestOfCommit, headerLine } from './format.ts';
import { parseRow, type Row } from './rows.ts';
import type { Numbered } from './state.ts';
import { statementOf } from './statement.ts';
import { readTables, type Table, type Tables } from './tables.ts';
import { type Entry, readLargeEntries, type Transaction } from './window.ts';

type Reader = Pick<Tx, '$queryRaw'>;

/** Where the chains of both kinds of files are. */
export interface Links {
  hash: string;
  secretsHash: string;
}

/** A transaction with all of its entries. */
export interface Loaded {
  readonly transaction: Transaction;
  readonly entries: readonly Entry[];
}

export interface Written {
  readonly main: string;
  readonly secrets: string;
  readonly numbered: Numbered;
  readonly migration: string | null;
}

/** Makes lines of transactions. Reads the catalogue again where a table is not known: a migration may have made it since. */
export class SectionWriter {
  #tables: Tables | null = null;
  /** Tables that are gone, with what their rows looked like. */
  readonly #gone = new Map<string, Table>();

  /** Moves `links` on. */
  async write(reader: Reader, { transaction, entries }: Loaded, commit: number, links: Links): Promise<Written> {
    const content = new Content(transaction, commit);
    const [main, secrets]: [string[], string[]] = [[], []];
    for (const entry of entries) {
      const statement = await this.#statementOf(reader, entry, content);
      if (statement) (secretTables.has(entry.relation) ? secrets : main).push(statement);
    }
    return {
      main: sectionText(content.header(), main.join(''), links, 'hash'),
      secrets:
        transaction.secretEntries > 0
          ? sectionText(content.secretsHeader(), secrets.join(''), links, 'secretsHash')
          : '',
      numbered: await content.numbered(reader),
      migration: content.migration,
    };
  }

  /**
   * The same for one that is too large for memory: `append` is called for piece after piece. Its entries are read twice, since a header
   * has the digest of what follows it.
   */
  async writeLarge(
    reader: Reader,
    transaction: Transaction,
    commit: number,
    links: Links,
    append: (kind: 'main' | 'secrets', text: string) => Promise<void>,
  ): Promise<Omit<Written, 'main' | 'secrets'>> {
    const content = new Content(transaction, commit);
    for (const kind of ['main', 'secrets'] as const) {
      if (kind === 'secrets' && transaction.secretEntries === 0) continue;
      const link = kind === 'main' ? 'hash' : 'secretsHash';
      const lines = () => this.#linesOf(reader, transaction, content, kind);
      // Once for what the header says besides the digest: a migration, say.
      for await (const _ of lines());
      const fields = { ...(kind === 'main' ? content.header() : content.secretsHeader()), previous: links[link] };
      const digest = new Digest().update(JSON.stringify(fields)).update('\n').update('BEGIN;\n');
      for await (const line of lines()) digest.update(line);
      digest.update('COMMIT;\n');
      const { line, sha256 } = headerLine(fields, () => digest.hex());
      await append(kind, `${line}BEGIN;\n`);
      for await (const each of lines()) await append(kind, each);
      await append(kind, 'COMMIT;\n');
      links[link] = sha256;
    }
    return { numbered: await content.numbered(reader), migration: content.migration };
  }

  async *#linesOf(
    reader: Reader,
    transaction: Transaction,
    content: Content,
    kind: 'main' | 'secrets',
  ): AsyncGenerator<string> {
    for await (const entry of readLargeEntries(reader, transaction)) {
      const statement = await this.#statementOf(reader, entry, content);
      if (statement && secretTables.has(entry.relation) === (kind === 'secrets')) yield statement;
    }
  }

  /** With a newline; null for the entry of a migration. */
  async #statementOf(reader: Reader, entry: Entry, content: Content): Promise<string | null> {
    const before = entry.before === null ? null : parseRow(entry.before);
    const after = entry.after === null ? null : parseRow(entry.after);
    content.note(entry, before, after);
    if (entry.operation === 'MIGRATION') {
      // Which another node may have applied: what comes after it can have columns of other types.
      this.#tables = null;
      return null;
    }
    const table = await this.#tableOf(reader, entry.relation, before ?? after ?? {});
    return `${statementOf(table, { before, after })}\n`;
  }

  async #tableOf(reader: Reader, name: string, row: Row): Promise<Table> {
    const known = this.#tables?.get(name) ?? this.#gone.get(name);
    if (known) return known;
    this.#tables = await readTables(reader);
    const found = this.#tables.get(name);
    if (found) return found;
    const gone = {
      name,
      columns: new Map(),
      generated: new Set<string>(),
      nullByDefault: new Set<string>(),
      key: 'id' in row ? ['id'] : Object.keys(row),
    };
    this.#gone.set(name, gone);
    return gone;
  }
}

/** What the headers and `change_commit` say of a transaction, gathered from its entries. */
class Content {
  readonly #transaction: Transaction;
  readonly #commit: number;
  readonly #relations = new Set<string>();
  readonly #chatIds = new Set<string>();
  /** Of reactions, whose rows do not name the chat. */
  readonly #messageIds = new Set<string>();
  #migration: { name: string; checksum: string } | null = null;

  constructor(transaction: Transaction, commit: number) {
    this.#transaction = transaction;
    this.#commit = commit;
  }

  get migration(): string | null {
    return this.#migration?.name ?? null;
  }

  note({ relation, operation }: Entry, before: Row | null, after: Row | null): void {
    if (operation === 'MIGRATION') {
      const { name, checksum } = after as { name: string; checksum: string };
      this.#migration = { name, checksum };
    }
    this.#relations.add(relation);
    const row = after ?? before ?? {};
    const chatId = relation === 'chat' ? row['id'] : row['chat_id'];
    if (typeof chatId === 'string') this.#chatIds.add(chatId);
    else if (typeof row['message_id'] === 'string') this.#messageIds.add(row['message_id']);
  }

  header(): Omit<CommitHeader, 'previous' | 'sha256'> {
    const { secretEntries, entries } = this.#transaction;
    return {
      ...this.#opening(),
      entries,
      ...(secretEntries > 0 && { secrets: true as const }),
      ...(this.#migration && { migration: this.#migration }),
    };
  }

  secretsHeader(): Omit<CommitHeader, 'previous' | 'sha256'> {
    return { ...this.#opening(), entries: this.#transaction.secretEntries };
  }

  #opening() {
    const { xid, lastSeq, began, actor, requestId } = this.#transaction;
    return {
      commit: this.#commit,
      xid,
      seq: lastSeq,
      at: began,
      actor,
      ...(requestId !== null && { request: requestId }),
    };
  }

  async numbered(reader: Reader): Promise<Numbered> {
    if (this.#messageIds.size > 0) {
      const rows = await reader.$queryRaw<{ chatId: string }[]>`
        SELECT DISTINCT chat_id::text AS "chatId" FROM message WHERE id = ANY (${[...this.#messageIds]}::uuid[])`;
      for (const { chatId } of rows) this.#chatIds.add(chatId);
    }
    const { xid, began, firstSeq, lastSeq, actor, requestId } = this.#transaction;
    const [relations, chatIds] = [[...this.#relations], [...this.#chatIds]];
    return { number: this.#commit, xid, began, firstSeq, lastSeq, actor, requestId, relations, chatIds };
  }
}

function sectionText(fields: object, lines: string, links: Links, link: keyof Links): string {
  const body = `BEGIN;\n${lines}COMMIT;\n`;
  const { line, sha256 } = headerLine({ ...fields, previous: links[link] }, digestOfCommit(body));
  links[link] = sha256;
  return line + body;
}
