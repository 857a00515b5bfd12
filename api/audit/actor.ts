/** Who wrote, as the triggers noted it. */
import DataLoader from 'dataloader';

import { batched } from '../database/batched.ts';
import { db } from '../database/db.ts';
import type { Agent } from '../generated/prisma/client.ts';
import { decodeGlobalId, encodeGlobalId } from '../ids.ts';

export const actorKinds = ['USER', 'AGENT', 'SERVER', 'MIGRATION', 'DATABASE'] as const;
export type ActorKind = (typeof actorKinds)[number];

export interface ChangeActor {
  kind: ActorKind;
  /** The id of a person or agent; else for what the server wrote, the migration's name, or the role. */
  subject: string;
}

/** A writer by `psql` may set any text: one without a known kind counts as DATABASE. */
export function parseActor(text: string): ChangeActor {
  const kind = actorKinds.find((each) => text.startsWith(`${each} `));
  return kind ? { kind, subject: text.slice(kind.length + 1) } : { kind: 'DATABASE', subject: text };
}

/** The same from the id of a person or agent; null: it is neither's. */
export function actorOfId(globalId: string): string | null {
  const { typename, id } = decodeGlobalId(globalId);
  if (typename === 'Agent') return `AGENT ${id}`;
  return typename === 'Person' || typename === 'User' ? `USER ${id}` : null;
}

export function idOfActor({ kind, subject }: ChangeActor): string | null {
  if (kind === 'USER') return encodeGlobalId('Person', subject);
  return kind === 'AGENT' ? encodeGlobalId('Agent', subject) : null;
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Whether it names a row that may still be there. */
export function isRowOf({ kind, subject }: ChangeActor, wanted: 'USER' | 'AGENT'): boolean {
  return kind === wanted && uuid.test(subject);
}

export function findAgent(id: string): Promise<Agent | null> {
  return agents.load(id);
}

/** A page asks for the actor of each change: all share one statement. */
const agents = new DataLoader<string, Agent | null>(async (ids) => {
  const rows = await db.agent.findMany({ where: { id: { in: [...new Set(ids)] } } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}, batched);
