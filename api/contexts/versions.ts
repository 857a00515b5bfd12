/** Every wording of a context file, the newest first. */
import { db } from '../database/db.ts';
import type { ContextVersion } from '../generated/prisma/client.ts';
import { decodeCursor, encodeCursor, isPositionNumber, type Page, pageOf, type PageRequest } from '../paging/pages.ts';

/** The wordings themselves are loaded where they are asked for (texts.ts). */
type WithoutText = Omit<ContextVersion, 'content'>;

/** `fit` cuts a page that has more than the answer may hold. */
export async function listVersions(
  contextFileId: string,
  request: PageRequest,
  fit: (page: Page<WithoutText>, request: PageRequest) => Promise<Page<WithoutText>>,
): Promise<Page<WithoutText>> {
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
    omit: { content: true },
  });
  const edges = found.map((node) => ({ node, cursor: encodeCursor(node.version) }));
  return fit(pageOf(request, edges), request);
}

function versionAt(cursor: string): number {
  return decodeCursor(cursor, isPositionNumber);
}
