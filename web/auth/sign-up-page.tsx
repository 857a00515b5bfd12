import { A, Navigate } from '@solidjs/router';
import { Show } from 'solid-js';
import { t } from '../i18n';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { Notice } from '../ui/notice';
import { signUp } from './accounts';
import { createSubmission, fieldOf } from '../ui/create-submission';
import { SignedOutFrame } from './signed-out-frame';
import { useSession } from './session';
import { announceSession } from './session-watch';

export default function SignUpPage() {
  const { viewer, server } = useSession();
  const isFirst = () => server().needsFirstAccount;
  const { isPending, problem, submit } = createSubmission(async (form) => {
    await signUp({ name: fieldOf(form, 'name'), email: fieldOf(form, 'email'), password: fieldOf(form, 'password') });
    announceSession();
    window.location.assign('/chat');
  });

  return (
    <Show when={!viewer()} fallback={<Navigate href="/chat" />}>
      <SignedOutFrame
        title={isFirst() ? t().auth.firstTitle : t().auth.signUpTitle}
        hint={isFirst() ? t().auth.firstHint : undefined}
      >
        <Show when={isFirst() || server().signUp === 'OPEN'} fallback={<Notice>{t().auth.closed}</Notice>}>
          <form class="flex flex-col gap-4" onSubmit={submit}>
            <TextField label={t().auth.name} name="name" autocomplete="name" maxlength="100" required autofocus />
            <TextField label={t().auth.email} name="email" type="email" autocomplete="username" required />
            <TextField
              label={t().auth.password}
              hint={t().auth.passwordHint}
              name="password"
              type="password"
              autocomplete="new-password"
              minlength="8"
              maxlength="128"
              required
            />
            <Show when={problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
            <Button type="submit" look="primary" class="mt-1" disabled={isPending()}>
              {t().auth.signUp}
            </Button>
          </form>
        </Show>
        <Show when={!isFirst()}>
          <p class="mt-6 text-small text-ink-soft">
            {t().auth.haveAccount}{' '}
            <A href="/sign-in" class="text-accent underline underline-offset-4">
              {t().auth.signIn}
            </A>
          </p>
        </Show>
      </SignedOutFrame>
    </Show>
  );
}
