import { createEffect, createSignal, on, onCleanup, untrack, type Accessor } from 'solid-js';

import { endSession, hasSessionEnded, resumeSession } from '../graphql/client';

const CHANNEL = 'confab.session';
/** More ends than this within the time below, each followed by a session that is there, and the person is asked to sign in. */
const MOST_RESUMES = 3;
const RESUMES_WITHIN_MS = 10_000;

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);

/** Notifies the other tabs of this browser of a sign-in or sign-out. */
export function announceSession(): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no other origin
  channel?.postMessage('changed');
}

export interface SessionWatch {
  /** The session has ended, and this browser has no session now. */
  isSignInNeeded: Accessor<boolean>;
  /** Looks who is signed in now, and goes on as that person. Returns whether anyone is. */
  look: () => Promise<boolean>;
}

interface Watched {
  /** Whose page this is; null before anybody has signed in. */
  viewerId: () => string | null;
  /** Whom the server takes this browser for: an id, or null where signed out. Rejects where it cannot be reached. */
  ask: () => Promise<string | null>;
  /** A person has signed in where none was. */
  onSignIn: () => void;
  /** Another person is signed in: nothing of this page is theirs. */
  onOtherPerson: () => void;
}

/** Follows the session of this browser, whichever tab changes it, as long as the caller's owner lives. */
export function createSessionWatch(watched: Watched): SessionWatch {
  const [isSignInNeeded, setSignInNeeded] = createSignal(false);
  let resumes: number[] = [];

  async function look(): Promise<boolean> {
    const found = await watched.ask().catch(() => undefined);
    const own = untrack(watched.viewerId);
    if (found === undefined) setSignInNeeded(hasSessionEnded());
    else if (own === null) {
      if (found !== null) watched.onSignIn();
    } else if (found === null) {
      endSession();
      setSignInNeeded(true);
    } else if (found === own) {
      setSignInNeeded(false);
      resumeSession();
    } else watched.onOtherPerson();
    return !!found;
  }

  createEffect(
    on(hasSessionEnded, (isEnded) => {
      if (!isEnded || untrack(isSignInNeeded)) return;
      resumes = [...resumes.filter((at) => Date.now() - at < RESUMES_WITHIN_MS), Date.now()];
      // Another tab may have signed in again, which ends the old session: then this one goes on without a notice.
      if (resumes.length <= MOST_RESUMES) void look();
      else setSignInNeeded(true);
    }),
  );

  const lookAgain = () => void look();
  const lookWhenShown = () => document.visibilityState === 'visible' && hasSessionEnded() && void look();
  const lookWhenRestored = ({ persisted }: PageTransitionEvent) => persisted && void look();
  channel?.addEventListener('message', lookAgain);
  document.addEventListener('visibilitychange', lookWhenShown);
  window.addEventListener('focus', lookWhenShown);
  window.addEventListener('pageshow', lookWhenRestored);
  onCleanup(() => {
    channel?.removeEventListener('message', lookAgain);
    document.removeEventListener('visibilitychange', lookWhenShown);
    window.removeEventListener('focus', lookWhenShown);
    window.removeEventListener('pageshow', lookWhenRestored);
  });

  return { isSignInNeeded, look };
}
