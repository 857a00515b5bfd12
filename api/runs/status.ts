import type { RunStatus } from '../generated/prisma/client.ts';

/** Of a run that waits or goes on. */
export const activeStatuses = ['QUEUED', 'RUNNING'] satisfies RunStatus[];
