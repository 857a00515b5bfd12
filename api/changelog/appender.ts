/**
 * Writes transactions into the files while this node has the lease: window, lines, fsync, cursor. Whatever fails, the appender gives the
 * lease up and begins a new epoch with a new file: what lies in the old one beyond the cursor does not count any more.
 */
import { bus } from '../bus/bus.ts';
import { db, type Tx } from '../database/db.ts';
import { lastMigration } from '../database/migrate.ts';
import { newId } from '../ids.ts';
import { log } from '../log.ts';
import { SILENCE_MS } from '../nodes/heartbeat.ts';
import { type BaseFields, inSnapshot, type UnfinishedBase, writeBase } from './base.ts';
import { removeFilesUntil } from './directory.ts';
import { fileName } from './format.ts';
import { LogFile } from './log-file.ts';
import { type Links, type Loaded, SectionWriter } from './section.ts';
import {
  eraseValues,
  LeaseLost,
  moveCursor,
  noteBase,
  type Numbered,
  readState,
  renewLease,
  type State,
} from './state.ts';
import type { Directory } from './survey.ts';
import { ALL, lastDrawn, lastEntry, readEntries, readWindow, settle, type Transaction } from './window.ts';

/** Transactions of one window, and how large they may be together before they are written. */
const MOST_TRANSACTIONS = 2_000;
/** Of those that were committed within a moment. */
const EVERY_ONE = 1_000_000_000;
const MOST_ENTRIES = 2_000;
const MOST_BYTES = 2 * 1024 * 1024;
/** An own transaction beyond these is read in pieces. */
const LARGE_ENTRIES = 2_000;

export interface AppenderOptions {
  readonly folder: string;
  readonly directoryId: string;
  readonly isEmbedded: boolean;
  readonly isCompressed: boolean;
  /** At which a file is closed; left out: 64 MB. */
  readonly largestBytes?: number;
  /** True once the process ends: a transaction that stays open is not waited for any more. */
  readonly isEnding: () => boolean;
}

export class Appender {
  readonly #options: AppenderOptions;
  readonly #sections = new SectionWriter();
  readonly #epoch: number;
  #chain: string;
  #commit: number;
  #doneSeq: number;
  #links: Links;
  #migration: string;
  #main: LogFile | null = null;
  #secrets: LogFile | null = null;
  #renewedAt = performance.now();

  /** `state.commit` must not be null: where it is, `beginWithBase` comes first. */
  constructor(options: AppenderOptions, state: State) {
    this.#options = options;
    this.#epoch = state.epoch;
    this.#commit = state.commit ?? 0;
    this.#doneSeq = state.doneSeq;
    this.#links = { hash: state.hash, secretsHash: state.secretsHash };
    this.#migration = state.migration;
    this.#chain = state.chain ?? newId();
  }

  /** Writes all that is settled now. Resolves to whether it wrote anything. */
  async round(): Promise<boolean> {
    // The embedded database has one connection, so that no other transaction is open.
    const upTo = this.#options.isEmbedded ? ALL : await this.#settled();
    if (upTo <= this.#doneSeq) return false;
    let hasWritten = false;
    for (;;) {
      const { transactions, doneSeq } = await readWindow(db, this.#doneSeq, upTo, MOST_TRANSACTIONS);
      if (transactions.length === 0) return hasWritten;
      await this.#writeWindow(transactions, doneSeq);
      hasWritten = true;
      if (transactions.length < MOST_TRANSACTIONS) return true;
    }
  }

  /** The last number that was drawn until now, when all who have drawn one are done. */
  async #settled(): Promise<number> {
    const upTo = await lastDrawn();
    if (upTo > this.#doneSeq) await settle(() => this.#whileSettling());
    return upTo;
  }

  /** Keeps the lease also where nothing is written. Returns the state as it is in the database. Throws `LeaseLost`. */
  async check(): Promise<State> {
    if (performance.now() - this.#renewedAt > SILENCE_MS / 4) return this.#renew();
    const state = await readState();
    if (state.epoch !== this.#epoch) throw new LeaseLost();
    return state;
  }

  #renew(): Promise<State> {
    this.#renewedAt = performance.now();
    return renewLease(this.#epoch);
  }

  async #whileSettling(): Promise<void> {
    if (this.#options.isEnding()) throw new Error('A transaction is open for too long.');
    if (performance.now() - this.#renewedAt > SILENCE_MS / 4) await this.#renew();
  }

  async #writeWindow(transactions: readonly Transaction[], doneSeq: number): Promise<void> {
    const numbered = await this.#append(db, transactions);
    await this.#moveCursor(doneSeq, this.#main?.name ?? '', numbered);
    await this.#closeFullFiles();
  }

  /** Into the files, synced. Where that fails, what was written since the last sync is cut off. */
  async #append(reader: Tx, transactions: readonly Transaction[]): Promise<Numbered[]> {
    const numbered: Numbered[] = [];
    try {
      for (const group of groupsOf(transactions)) numbered.push(...(await this.#writeGroup(reader, group)));
      // The secrets first: the main file says that they are there.
      await this.#secrets?.sync();
      await this.#main?.sync();
      return numbered;
    } catch (error) {
      await this.#abandon();
      throw error;
    }
  }

  async #moveCursor(doneSeq: number, file: string, numbered: readonly Numbered[]): Promise<void> {
    const { directoryId } = this.#options;
    await moveCursor(
      this.#epoch,
      {
        ...this.#links,
        commit: this.#commit,
        doneSeq,
        file,
        directoryId,
        chain: this.#chain,
        migration: this.#migration,
      },
      numbered,
    );
    this.#doneSeq = doneSeq;
    this.#renewedAt = performance.now();
    // eslint-disable-next-line no-restricted-properties -- What it announces is committed.
    if (numbered.length > 0) bus.publish('changesNumbered');
  }

  async #writeGroup(reader: Tx, group: readonly Transaction[]): Promise<Numbered[]> {
    const [first] = group;
    if (first && group.length === 1 && isLarge(first)) return [await this.#writeLarge(reader, first)];
    const numbered: Numbered[] = [];
    let [main, secrets] = ['', ''];
    await this.#openFiles(group);
    for (const loaded of await load(reader, group)) {
      const written = await this.#sections.write(reader, loaded, this.#commit + 1, this.#links);
      this.#commit += 1;
      main += written.main;
      secrets += written.secrets;
      this.#migration = written.migration ?? this.#migration;
      numbered.push(written.numbered);
    }
    if (secrets) await this.#secrets?.append(secrets);
    await this.#main?.append(main);
    return numbered;
  }

  async #writeLarge(reader: Tx, transaction: Transaction): Promise<Numbered> {
    await this.#openFiles([transaction]);
    const { numbered, migration } = await this.#sections.writeLarge(
      reader,
      transaction,
      this.#commit + 1,
      this.#links,
      async (kind, text) => (kind === 'main' ? this.#main : this.#secrets)?.append(text),
    );
    this.#commit += 1;
    this.#migration = migration ?? this.#migration;
    return numbered;
  }

  /** The files begin with the first transaction that goes into them. */
  async #openFiles(transactions: readonly Transaction[]): Promise<void> {
    this.#main ??= await this.#begin('changes', this.#links.hash);
    if (transactions.some(({ secretEntries }) => secretEntries > 0))
      this.#secrets ??= await this.#begin('secrets-changes', this.#links.secretsHash);
  }

  #begin(kind: 'changes' | 'secrets-changes', previous: string, more: { off?: true } = {}): Promise<LogFile> {
    const head = {
      kind,
      chain: this.#chain,
      epoch: this.#epoch,
      first: this.#commit + 1,
      migration: this.#migration,
      previous,
      ...more,
    };
    return LogFile.begin(this.#options.folder, head, this.#options.largestBytes);
  }

  /** Both together, so that files of both kinds end at the same transaction, and a base can replace them. */
  async #closeFullFiles(): Promise<void> {
    if (this.#main?.isFull || this.#secrets?.isFull) await this.close();
  }

  /** A base of the rows as they are, and with it a new chain: where the files up to now do not lead to these rows. */
  async beginWithBase(
    why: 'NEW' | 'BRANCH' | 'DAMAGED',
    { lastCommit }: Directory,
    wantedAt: string | null,
  ): Promise<void> {
    const branch = why === 'BRANCH' ? { branch: { after: this.#commit, until: lastCommit } } : {};
    this.#commit = Math.max(this.#commit, lastCommit);
    this.#chain = newId();
    // What is in the snapshot is in the base, and never in a file of changes.
    const { base, doneSeq } = await inSnapshot(this.#options.isEmbedded, async (tx) => ({
      doneSeq: Math.max(this.#doneSeq, await lastEntry(tx)),
      base: await this.#writeBase(tx, { why, ...branch }, null),
    }));
    await this.#settleBase(base, doneSeq, []);
    await noteBase(this.#epoch, null, wantedAt);
    log.info({ why, commit: this.#commit }, 'The change log begins with a base of all rows');
  }

  /** A base, and no files or values from before it. The chain goes on. */
  async replaceByBase(why: 'ASKED' | 'ERASED', wantedAt: string | null): Promise<void> {
    await this.round();
    const { base, doneSeq, numbered } = await inSnapshot(this.#options.isEmbedded, async (tx) => {
      // What was committed since and is in the snapshot comes first, so that the base is after the last transaction of the files.
      const upTo = Math.max(this.#doneSeq, await lastEntry(tx));
      const window = await readWindow(tx, this.#doneSeq, upTo, EVERY_ONE);
      const numbered = await this.#append(tx, window.transactions);
      return { doneSeq: upTo, numbered, base: await this.#writeBase(tx, { why }, { ...this.#links }) };
    });
    // They are removed below.
    await this.#closeFiles(false);
    await this.#settleBase(base, doneSeq, numbered);
    await removeFilesUntil(this.#options.folder, this.#commit);
    await eraseValues(doneSeq);
    await noteBase(this.#epoch, this.#commit, wantedAt);
    log.info({ why, commit: this.#commit }, 'A base of all rows was written, and the files from before it are removed');
  }

  async #writeBase(
    tx: Tx,
    fields: Pick<BaseFields, 'why' | 'branch'>,
    continues: Links | null,
  ): Promise<UnfinishedBase> {
    this.#migration = await lastMigration(tx);
    const { folder } = this.#options;
    const [commit, epoch, chain, migration] = [this.#commit, this.#epoch, this.#chain, this.#migration];
    const at = new Date().toISOString();
    const base = await this.#withLease(() =>
      writeBase(tx, folder, { chain, epoch, commit, migration, at, ...fields }, continues),
    );
    if (!continues) this.#links = { hash: base.hash, secretsHash: base.secretsHash };
    return base;
  }

  /** What takes longer than a lease lasts would else never come to its end: another node would begin it again. */
  async #withLease<T>(work: () => Promise<T>): Promise<T> {
    // No other process can have it, and the database has one connection, which `work` has.
    if (this.#options.isEmbedded) return work();
    // A failure is reported by the next renewal.
    const renewing = setInterval(() => void this.#renew().catch(() => undefined), SILENCE_MS / 4);
    try {
      return await work();
    } finally {
      clearInterval(renewing);
    }
  }

  async #settleBase(base: UnfinishedBase, doneSeq: number, numbered: readonly Numbered[]): Promise<void> {
    try {
      // A node that was paused meanwhile must not publish what another one has overtaken.
      await this.#renew();
      await base.publish();
    } catch (error) {
      await base.discard();
      throw error;
    }
    await this.#moveCursor(doneSeq, fileName('base', this.#commit, this.#epoch), numbered);
  }

  /** Says in a file of its own that the log ends here. */
  async noteOff(): Promise<void> {
    const file = await this.#begin('changes', this.#links.hash, { off: true });
    await file.sync();
    await file.close(this.#options.isCompressed);
  }

  close(): Promise<void> {
    return this.#closeFiles(this.#options.isCompressed);
  }

  async #closeFiles(isCompressed: boolean): Promise<void> {
    const files = [this.#main, this.#secrets];
    // First, so that none is closed twice where one fails.
    [this.#main, this.#secrets] = [null, null];
    const closings = await Promise.allSettled(files.map(async (file) => file?.close(isCompressed)));
    for (const closing of closings) if (closing.status === 'rejected') throw closing.reason;
  }

  /** After a failure of the disk. */
  async #abandon(): Promise<void> {
    await this.#main?.abandon();
    await this.#secrets?.abandon();
    [this.#main, this.#secrets] = [null, null];
  }
}

function isLarge({ entries, secretEntries, bytes }: Transaction): boolean {
  return entries + secretEntries > LARGE_ENTRIES || bytes > MOST_BYTES;
}

/** Small enough to be held in memory; a large one is alone. */
function* groupsOf(transactions: readonly Transaction[]): Generator<Transaction[]> {
  let group: Transaction[] = [];
  let [entries, bytes] = [0, 0];
  for (const transaction of transactions) {
    entries += transaction.entries + transaction.secretEntries;
    bytes += transaction.bytes;
    if (group.length > 0 && (entries > MOST_ENTRIES || bytes > MOST_BYTES)) {
      yield group;
      group = [];
      entries = transaction.entries + transaction.secretEntries;
      bytes = transaction.bytes;
    }
    group.push(transaction);
  }
  if (group.length > 0) yield group;
}

async function load(reader: Tx, transactions: readonly Transaction[]): Promise<Loaded[]> {
  const byXid = Map.groupBy(await readEntries(reader, transactions), ({ xid }) => xid);
  return transactions.map((transaction) => ({
    transaction,
    entries: (byXid.get(transaction.xid) ?? []).filter(
      ({ seq }) => seq >= transaction.firstSeq && seq <= transaction.lastSeq,
    ),
  }));
}
