/** Values that are read when metrics are scraped, rather than counted as they change. */
import type { Database } from '../database/db.ts';
import { bus } from '../bus/bus.ts';
import type { Lag } from '../changelog/state.ts';
import { openFeedCount } from '../feed/open-feeds.ts';
import { runReaderCount } from '../run-events/read.ts';
import { openTextCount } from '../texts/texts.ts';
import { version } from '../operations/version.ts';
import { addGauge, type Meters } from '../operations/meters.ts';

/** `isRedisUp`: null where there is no Redis. */
export function addGauges(
  meters: Meters,
  database: Database,
  isRedisUp: () => boolean | null,
  changelogLag: () => Lag | null,
): void {
  addGauge(
    meters,
    {
      name: 'confab_streams_open',
      help: 'Event streams that are open on this node, by subscription.',
      label: 'subscription',
    },
    () => ({ runEvents: runReaderCount(), feed: openFeedCount() }),
  );
  addGauge(
    meters,
    { name: 'confab_run_texts_held', help: 'Texts of runs in memory: being written here, or followed from here.' },
    openTextCount,
  );
  addGauge(meters, { name: 'confab_bus_listeners', help: 'Parts of this node that listen to hints.' }, () =>
    bus.listenerCount(),
  );
  addDatabaseGauges(meters, database);
  if (changelogLag()) addChangelogGauges(meters, changelogLag);
  if (isRedisUp() !== null) {
    addGauge(
      meters,
      { name: 'confab_redis_up', help: '1 while this node can talk to Redis and hear it, else 0.' },
      () => Number(isRedisUp()),
    );
  }
  addGauge(
    meters,
    { name: 'confab_node_info', help: 'Always 1; the label says which Confab this is.', label: 'version' },
    () => ({ [version]: 1 }),
  );
}

function addChangelogGauges(meters: Meters, lag: () => Lag | null): void {
  addGauge(
    meters,
    {
      name: 'confab_changelog_lag_commits',
      help: 'Transactions that are in no file of the change log yet, as seen some seconds ago.',
    },
    () => lag()?.commits ?? 0,
  );
  addGauge(
    meters,
    { name: 'confab_changelog_lag_seconds', help: 'For how long the oldest of them has waited.' },
    () => lag()?.seconds ?? 0,
  );
}

function addDatabaseGauges(meters: Meters, { isEmbedded, poolState }: Database): void {
  addGauge(
    meters,
    {
      name: 'confab_database_info',
      help: 'Always 1; the label says which database: embedded (PGlite) or server.',
      label: 'database',
    },
    () => ({ [isEmbedded ? 'embedded' : 'server']: 1 }),
  );
  if (!poolState) return;
  addGauge(
    meters,
    { name: 'confab_database_pool_connections', help: 'Connections to PostgreSQL: idle or busy.', label: 'state' },
    () => {
      const { total, idle } = poolState();
      return { idle, busy: total - idle };
    },
  );
  addGauge(
    meters,
    { name: 'confab_database_pool_waiting', help: 'Requests that wait for a connection to PostgreSQL.' },
    () => poolState().waiting,
  );
}
