import DataLoader from 'dataloader';

import { batched } from '../database/batched.ts';
import { db } from '../database/db.ts';
import type { User } from '../generated/prisma/client.ts';

/** Those of them who are still here. A page asks for the people of each of its rows: all share one statement. */
export async function loadPeople(ids: readonly string[]): Promise<User[]> {
  const found = await people.loadMany([...ids]);
  return found.filter((person): person is User => person !== null && !(person instanceof Error));
}

/** Nothing is kept for the next request. */
const people = new DataLoader<string, User | null>(async (ids) => {
  const rows = await db.user.findMany({ where: { id: { in: [...ids] } } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}, batched);
