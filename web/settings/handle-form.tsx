import { useClient } from '@urql/solid';
import { Show } from 'solid-js';
import { useSession, useViewer } from '../auth/session';
import { graphql } from '../generated';
import { sayIssue } from '../graphql/failure-words';
import { perform } from '../graphql/perform';
import { t } from '../i18n';
import { Button } from '../ui/button';
import { createSubmission, fieldOf } from '../ui/create-submission';
import { TextField } from '../ui/field';
import { Notice } from '../ui/notice';
import { toast } from '../ui/toasts';
import { settingsWords } from './words';

const UpdateHandle = graphql(`
  mutation UpdateHandle($input: UpdateHandleInput!) {
    updateHandle(input: $input) {
      __typename
      ... on UpdateHandlePayload {
        person {
          id
          handle
        }
      }
      ...FailureFields
    }
  }
`);

/** The name by which others mention and find the viewer. */
export function HandleForm() {
  const viewer = useViewer();
  const client = useClient();
  const { refresh } = useSession();
  const { isPending, problem, submit } = createSubmission(async (form) => {
    const done = await perform(client, UpdateHandle, { input: { handle: fieldOf(form, 'handle').trim() } });
    if (done.payload) {
      refresh();
      toast(t().common.saved);
      return;
    }
    const [issue] = done.failure?.__typename === 'InvalidInputError' ? done.failure.issues : [];
    if (issue?.code === 'HANDLE_FORM') throw new Error(settingsWords().handleForm);
    throw new Error(issue ? sayIssue(issue) : done.words);
  });

  return (
    <form class="flex max-w-md flex-col items-start gap-4 *:w-full" onSubmit={submit}>
      <TextField
        label={settingsWords().handle}
        hint={settingsWords().handleHint(viewer().person.handle)}
        name="handle"
        value={viewer().person.handle}
        maxlength="30"
        autocapitalize="none"
        spellcheck={false}
        required
      />
      <Show when={problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
      <Button type="submit" class="w-auto!" disabled={isPending()}>
        {settingsWords().saveHandle}
      </Button>
    </form>
  );
}
