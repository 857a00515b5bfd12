import type { Viewer } from '../auth/viewer.ts';
import type { Tx } from '../database/db.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import type { Prisma } from '../generated/prisma/client.ts';

/** Locked until the commit by all that may remove an administrator, so that of two at once the second sees what the first one did. */
export async function lockAdministrators(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('confab.administrators'))`;
}

/** Asked again inside the transaction. An administrator's verbs are, to everybody else, not there. */
export async function requireAdministrator(tx: Tx, viewer: Viewer): Promise<void> {
  if ((await tx.user.count({ where: { ...isAdministrator, id: viewer.id } })) === 0)
    throw new NotFoundError('No such thing.');
}

/** Without one, the server could not be administered any more. */
export async function refuseLastAdministrator(tx: Tx, personId: string): Promise<void> {
  const administrators = await tx.user.findMany({ where: isAdministrator, select: { id: true }, take: 2 });
  if (administrators.length === 1 && administrators[0]?.id === personId) throw new ForbiddenError('LAST_ADMINISTRATOR');
}

const isAdministrator = { role: 'ADMIN', disabledAt: null } satisfies Prisma.UserWhereInput;
