/** Files of the change log, made by hand in a folder of a test. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import {
  type BaseHead,
  type ChangesHead,
  type CommitHeader,
  Digest,
  digestOfCommit,
  digestOfHead,
  type FileKind,
  fileName,
  headerLine,
  settings,
} from '../changelog/format.ts';
import { migrations } from '../database/migrate.ts';

interface Link {
  main: string;
  secrets: string;
}

interface Part {
  statements?: readonly string[];
  secrets?: readonly string[];
}

type Fields<T> = Partial<Omit<T, 'sha256' | 'kind'>>;

/** Writes as the appender does, unless it is configured otherwise. */
export class TestLog implements AsyncDisposable {
  folder = '';
  /** The last transaction. */
  commit = 0;
  epoch = 1;
  chain: string = crypto.randomUUID();
  migration = migrations().at(-1)?.name ?? '';
  readonly #links: Link = { main: '', secrets: '' };
  #current: { main: string; secrets: string } | null = null;

  static async make(): Promise<TestLog> {
    const log = new TestLog();
    log.folder = await mkdtemp(join(tmpdir(), 'confab-changes-'));
    return log;
  }

  /** A chain begins, with these rows. */
  async base({ statements = [], secrets = [] }: Part = {}, fields: Fields<BaseHead> = {}): Promise<string> {
    const opening = {
      confab: '0.1.0',
      chain: this.chain,
      epoch: this.epoch,
      commit: this.commit,
      migration: this.migration,
    };
    const others = { at: timeOf(this.commit), why: 'NEW' as const, ...fields };
    const continues = (kind: keyof Link) => ('continues' in fields ? { continues: this.#links[kind] } : {});
    const main = baseText({ ...opening, kind: 'base', ...others, ...continues('main') }, statements);
    const twin = baseText({ ...opening, kind: 'secrets-base', ...others, ...continues('secrets') }, secrets);
    if (!('continues' in fields)) [this.#links.main, this.#links.secrets] = [main.sha256, twin.sha256];
    await writeFile(join(this.folder, fileName('secrets-base', this.commit, this.epoch)), twin.text);
    return this.#write('base', main.text);
  }

  /** Begins both files. */
  async file(fields: Fields<ChangesHead> = {}): Promise<void> {
    const head = {
      confab: '0.1.0',
      chain: this.chain,
      epoch: this.epoch,
      first: this.commit + 1,
      migration: this.migration,
    };
    const text = (kind: FileKind, previous: string) =>
      headerLine({ ...head, kind, previous, ...fields }, digestOfHead).line + settings;
    this.#current = {
      main: await this.#write('changes', text('changes', this.#links.main), 1),
      secrets: await this.#write('secrets-changes', text('secrets-changes', this.#links.secrets), 1),
    };
  }

  async #write(kind: FileKind, text: string, ahead = 0): Promise<string> {
    const path = join(this.folder, fileName(kind, this.commit + ahead, this.epoch));
    await writeFile(path, text);
    return path;
  }

  /** The path of the main file. */
  async transaction({ statements = [], secrets = [] }: Part, fields: Partial<CommitHeader> = {}): Promise<string> {
    if (!this.#current) throw new Error('Begin a file first.');
    this.commit += 1;
    const shared = {
      commit: this.commit,
      xid: 700 + this.commit,
      seq: this.commit * 10,
      at: timeOf(this.commit),
      actor: 'SERVER test',
    };
    const text = (lines: readonly string[], kind: keyof Link, more: object = {}) => {
      const body = `BEGIN;\n${lines.map((line) => `${line}\n`).join('')}COMMIT;\n`;
      const header = { ...shared, ...fields, entries: lines.length, ...more, previous: this.#links[kind] };
      const { line, sha256 } = headerLine(header, digestOfCommit(body));
      this.#links[kind] = sha256;
      return line + body;
    };
    await writeFile(this.#current.main, text(statements, 'main', secrets.length > 0 ? { secrets: true } : {}), {
      flag: 'a',
    });
    if (secrets.length > 0) await writeFile(this.#current.secrets, text(secrets, 'secrets'), { flag: 'a' });
    return this.#current.main;
  }

  /** What the next epoch's writer finds noted. */
  mark(): Link & { commit: number } {
    return { ...this.#links, commit: this.commit };
  }

  resume({ main, secrets, commit }: Link & { commit: number }): void {
    Object.assign(this.#links, { main, secrets });
    this.commit = commit;
    this.epoch += 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A minute for each transaction, with microseconds. */
export function timeOf(commit: number): string {
  return `${new Date(Date.UTC(2026, 10, 29, 10, commit)).toISOString().slice(0, -1)}456Z`;
}

function baseText(fields: Omit<BaseHead, 'sha256'>, statements: readonly string[]) {
  const { line, sha256 } = headerLine(fields, digestOfHead);
  const text = `${line}${settings}BEGIN;\n${statements.map((statement) => `${statement}\n`).join('')}COMMIT;\n`;
  const rows: Record<string, number> = {};
  for (const statement of statements) {
    const table = /"(\w+)"/.exec(statement)?.[1] ?? '';
    rows[table] = (rows[table] ?? 0) + 1;
  }
  const digest = new Digest().update(text);
  return { sha256, text: text + headerLine({ rows }, (json) => digest.update('\n').update(json).hex()).line };
}

export async function change(path: string, how: (text: string) => string): Promise<void> {
  await writeFile(path, how(await readFile(path, 'utf8')));
}

export async function compress(path: string): Promise<void> {
  await writeFile(`${path}.gz`, gzipSync(await readFile(path)));
  await rm(path);
}
