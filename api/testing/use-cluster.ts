/** The installation of several nodes that a test file of Vitest has. */
import { afterAll, afterEach, beforeAll, inject } from 'vitest';

import { Cluster, type ClusterOptions } from './cluster.ts';
import { useServerAt } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The data folder of a PostgreSQL server that was stopped. */
    postgresData: string;
  }
}

let current: Cluster | undefined;

export function testCluster(): Cluster {
  if (!current) throw new Error('Call useCluster() at the top of the test file.');
  return current;
}

export interface UsedCluster extends Omit<ClusterOptions, 'postgresData'> {
  /** The nodes find an empty database. Left out: a migrated one, which takes seconds less. */
  isNew?: boolean;
}

/** At the top of a test file. People go to nginx; Claude is the default agent. */
export function useCluster({ isNew = false, ...options }: UsedCluster = {}): void {
  beforeAll(async () => {
    current = await Cluster.start({ ...options, ...(!isNew && { postgresData: inject('postgresData') }) });
    useServerAt(current.url, current.model);
  }, 120_000);

  // What went wrong was a node's, as a rule, and it says why.
  afterEach(({ task }) => {
    if (task.result?.state !== 'fail') return;
    for (const node of current?.nodes ?? []) console.log(`${node.url} said last:\n${node.output().slice(-4_000)}`);
  });

  afterAll(async () => {
    await current?.[Symbol.asyncDispose]();
    current = undefined;
  }, 60_000);
}
