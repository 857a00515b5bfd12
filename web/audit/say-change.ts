/** A change in the words of the page. */
import type { ShownChange } from './documents';
import { auditWords } from './words';

type Actor = ShownChange['actor'];

/** Who wrote, by name where they are still here. */
export function sayActor({ kind, subject, person, agent }: Actor): string {
  const name = person?.name ?? agent?.name;
  if (name) return name;
  const what = auditWords().actors[kind];
  return kind === 'USER' || kind === 'AGENT' ? `${what} (${auditWords().gone})` : `${what}: ${subject}`;
}

export function sayHandle({ person, agent }: Actor): string {
  const handle = person?.handle ?? agent?.handle;
  return handle ? `@${handle}` : '';
}

/** The id of the chat that the row is of, as the address and the API have it; null: it is of none. */
export function chatOf({ table, rowId, fields }: ShownChange): string | null {
  if (table === 'chat') return rowId ? `Chat_${rowId}` : null;
  const field = fields.find(({ name }) => name === 'chat_id');
  const json = field?.after ?? field?.before;
  const id = /^"([\da-f-]{36})"$/.exec(json ?? '')?.[1];
  return id ? `Chat_${id}` : null;
}
