import type { Viewer } from '../auth/viewer.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { noSuchId } from '../ids.ts';

/** Whose tokens a person sees and revokes: their own, an administrator those of service agents too. A token sees no tokens. */
export function tokenInCareOf(viewer: Viewer | null): { AND: Prisma.ApiTokenWhereInput[] } {
  if (viewer?.credential.kind !== 'SESSION') return { AND: [{ userId: noSuchId }] };
  const isOwn = { userId: viewer.id };
  return { AND: [viewer.role === 'ADMIN' ? { OR: [isOwn, { user: { role: 'AGENT' } }] } : isOwn] };
}
