/** Global ids: `Chat_0199…`, the type's name and the row's UUID. Opaque to clients, and fit for an address. */
import { z } from 'zod';

const pattern = /^([A-Za-z]+)_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** No row has it: what a malformed or foreign id becomes, so that it is simply not found. */
export const noSuchId = '00000000-0000-0000-0000-000000000000';

export function encodeGlobalId(typename: string, id: string | number | bigint): string {
  return `${typename}_${id}`;
}

export function decodeGlobalId(globalId: string): { typename: string; id: string } {
  const [, typename, id] = pattern.exec(globalId) ?? [];
  return typename && id ? { typename, id } : { typename: '', id: noSuchId };
}

/** The input type of an id of one type: gives the row's UUID. */
export function idOf(typename: string) {
  return z.string().transform((globalId) => rowId(typename, globalId));
}

export function rowId(typename: string, globalId: string): string {
  const decoded = decodeGlobalId(globalId);
  return decoded.typename === typename ? decoded.id : noSuchId;
}

/** A UUID v7, as Prisma makes one for a new row: for what has its name before it has a row. */
export function newId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  // Of a random UUID, all that follows its version.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
