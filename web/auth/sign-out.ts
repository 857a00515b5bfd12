import { toast } from '../ui/toasts';
import { AccountError, signOut } from './accounts';
import { announceSession } from './session-watch';

/** Signs out and starts a whole new page, so that nothing of this person stays in memory. */
export async function signOutAndReload(): Promise<void> {
  try {
    await signOut();
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    return toast(error.message);
  }
  announceSession();
  window.location.assign('/sign-in');
}
