import { Show } from 'solid-js';
import { rename } from '../auth/accounts';
import { createSubmission, fieldOf } from '../ui/create-submission';
import { useSession, useViewer } from '../auth/session';
import { t } from '../i18n';
import { authWords } from '../auth/words';
import { settingsWords } from './words';
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
      <TextField
        label={authWords().name}
        name="name"
        value={viewer().name}
        maxlength="100"
        autocomplete="name"
        required
      />
      <TextField label={authWords().email} value={viewer().email ?? ''} disabled />
      <Show when={problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
      <Button type="submit" class="w-auto!" disabled={isPending()}>
        {settingsWords().saveName}
      </Button>
    </form>
  );
}
