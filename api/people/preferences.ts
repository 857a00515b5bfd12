import { actorOf, type Viewer } from '../auth/viewer.ts';
import { write } from '../database/write.ts';
import type { User } from '../generated/prisma/client.ts';

export interface Preferences {
  /** Null: let the browser decide. */
  locale?: User['locale'] | undefined;
  theme?: User['theme'] | undefined;
}

/** What is left out stays. */
export async function updatePreferences(viewer: Viewer, { locale, theme }: Preferences): Promise<void> {
  await write(actorOf(viewer), ({ tx }) =>
    tx.user.update({
      where: { id: viewer.id },
      data: { ...(locale !== undefined && { locale }), ...(theme && { theme }) },
    }),
  );
}
