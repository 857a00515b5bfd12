import { A, Navigate, useSearchParams } from '@solidjs/router';
import { Show } from 'solid-js';
import { authWords } from './words';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { Notice } from '../ui/notice';
import { signUp } from './accounts';
import { safeNext } from './guards';
import { createSubmission, fieldOf } from '../ui/create-submission';
import { SignedOutFrame } from './signed-out-frame';
import { useSession } from './session';
import { announceSession } from './session-watch';

export default function SignUpPage() {
  const { viewer, server } = useSession();
  const [query] = useSearchParams<{ next: string }>();
  const isFirst = () => server().needsFirstAccount;
  const { isPending, problem, submit } = createSubmission(async (form) => {
    await signUp({ name: fieldOf(form, 'name'), email: fieldOf(form, 'email'), password: fieldOf(form, 'password') });
    announceSession();
    window.location.assign(safeNext(query.next));
  });

  return (
    <Show when={!viewer()} fallback={<Navigate href={safeNext(query.next)} />}>
      <SignedOutFrame
        title={isFirst() ? authWords().firstTitle : authWords().signUpTitle}
        hint={isFirst() ? authWords().firstHint : undefined}
      >
        <Show when={isFirst() || server().signUp === 'OPEN'} fallback={<Notice>{authWords().closed}</Notice>}>
          <form class="flex flex-col gap-4" onSubmit={submit}>
            <TextField label={authWords().name} name="name" autocomplete="name" maxlength="100" required autofocus />
            <TextField label={authWords().email} name="email" type="email" autocomplete="username" required />
            <TextField
              label={authWords().password}
              hint={authWords().passwordHint}
              name="password"
              type="password"
              autocomplete="new-password"
              minlength="8"
              maxlength="128"
              required
            />
            <Show when={problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
            <Button type="submit" look="primary" class="mt-1" disabled={isPending()}>
              {authWords().signUp}
            </Button>
          </form>
        </Show>
        <Show when={!isFirst()}>
          <p class="mt-6 text-small text-ink-soft">
            {authWords().haveAccount}{' '}
            <A href={`/sign-in${window.location.search}`} class="text-accent underline underline-offset-4">
              {authWords().signIn}
            </A>
          </p>
        </Show>
      </SignedOutFrame>
    </Show>
  );
}
