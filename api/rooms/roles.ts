import type { Viewer } from '../auth/viewer.ts';
import { changeChat } from '../chats/change.ts';
import { requireMay } from '../chats/require.ts';
import { ForbiddenError } from '../errors.ts';
import type { MemberRole } from '../generated/prisma/client.ts';
import { revokeLinksOf } from '../invitations/links.ts';
import { findMember } from './leave.ts';

/** An owner makes others owners, and may step down where another one is left. */
export function setMemberRole(
  viewer: Viewer,
  chatId: string,
  { personId, role }: { personId: string; role: MemberRole },
): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, revision, withoutChange } = change;
    await requireMay(change, viewer, 'SET_ROLES');
    const member = await findMember(change, personId);
    if (member.role === role) return withoutChange(undefined);
    if (member.role === 'OWNER') {
      if (personId !== viewer.id) throw new ForbiddenError('OWNER_PROTECTED');
      const isOther = { chatId, leftAt: null, role: 'OWNER', userId: { not: viewer.id } } as const;
      // One who cannot sign in, as no service agent can, looks after nothing.
      const canSignIn = { role: { not: 'AGENT' }, disabledAt: null } as const;
      const others = await tx.chatMember.count({ where: { ...isOther, user: canSignIn } });
      if (others === 0) throw new ForbiddenError('LAST_OWNER');
    }
    if (role === 'MEMBER') await revokeLinksOf(change, personId);
    await tx.chatMember.update({ where: { id: member.id }, data: { role, revision } });
  });
}
