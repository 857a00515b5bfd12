/** The first words of messages, for places that have no room for all of them: quotes, lists, notifications. */
import DataLoader from 'dataloader';

import { batched } from '../database/batched.ts';
import { db } from '../database/db.ts';

export const EXCERPT_LENGTH = 200;

/** In its present wording, on one line. */
export async function excerptOf(id: string): Promise<string> {
  const text = await beginnings.load(id);
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** The rows hold long texts: the database cuts them. A character of it is never half a surrogate pair. */
const beginnings = new DataLoader<string, string>(async (ids) => {
  const rows = await db.$queryRaw<{ id: string; text: string }[]>`
      SELECT id::text, left(coalesce(edited_content, content), ${EXCERPT_LENGTH}::int) AS text
      FROM message WHERE id = ANY(${[...new Set(ids)]}::uuid[])`;
  const found = new Map(rows.map(({ id, text }) => [id, text]));
  return ids.map((id) => found.get(id) ?? '');
}, batched);
