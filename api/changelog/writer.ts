/**
 * Who of the nodes writes the files: the one that has the lease. The others notify it of their commits, and take the lease when it is free.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { bus } from '../bus/bus.ts';
import { SettingError } from '../env.ts';
import { log } from '../log.ts';
import { acquire } from './acquire.ts';
import { settleDifference, whyBase } from './ahead.ts';
import { Appender } from './appender.ts';
import { listFiles, removeFilesUntil } from './directory.ts';
import { problemOf } from './problem.ts';
import type { ChangelogSettings } from './settings.ts';
import { type Lag, LeaseLost, noteProblem, pruneRows, readLag, readState, releaseLease, type State } from './state.ts';
import { surveyDirectory } from './survey.ts';

/** Commits come in crowds: those of so many milliseconds go together. */
const PAUSE_MS = 100;
const TICK_MS = 1_000;
/** On the embedded database, where no other process writes: commits are announced on the bus. */
const TICK_ALONE_MS = 5_000;
const LONGEST_BACKOFF_MS = 5_000;
const LAG_MS = 5_000;
const PRUNE_MS = 3_600_000;
/** What the end of a process waits for at most. */
const LONGEST_END_MS = 5_000;

export class Writer {
  readonly #settings: ChangelogSettings;
  readonly #closers: (() => void)[] = [];
  #appender: { appender: Appender; epoch: number } | null = null;
  #working: Promise<void> | null = null;
  #isAwake = false;
  #isEnding = false;
  #backoffMs = 0;
  #retryAt = 0;
  #checkedAt = 0;
  #prunedAt = performance.now();
  #removedUntil = 0;
  #isFailing = false;
  #notifiedAt = 0;
  #lag = { commits: 0, seconds: 0 };
  #lagAt = performance.now();

  constructor(settings: ChangelogSettings) {
    this.#settings = settings;
  }

  async start(): Promise<void> {
    try {
      await this.#takeOver();
    } catch (error) {
      if (error instanceof SettingError) throw error;
      await this.#noteFailure(error);
    }
    this.#closers.push(bus.listen('rowsWritten', () => this.#onWrite()));
    this.#closers.push(bus.listen('changesWait', () => this.#wake()));
    const timer = setInterval(() => this.#wake(), this.#tickMs);
    this.#closers.push(() => clearInterval(timer));
    this.#wake();
  }

  get #tickMs(): number {
    return this.#settings.isEmbedded ? TICK_ALONE_MS : TICK_MS;
  }

  /** While the database cannot be asked, what waits grows older. */
  get lag(): Lag {
    const { commits, seconds } = this.#lag;
    return { commits, seconds: commits === 0 ? 0 : seconds + (performance.now() - this.#lagAt) / 1000 };
  }

  async close(): Promise<void> {
    this.#isEnding = true;
    for (const close of this.#closers) close();
    await Promise.race([this.#finish(), delay(LONGEST_END_MS, undefined, { ref: false })]);
  }

  async #finish(): Promise<void> {
    await this.#working;
    if (!this.#appender) return;
    const { appender, epoch } = this.#appender;
    try {
      while (await appender.round());
    } catch (error) {
      log.error(
        { error },
        'Not everything is in the files of the change log: the rest is written after the next start',
      );
    }
    // While no other node looks at the files: one that is compressed gets another name.
    await appender.close().catch(() => undefined);
    await releaseLease(epoch).catch(() => undefined);
  }

  #onWrite(): void {
    if (this.#appender) return this.#wake();
    // Ten times a second at most, to the node that has the lease.
    const now = performance.now();
    if (now - this.#notifiedAt < PAUSE_MS) return;
    this.#notifiedAt = now;
    setTimeout(() => {
      // eslint-disable-next-line no-restricted-properties -- The commit was announced; this passes it on.
      if (!this.#isEnding) bus.publish('changesWait');
    }, PAUSE_MS).unref();
  }

  #wake(): void {
    this.#isAwake = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
      // A hint came after the last turn.
      if (this.#isAwake && !this.#isEnding) this.#wake();
    });
  }

  async #work(): Promise<void> {
    while (this.#isAwake && !this.#isEnding) {
      this.#isAwake = false;
      if (performance.now() < this.#retryAt) {
        await this.#measureLag().catch(() => undefined);
        return;
      }
      try {
        if (await this.#turn()) {
          // More may have come without a hint.
          if (!this.#settings.isEmbedded) this.#isAwake = true;
          await delay(PAUSE_MS);
        }
        this.#noteSuccess();
      } catch (error) {
        await this.#noteFailure(error);
      }
    }
  }

  /** Resolves to whether something was written. */
  async #turn(): Promise<boolean> {
    if (performance.now() - this.#lagAt > LAG_MS) await this.#measureLag();
    if (!this.#appender) {
      await this.#takeOver();
      if (!this.#appender) return false;
    }
    const { appender } = this.#appender;
    if (performance.now() - this.#checkedAt > this.#tickMs) {
      this.#checkedAt = performance.now();
      await this.#writeBaseIfDue(appender, await appender.check());
      await this.#pruneIfDue();
    }
    return appender.round();
  }

  async #measureLag(): Promise<void> {
    this.#lag = await readLag();
    this.#lagAt = performance.now();
  }

  async #writeBaseIfDue(appender: Appender, { baseWantedAt, isErasure, baseAt }: State): Promise<void> {
    const { baseDays } = this.#settings;
    const isOld = baseDays !== undefined && baseAt !== null && Date.now() - baseAt.getTime() > baseDays * 86_400_000;
    if (baseWantedAt !== null || isOld) await appender.replaceByBase(isErasure ? 'ERASED' : 'ASKED', baseWantedAt);
  }

  async #pruneIfDue(): Promise<void> {
    if (performance.now() - this.#prunedAt < PRUNE_MS) return;
    this.#prunedAt = performance.now();
    await pruneRows(this.#settings.keepRowsDays);
  }

  async #takeOver(): Promise<void> {
    const { folder, isEmbedded } = this.#settings;
    const acquired = await acquire(folder, isEmbedded);
    if (!acquired) return this.#removeOldFiles(await readState());
    const { state, directoryId } = acquired;
    try {
      await this.#removeOldFiles(state);
      const directory = await surveyDirectory(folder, directoryId, state);
      const begun = await settleDifference(this.#settings, state, directory);
      const appender = new Appender({ ...this.#settings, directoryId, isEnding: () => this.#isEnding }, begun);
      const why = whyBase(begun, directory, this.#settings.ahead);
      // For an erasure, one that replaces the files follows.
      if (why) await appender.beginWithBase(why, directory, begun.isErasure ? null : begun.baseWantedAt);
      this.#appender = { appender, epoch: state.epoch };
    } catch (error) {
      await releaseLease(state.epoch).catch(() => undefined);
      throw error;
    }
  }

  /** A base on another node may have replaced what lies here. */
  async #removeOldFiles({ removedUntil }: State): Promise<void> {
    if (removedUntil <= this.#removedUntil) return;
    if ((await listFiles(this.#settings.folder)).length > 0)
      await removeFilesUntil(this.#settings.folder, removedUntil);
    this.#removedUntil = removedUntil;
  }

  #noteSuccess(): void {
    if (this.#isFailing) log.info('The change log is written again');
    this.#isFailing = false;
    this.#backoffMs = 0;
  }

  /** Rows wait in the database; the next try is with a lease and files of its own. */
  async #noteFailure(failure: unknown): Promise<void> {
    const held = this.#appender;
    this.#appender = null;
    await held?.appender.close().catch(() => undefined);
    if (failure instanceof LeaseLost) return log.info('Another node writes the change log now');
    if (held) await releaseLease(held.epoch).catch(() => undefined);
    this.#backoffMs = Math.min(Math.max(1_000, this.#backoffMs * 2), LONGEST_BACKOFF_MS);
    this.#retryAt = performance.now() + this.#backoffMs;
    const problem = problemOf(failure, this.#settings.folder);
    if (!this.#isFailing) log.error({ error: failure, problem }, 'Writing the change log failed, retrying');
    this.#isFailing = true;
    await noteProblem(problem).catch(() => undefined);
  }
}
