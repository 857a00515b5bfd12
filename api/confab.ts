/** Everything but the listening: what a process needs before its first request, in the order in which it needs it. */

import { join } from 'node:path';

import { ensureBuiltInAgents } from './agents/built-in.ts';
import { openAccounts } from './auth/accounts.ts';
import { openMasks } from './audit/mask.ts';
import { openBudgets } from './auth/budgets.ts';
import { closePasswordThreads } from './auth/passwords.ts';
import { authSecret } from './auth/secret.ts';
import { openThrottle } from './auth/throttle.ts';
import { startPurging } from './bin/purge.ts';
import { watchAnswers } from './service-agents/watch.ts';
import { captureChanges } from './changelog/capture.ts';
import { type Changelog, openChangelog } from './changelog/changelog.ts';
import type { ChangelogSettings } from './changelog/settings.ts';
import { type Cluster, openCluster } from './cluster.ts';
import { type Database, type DatabasePlace, openDatabase } from './database/db.ts';
import { dataFolderError, isOutOfRoom } from './database/data-folder.ts';
import { env, SettingError } from './env.ts';
import { migrate } from './database/migrate.ts';
import { addGauges } from './http/gauges.ts';
import { openMetrics } from './operations/metrics.ts';
import { hasMetrics } from './operations/scrape.ts';
import { openTraces } from './operations/trace.ts';
import { lockMigrations, prepareServer } from './database/postgres.ts';
import { openProviders, type ProviderSettings } from './providers/providers.ts';
import { nodeId } from './nodes/heartbeat.ts';
import { type Runner, startRunner } from './runner/runner.ts';
import { storedTexts } from './texts/stored-texts.ts';

export interface Confab {
  /** Whether a request reads a run that is performed in this process now, and so has to receive the run's end. */
  readersOfOwnRuns(): (requestId: string) => boolean;
  /** Begins no new runs, lets those that go on end for that many milliseconds, and interrupts and stores what is left. */
  settle(graceMs: number): Promise<void>;
  /** The same, and closes Redis and the database. */
  close(graceMs: number): Promise<void>;
}

export interface ConfabOptions {
  database?: DatabasePlace;
  redisUrl?: string;
  providers?: ProviderSettings;
  /** Signs the cookies; left out: as the settings say. */
  secret?: string;
  /** After how long without a watcher a run is stopped; left out: as the settings say. */
  abandonAfterMs?: number | undefined;
  /** What chats get their titles from; left out: as the settings say. */
  chatTitles?: 'model' | 'words' | undefined;
  /** Where the change log is written, or that it is off; left out: as the settings say. */
  changelog?: { folder: string; ahead?: ChangelogSettings['ahead'] } | 'off';
}

/** Throws a `SettingError`, whose message is for a person, where the person who started us can mend it. */
export async function openConfab(options: ConfabOptions = {}): Promise<Confab> {
  const place = options.database ?? (env.DATABASE_URL ? { url: env.DATABASE_URL } : { folder: env.DATA_DIR });
  if ('url' in place) await prepareServer(place.url);
  const cluster = await openCluster({ redisUrl: options.redisUrl ?? env.REDIS_URL, nodeId, storedTexts });
  const traces = await openTracesIfAsked();
  const database = await openDatabase(place);
  const changelogSettings = changelogSettingsFor(options, database.isEmbedded);
  await bringUpToDate(database, place, changelogSettings.isOn);
  const changelog = await openChangelog(changelogSettings);

  openThrottle(cluster.attemptLimiter);
  const secret = options.secret ?? secretFor(place);
  openBudgets(cluster.attemptLimiter);
  openAccounts(secret);
  openMasks(secret);
  openProviders(options.providers ?? providerSettings());
  await ensureBuiltInAgents();
  const metrics = await openMetricsIfAsked(database, cluster, changelog);
  const runner: Runner = await startRunner({
    isAlone: database.isEmbedded,
    abandonAfterMs: options.abandonAfterMs ?? env.RUN_ABANDON_MS,
    hasModelTitles: (options.chatTitles ?? env.CHAT_TITLES) === 'model',
  });
  const answers = watchAnswers();
  const purging = startPurging();

  return {
    readersOfOwnRuns: () => runner.readersOfOwnRuns(),
    settle: (graceMs) => runner.close(graceMs),
    async close(graceMs) {
      await runner.close(graceMs);
      await answers.stop();
      await purging.stop();
      await changelog.close();
      await cluster.close();
      await traces?.close();
      metrics?.[Symbol.dispose]();
      await closePasswordThreads();
      await database.close();
    },
  };
}

/** Neither costs a start anything where it is not asked for. */
async function openTracesIfAsked() {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: service } = env;
  return endpoint ? openTraces({ endpoint, service }) : null;
}

async function openMetricsIfAsked(database: Database, cluster: Cluster, changelog: Changelog) {
  if (!hasMetrics()) return null;
  const metrics = await openMetrics();
  addGauges(metrics.meters, database, cluster.isUp, () => changelog.lag);
  return metrics;
}

function secretFor(place: DatabasePlace): string {
  return authSecret('folder' in place ? { ...env, DATA_DIR: place.folder } : env);
}

function changelogSettingsFor({ database, changelog }: ConfabOptions, isEmbedded: boolean): ChangelogSettings {
  // The settings are about their own database: another one has its log beside it, or none.
  const besides = database && ('folder' in database ? { folder: join(database.folder, 'changelog') } : 'off');
  const given = changelog ?? besides;
  return {
    isOn: env.CHANGELOG === 'on' && given !== 'off',
    folder: env.CHANGELOG_DIR,
    isEmbedded,
    isCompressed: env.CHANGELOG_GZIP,
    keepRowsDays: env.CHANGELOG_KEEP_ROWS_DAYS,
    baseDays: env.CHANGELOG_BASE_DAYS,
    ahead: env.CHANGELOG_AHEAD,
    ...(typeof given === 'object' && given),
  };
}

function providerSettings(): ProviderSettings {
  return {
    anthropic: {
      apiKey: env.ANTHROPIC_API_KEY,
      baseUrl: env.ANTHROPIC_BASE_URL,
      model: env.CLAUDE_MODEL,
      silenceMs: env.RUN_SILENCE_MS,
    },
    openai: {
      apiKey: env.OPENAI_API_KEY,
      baseUrl: env.OPENAI_BASE_URL,
      model: env.OPENAI_MODEL,
      silenceMs: env.RUN_SILENCE_MS,
    },
    echo: { delayMs: env.ECHO_DELAY_MS },
  };
}

async function bringUpToDate(database: Database, place: DatabasePlace, isCaptured: boolean): Promise<void> {
  await using _lock = 'url' in place ? await lockMigrations(place.url) : undefined;
  try {
    await migrate(database.adapter);
    if (isCaptured) await captureChanges(true);
  } catch (cause) {
    if ('folder' in place && isOutOfRoom(place.folder, cause)) throw dataFolderError(place.folder, 'ENOSPC', cause);
    const why = String(cause instanceof Error ? cause.message : cause)
      .replace('external connector error', '')
      .trim()
      .split('\n', 1)[0];
    throw new SettingError(
      `The database could not be brought up to date (${why}). Nothing else was touched: restore the backup from before the upgrade, or mend what is named and start again.`,
      { cause },
    );
  }
}
