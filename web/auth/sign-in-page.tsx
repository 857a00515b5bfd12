import { A, Navigate, useSearchParams } from '@solidjs/router';
import { Show } from 'solid-js';
import { authWords } from './words';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { Notice } from '../ui/notice';
import { signIn } from './accounts';
import { createSubmission, fieldOf } from '../ui/create-submission';
import { SignedOutFrame } from './signed-out-frame';
import { safeNext } from './guards';
import { announceSession } from './session-watch';
import { useSession } from './session';

export default function SignInPage() {
  const { viewer, server } = useSession();
  const [query] = useSearchParams<{ next: string }>();
  const { isPending, problem, submit } = createSubmission(async (form) => {
    await signIn({ email: fieldOf(form, 'email'), password: fieldOf(form, 'password') });
    announceSession();
    // A whole new page, so that nothing of the previous person stays in memory.
    window.location.assign(safeNext(query.next));
  });

  return (
    <Show when={!viewer()} fallback={<Navigate href={safeNext(query.next)} />}>
      <SignedOutFrame title={authWords().signInTitle}>
        <form class="flex flex-col gap-4" onSubmit={submit}>
          <TextField label={authWords().email} name="email" type="email" autocomplete="username" required autofocus />
          <TextField
            label={authWords().password}
            name="password"
            type="password"
            autocomplete="current-password"
            required
          />
          <Show when={problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
          <Button type="submit" look="primary" class="mt-1" disabled={isPending()}>
            {authWords().signIn}
          </Button>
        </form>
        <Show when={server().signUp === 'OPEN' || server().needsFirstAccount}>
          <p class="mt-6 text-small text-ink-soft">
            {authWords().noAccount}{' '}
            <A href={`/sign-up${window.location.search}`} class="text-accent underline underline-offset-4">
              {authWords().signUp}
            </A>
          </p>
        </Show>
      </SignedOutFrame>
    </Show>
  );
}
