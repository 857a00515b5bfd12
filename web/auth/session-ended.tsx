import { createUniqueId, onCleanup, Show } from 'solid-js';
import { failureWords } from '../graphql/words';
import { authWords } from './words';
import { Button } from '../ui/button';
import { createSubmission, fieldOf } from '../ui/create-submission';
import { TextField } from '../ui/field';
import { Notice } from '../ui/notice';
import { signIn } from './accounts';
import { signOutAndReload } from './sign-out';
import { announceSession } from './session-watch';
import { useSession } from './session';

/** Says over the page that its session has ended, and lets one sign in there. What was loaded stays on the page. */
export function SessionEnded() {
  const { isSignInNeeded } = useSession();
  return (
    <Show when={isSignInNeeded()}>
      <SignInDialog />
    </Show>
  );
}

/** Not modal, and it takes no focus by itself: typing goes on where it was. */
function SignInDialog() {
  const titleId = createUniqueId();
  const hintId = createUniqueId();
  const { viewer, look } = useSession();
  const { isPending, problem, submit } = createSubmission(async (form) => {
    await signIn({ email: fieldOf(form, 'email'), password: fieldOf(form, 'password') });
    announceSession();
    if (!(await look())) throw new Error(failureWords().network);
  });
  let before: Element | null = null;
  let dialog: HTMLElement | undefined;

  onCleanup(() => {
    const hadFocus = dialog?.contains(document.activeElement);
    if (hadFocus && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  });

  return (
    <section
      ref={(element) => (dialog = element)}
      role="dialog"
      aria-modal="false"
      aria-labelledby={titleId}
      aria-describedby={hintId}
      // Kobalte neither hides this from others nor closes its own dialogs when this is used.
      data-kb-top-layer=""
      class="pointer-events-auto fixed top-14 right-4 z-[55] flex max-h-[calc(100dvh-4.5rem)] w-80 animate-[appear_120ms_ease-out] flex-col gap-3 overflow-y-auto rounded-xl border border-line-strong bg-raised p-4 shadow-lift max-md:inset-x-3 max-md:w-auto"
      onFocusIn={({ relatedTarget }) => {
        if (relatedTarget instanceof Element && !dialog?.contains(relatedTarget)) before = relatedTarget;
      }}
    >
      <div role="alert">
        <h2 id={titleId} class="font-semibold">
          {authWords().sessionEndedTitle}
        </h2>
        <p id={hintId} class="text-small text-ink-soft">
          {authWords().sessionEndedHint}
        </p>
      </div>
      <form class="flex flex-col gap-3" onSubmit={submit}>
        <TextField
          label={authWords().email}
          name="email"
          type="email"
          autocomplete="username"
          value={viewer()?.email ?? ''}
          required
        />
        <TextField
          label={authWords().password}
          name="password"
          type="password"
          autocomplete="current-password"
          required
        />
        <Show when={problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
        <div class="flex justify-end gap-2">
          <Button look="quiet" onClick={() => void signOutAndReload()}>
            {authWords().signOut}
          </Button>
          <Button type="submit" look="primary" disabled={isPending()}>
            {authWords().signIn}
          </Button>
        </div>
      </form>
    </section>
  );
}
