import { Show } from 'solid-js';
import { changePassword } from '../auth/accounts';
import { createSubmission, fieldOf } from '../ui/create-submission';
import { t } from '../i18n';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { Notice } from '../ui/notice';
import { toast } from '../ui/toasts';

export function PasswordForm() {
  const { isPending, problem, submit } = createSubmission(async (form) => {
    await changePassword({
      currentPassword: fieldOf(form, 'currentPassword'),
      newPassword: fieldOf(form, 'newPassword'),
    });
    form.reset();
    toast(t().settings.passwordChanged);
  });

  return (
    <form class="flex max-w-md flex-col items-start gap-4 *:w-full" onSubmit={submit}>
      <TextField
        label={t().settings.currentPassword}
        name="currentPassword"
        type="password"
        autocomplete="current-password"
        required
      />
      <TextField
        label={t().settings.newPassword}
        hint={t().auth.passwordHint}
        name="newPassword"
        type="password"
        autocomplete="new-password"
        minlength="8"
        maxlength="128"
        required
      />
      <Show when={problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
      <Button type="submit" class="w-auto!" disabled={isPending()}>
        {t().settings.changePassword}
      </Button>
    </form>
  );
}
