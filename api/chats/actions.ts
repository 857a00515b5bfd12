export type ChatAction = 'POST' | 'RENAME' | 'ARCHIVE' | 'UNARCHIVE' | 'DELETE' | 'RESTORE';

/** What its person may do in a private chat. A deleted one is restored first, an archived one brought back. */
export function actionsIn({ isDeleted, isArchived }: { isDeleted: boolean; isArchived: boolean }): ChatAction[] {
  if (isDeleted) return ['RESTORE'];
  return isArchived ? ['UNARCHIVE', 'RENAME', 'DELETE'] : ['POST', 'RENAME', 'ARCHIVE', 'DELETE'];
}
