import type { Run } from '../generated/prisma/client.ts';

/** A run that the runner performs. Others are EXTERNAL: a service agent writes the answer itself. */
export type AgentRun = Run & { agentId: string };

export function isOfAgent(run: Run): run is AgentRun {
  return run.agentId !== null;
}
