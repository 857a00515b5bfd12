import { Show } from 'solid-js';
import { rename } from '../auth/accounts';
import { createSubmission, fieldOf } from '../ui/create-submission';
import { useSession, useViewer } from '../auth/session';
import { t } from '../i18n';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { Notice } from '../ui/notice';
import { toast } from '../ui/toasts';

export function NameForm() {
  const viewer = useViewer();
  const { refresh } = useSession();
  const { isPending, problem, submit } = createSubmission(async (form) => {
    await rename(fieldOf(form, 'name').trim());
    refresh();
    toast(t().common.saved);
  });

  return (
    <form class="flex max-w-md flex-col items-start gap-4 *:w-full" onSubmit={submit}>
      <TextField label={t().auth.name} name="name" value={viewer().name} maxlength="100" autocomplete="name" required />
      <TextField label={t().auth.email} value={viewer().email ?? ''} disabled />
      <Show when={problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
      <Button type="submit" class="w-auto!" disabled={isPending()}>
        {t().settings.saveName}
      </Button>
    </form>
  );
}
