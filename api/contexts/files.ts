import { actorOf, type Viewer } from '../auth/viewer.ts';
import { write } from '../database/write.ts';
import { db, type Tx } from '../database/db.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import type { ContextFile, Prisma } from '../generated/prisma/client.ts';

/** Which version of which context file was sent. */
export interface SentContext {
  type: 'PRIMARY' | 'PERSONAL';
  contextFileId: string;
  version: number;
}

/** PRIMARY for the administrators, everybody's own PERSONAL. */
export function contextsVisibleTo(viewer: Viewer) {
  const own = { userId: viewer.id } satisfies Prisma.ContextFileWhereInput;
  return (viewer.role === 'ADMIN' ? { OR: [own, { type: 'PRIMARY' }] } : own) satisfies Prisma.ContextFileWhereInput;
}

export function primaryContext(tx: Tx = db): Promise<ContextFile> {
  return fileOf(tx, { type: 'PRIMARY', userId: null });
}

export function personalContext(userId: string, tx: Tx = db): Promise<ContextFile> {
  return fileOf(tx, { type: 'PERSONAL', userId });
}

/** Made when first asked for, empty, as version 0. */
async function fileOf(tx: Tx, which: Pick<ContextFile, 'type' | 'userId'>): Promise<ContextFile> {
  const found = await tx.contextFile.findFirst({ where: which });
  if (found) return found;
  // Two may ask at once: the second one's row is skipped, rather than an error that would end its transaction.
  await tx.contextFile.createMany({ data: [which], skipDuplicates: true });
  return tx.contextFile.findFirstOrThrow({ where: which });
}

export interface ContextUpdate {
  content: string;
  /** The version that the writer had before their eyes. */
  expectedVersion: number;
}

/** A new version; the old ones stay. Refused where the present one is not the one that was read. */
export async function writeContext(viewer: Viewer, file: ContextFile, update: ContextUpdate): Promise<string> {
  const { content, expectedVersion } = update;
  if (expectedVersion !== file.version) throw new ConflictError(file.id);
  if (content === file.content) return file.id;
  await write(actorOf(viewer), async ({ tx }) => {
    const version = expectedVersion + 1;
    // One statement that checks and writes, so that of two writers at once the second meets the first one's version.
    const { count } = await tx.contextFile.updateMany({
      where: { id: file.id, version: expectedVersion },
      data: { content, version, updatedById: viewer.id },
    });
    if (count === 0) throw new ConflictError(file.id);
    await tx.contextVersion.create({ data: { contextFileId: file.id, version, content, updatedById: viewer.id } });
  });
  return file.id;
}

/** An old wording as a new version. */
export async function restoreContextVersion(viewer: Viewer, id: string, expectedVersion: number): Promise<string> {
  const old = await db.contextVersion.findFirst({
    where: { contextFile: contextsVisibleTo(viewer), id },
    include: { contextFile: true },
  });
  if (!old) throw new NotFoundError('No such version.');
  return writeContext(viewer, old.contextFile, { content: old.content, expectedVersion });
}
