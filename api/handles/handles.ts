/** What `@name` means: people and agents share one table of handles, so that each name is one thing. */
import { transliterate } from 'transliteration';

import type { Tx } from '../database/db.ts';
import { InvalidInputError } from '../errors.ts';

/** Of a person. Those of agents may have 32 characters. */
export const HANDLE_PATTERN = /^[a-z0-9][a-z0-9._-]{1,29}$/;

/** They stand for all members, or for no person in particular. A constraint of the table refuses them too. */
export const reservedHandles: ReadonlySet<string> = new Set(['room', 'all', 'here', 'everyone']);

/** So many at most, so that a number fits behind it. */
const LONGEST_MADE = 24;

/** A handle for this name: “Анна Ли” is “anna.li”. Empty where the name has no letter or digit for it. */
export function handleFrom(name: string): string {
  const latin = transliterate(name.slice(0, 100)).toLowerCase();
  const made = latin
    .replaceAll(/[^a-z0-9]+/g, '.')
    .slice(0, LONGEST_MADE)
    .replaceAll(/^\.+|\.+$/g, '');
  return made.length < 2 || reservedHandles.has(made) ? '' : made;
}

/** For so long no one else gets a former handle. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1_000;

/** Which of the handles are others' former ones. `holderId`: of the person or agent that asks for them; undefined for a new one. */
function keptFrom(holderId: string | undefined) {
  return { endedAt: { gt: new Date(Date.now() - KEPT_MS) }, ...(holderId && { holderId: { not: holderId } }) };
}

/** Throws where it is another's former handle: a search for its old holder would find the new one. */
export async function refuseKeptHandle(tx: Tx, name: string, holderId?: string): Promise<void> {
  const count = await tx.formerHandle.count({ where: { ...keptFrom(holderId), name } });
  if (count > 0) throw handleTaken();
}

export function handleTaken(): InvalidInputError {
  return new InvalidInputError([
    { path: ['input', 'handle'], code: 'HANDLE_TAKEN', reason: 'Somebody else has this handle, or had it lately.' },
  ]);
}

/** Locked until the commit by all that assign a handle, so that of two at once the second finds the name taken. */
export async function lockHandles(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('confab.handles'))`;
}

/** Gives a person another handle. The caller has locked the handles. Throws where it is another's, or was lately. */
export async function assignHandle(tx: Tx, userId: string, name: string): Promise<void> {
  const owner = await tx.handle.findUnique({ where: { name } });
  if (owner && owner.userId !== userId) throw handleTaken();
  await refuseKeptHandle(tx, name, userId);
  await tx.handle.update({ where: { userId }, data: { name } });
}

/** Gives a new person a handle made from the name, with a number where others have it already. */
export async function giveHandle(tx: Tx, userId: string, name: string): Promise<void> {
  await lockHandles(tx);
  const made = handleFrom(name);
  const base = made || `user-${String(Date.now() % 100_000).padStart(5, '0')}`;
  const taken = await tx.handle.findMany({ where: { name: { startsWith: base } }, select: { name: true } });
  const kept = await tx.formerHandle.findMany({
    where: { ...keptFrom(userId), name: { startsWith: base } },
    select: { name: true },
  });
  const names = new Set([...taken, ...kept].map((each) => each.name));
  let free = base;
  for (let number = 2; names.has(free); number += 1) free = `${base}-${number}`;
  await tx.handle.update({ where: { userId }, data: { name: free } });
}
