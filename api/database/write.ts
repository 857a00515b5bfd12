import { bus } from '../bus/bus.ts';
import type { Hint } from '../bus/hints.ts';
import { requestIdNow } from '../operations/request-id.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { db, type Tx } from './db.ts';

/** Who writes: a person, an agent whose run ends, or the server by itself, with what it does it for: "purge". */
export type Actor = { readonly personId: string } | { readonly agentId: string } | { readonly server: string };

export interface Writing {
  readonly tx: Tx;
  /** A hint that is published after the commit, in the order of the calls, and not at all where the transaction fails. */
  readonly announce: (...hint: Hint) => void;
  /** When the transaction began, by the database's clock; null where there is no such row to lock. */
  readonly now: Date | null;
}

/** A node that is paused in a transaction keeps its locks: without a limit, its runs could not be ended until it goes on. */
const LONGEST_IDLE = '15s';

/**
 * The only way to write rows that people see: one transaction, and its hints after the commit. `confab.actor` ("USER id", "AGENT id",
 * "SERVER purpose") and `confab.request` (the request's id) are settings of the transaction, for the triggers of the change log. Throws what `work` throws, after a
 * rollback. Not to be nested: PGlite has one connection. `locking`: the rest of a SELECT of one row FOR UPDATE, which is then locked
 * by the first statement, before `work` reads anything.
 */
export async function write<T>(
  actor: Actor,
  work: (writing: Writing) => Promise<T>,
  locking: Prisma.Sql = Prisma.empty,
): Promise<T> {
  const hints: Hint[] = [];
  const result = await db.$transaction(async (tx) => {
    const [first] = await tx.$queryRaw<{ now: Date }[]>`
      SELECT now(), set_config('confab.actor', ${actorText(actor)}, true),
        set_config('confab.request', ${requestIdNow()}, true),
        set_config('idle_in_transaction_session_timeout', ${LONGEST_IDLE}, true) ${locking}`;
    return work({ tx, announce: (...hint) => hints.push(hint), now: first?.now ?? null });
  });
  for (const [name, ...identifiers] of hints) bus.publish(name, ...(identifiers as never));
  bus.publish('rowsWritten');
  return result;
}

/** As the change log stores it. */
function actorText(actor: Actor): string {
  if ('personId' in actor) return `USER ${actor.personId}`;
  return 'agentId' in actor ? `AGENT ${actor.agentId}` : `SERVER ${actor.server}`;
}
