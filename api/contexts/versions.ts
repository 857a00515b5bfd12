/** Every wording of a context file, the newest first. */
import { db } from '../db.ts';
import type { ContextVersion } from '../generated/prisma/client.ts';
import { decodeCursor, encodeCursor, isPositionNumber, type Page, pageOf, type PageRequest } from '../pages.ts';

export async function listVersions(contextFileId: string, request: PageRequest): Promise<Page<ContextVersion>> {
  const { after, before, isBackward, size } = request;
  const found = await db.contextVersion.findMany({
    where: {
      contextFileId,
      version: {
        ...(after !== undefined && { lt: versionAt(after) }),
        ...(before !== undefined && { gt: versionAt(before) }),
      },
    },
    orderBy: { version: isBackward ? 'asc' : 'desc' },
    take: size + 1,
  });
  return pageOf(
    request,
    found.map((node) => ({ node, cursor: encodeCursor(node.version) })),
  );
}

function versionAt(cursor: string): number {
  return decodeCursor(cursor, isPositionNumber);
}
