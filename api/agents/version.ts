import { createHash } from 'node:crypto';

import { db } from '../database/db.ts';
import { providers } from '../providers/providers.ts';
import { isUsable } from './choose.ts';

/** Changes when anything visible of an agent changes, its availability included. */
export async function findAgentsVersion(): Promise<string> {
  const agents = await db.agent.findMany({ orderBy: { id: 'asc' } });
  const seen = agents.map((agent) => [
    agent.id,
    agent.updatedAt,
    isUsable(agent),
    agent.model ?? providers[agent.provider].defaultModel(),
  ]);
  return createHash('sha256').update(JSON.stringify(seen)).digest('base64url').slice(0, 16);
}
