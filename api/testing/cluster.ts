/** A whole installation: PostgreSQL, Redis, nginx as shipped and several nodes, each a process that can be killed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from 'pg';

import { freePort } from './free-port.ts';
import { type ModelServer, modelServer } from './model-server.ts';
import { type NginxServer, startNginx } from './nginx-server.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';
import { type ConfabProcess, type Settings, startProcess } from './process.ts';
import { RedisServer } from './redis-server.ts';

export interface ClusterOptions {
  nodes?: number;
  /** Of each node, over those that make it one of the cluster. */
  settings?: Settings;
  /** Each node writes the change log to a directory of its own. */
  hasOwnChangelogs?: boolean;
  /** Of a stopped PostgreSQL server whose database is migrated; left out: an empty one, which the nodes migrate. */
  postgresData?: string;
}

export class Cluster implements AsyncDisposable {
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly nginx: NginxServer;
  readonly model: ModelServer;
  readonly #settings: Settings;
  readonly #hasOwnChangelogs: boolean;
  /** One for each node, and one more for a node that comes before another goes. */
  readonly #ports: number[];
  readonly #nodes = new Map<number, ConfabProcess>();
  readonly #cleaning: AsyncDisposableStack;

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const { nodes = 3, settings = {}, hasOwnChangelogs = false, postgresData: copyOf } = options;
    await using cleaning = new AsyncDisposableStack();
    const [postgres, redis, model] = await Promise.all([
      startPostgres({ ...(copyOf !== undefined && { copyOf }) }),
      RedisServer.start(),
      modelServer(),
    ]);
    for (const server of [postgres, redis, model]) cleaning.use(server);
    const folder = await mkdtemp(join(tmpdir(), 'confab-cluster-'));
    cleaning.defer(() => rm(folder, { recursive: true, force: true }));
    const ports: number[] = [];
    while (ports.length <= nodes) ports.push(await freePort());
    const nginx = cleaning.use(await startNginx(ports));

    const cluster = new Cluster(
      { postgres, redis, model, nginx },
      ports,
      {
        DATABASE_URL: postgres.url,
        REDIS_URL: redis.url,
        DATA_DIR: folder,
        AUTH_SECRET: 'a secret for tests, long enough to be one',
        TRUST_PROXY: 'true',
        ANTHROPIC_API_KEY: 'a key for tests',
        ANTHROPIC_BASE_URL: model.url,
        RUNS_PER_USER: '100',
        ...settings,
      },
      hasOwnChangelogs,
      cleaning.move(),
    );
    // All at once, as after a power cut: one migrates, the others wait for it.
    await Promise.all(Array.from({ length: nodes }, (_, place) => cluster.startNode(place)));
    return cluster;
  }

  private constructor(
    servers: Pick<Cluster, 'postgres' | 'redis' | 'model' | 'nginx'>,
    ports: number[],
    settings: Settings,
    hasOwnChangelogs: boolean,
    cleaning: AsyncDisposableStack,
  ) {
    this.postgres = servers.postgres;
    this.redis = servers.redis;
    this.model = servers.model;
    this.nginx = servers.nginx;
    this.#ports = ports;
    this.#settings = settings;
    this.#hasOwnChangelogs = hasOwnChangelogs;
    this.#cleaning = cleaning;
  }

  /** The directories that the nodes write the change log to: one for each place, or one for all. */
  get changelogs(): string[] {
    const folder = this.#settings['DATA_DIR'] ?? '';
    return this.#hasOwnChangelogs
      ? this.#ports.map((_, place) => join(folder, `changelog-${place}`))
      : [join(folder, 'changelog')];
  }

  /** Where people go. */
  get url(): string {
    return this.nginx.url;
  }

  /** Those that were started and not killed, by their places. */
  get nodes(): ConfabProcess[] {
    return [...this.#nodes.values()];
  }

  node(place: number): ConfabProcess {
    const node = this.#nodes.get(place);
    if (!node) throw new Error(`No node runs at place ${place}.`);
    return node;
  }

  /** Places count from 0; the last is left free for a node that comes before another goes. */
  async startNode(place: number): Promise<ConfabProcess> {
    const port = this.#ports[place];
    if (port === undefined || this.#nodes.has(place)) throw new Error(`No node can start at place ${place}.`);
    const changelog = this.changelogs[this.#hasOwnChangelogs ? place : 0] ?? '';
    const node = await startProcess({ ...this.#settings, PORT: `${port}`, CHANGELOG_DIR: changelog });
    this.#nodes.set(place, node);
    return node;
  }

  /** Resolves when it is dead; from the beginning on, its place is free. */
  async killNode(place: number, signal: NodeJS.Signals = 'SIGKILL'): Promise<{ code: number | null; output: string }> {
    const node = this.node(place);
    this.#nodes.delete(place);
    const ended = await node.kill(signal);
    return ended;
  }

  /** What the database has, past every node. */
  async query<Row>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.postgres.url });
    await client.connect();
    try {
      const { rows } = await client.query(statement, values);
      return rows as Row[];
    } finally {
      await client.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill('SIGKILL')));
    await this.#cleaning.disposeAsync();
  }
}
