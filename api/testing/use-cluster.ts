/** The installation of several nodes that a test file of Vitest has. */
import { afterAll, afterEach, beforeAll } from 'vitest';

import { Cluster, type ClusterOptions } from './cluster.ts';
import { useServerAt } from './server.ts';

let current: Cluster | undefined;

export function testCluster(): Cluster {
  if (!current) throw new Error('Call useCluster() at the top of the test file.');
  return current;
}

/** At the top of a test file. People go to nginx; Claude is the default agent. */
export function useCluster(options: ClusterOptions = {}): void {
  beforeAll(async () => {
    current = await Cluster.start(options);
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
