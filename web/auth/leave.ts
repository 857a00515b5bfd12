import { signOut } from './accounts';

/** Signs out and starts a whole new page, so that nothing of this person stays in memory. */
export async function leave(): Promise<void> {
  await signOut();
  window.location.assign('/sign-in');
}
