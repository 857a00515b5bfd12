import { Show } from 'solid-js';
import { changePassword } from '../auth/accounts';
import { createSubmission, fieldOf } from '../ui/create-submission';
import { authWords } from '../auth/words';
import { settingsWords } from './words';
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
    toast(settingsWords().passwordChanged);
  });

  return (
    <form class="flex max-w-md flex-col items-start gap-4 *:w-full" onSubmit={submit}>
      <TextField
        label={settingsWords().currentPassword}
        name="currentPassword"
        type="password"
        autocomplete="current-password"
        required
      />
      <TextField
        label={settingsWords().newPassword}
        hint={authWords().passwordHint}
        name="newPassword"
        type="password"
        autocomplete="new-password"
        minlength="8"
        maxlength="128"
        required
      />
      <Show when={problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
      <Button type="submit" class="w-auto!" disabled={isPending()}>
        {settingsWords().changePassword}
      </Button>
    </form>
  );
}
