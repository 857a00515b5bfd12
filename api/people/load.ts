import DataLoader from 'dataloader';

import { batched } from '../database/batched.ts';
import { db } from '../database/db.ts';
import type { User } from '../generated/prisma/client.ts';

/**
 * Those of them who are still here. A page asks for the people of each of its rows: all that are asked for alike share one statement.
 *
 * `query` is the one of the field, from Pothos: what it leaves out would be read again for each person by `Person.findUnique`, which
 * finds nobody with whom the viewer shares no room, as one who left.
 */
export async function loadPeople(query: object, ids: readonly string[]): Promise<User[]> {
  const key = JSON.stringify(query);
  const found = await people.loadMany(ids.map((id) => ({ id, query, key })));
  return found.flatMap((person) => {
    if (person instanceof Error) throw person;
    return person ?? [];
  });
}

interface Wanted {
  id: string;
  query: object;
  /** Names the query. */
  key: string;
}

const people = new DataLoader<Wanted, User | null>(async (wanted) => {
  const byKey = Map.groupBy(wanted, ({ key }) => key);
  const found = new Map<string, User>();
  await Promise.all(
    [...byKey].map(async ([key, alike]) => {
      const ids = [...new Set(alike.map(({ id }) => id))];
      const rows = await db.user.findMany({ ...alike[0]?.query, where: { id: { in: ids } } });
      for (const row of rows) found.set(`${key} ${row.id}`, row);
    }),
  );
  return wanted.map(({ key, id }) => found.get(`${key} ${id}`) ?? null);
}, batched);
