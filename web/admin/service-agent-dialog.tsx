import { createSignal, Show } from 'solid-js';
import { makeClientId } from '../browser/client-id';
import type { InputIssue } from '../graphql/failure-fields';
import { sayIssue } from '../graphql/failure-words';
import { t } from '../i18n';
import { Button } from '../ui/button';
import { createSubmission, fieldOf } from '../ui/create-submission';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { Notice } from '../ui/notice';
import { createServiceAgentActions, type ServiceAgent } from './create-service-agent-actions';
import { adminWords, serviceAgentWords } from './words';

/** An agent's handle has another form than that of an account. */
function say(issue: InputIssue): string {
  return issue.code === 'HANDLE_FORM' ? serviceAgentWords().handleForm : sayIssue(issue);
}

interface ServiceAgentDialogProps {
  onCreated: (agent: ServiceAgent) => void;
  onClose: () => void;
}

export function ServiceAgentDialog(props: ServiceAgentDialogProps) {
  const actions = createServiceAgentActions();
  // Sent again after its answer was lost, it makes no second one.
  const clientId = makeClientId();
  const [issues, setIssues] = createSignal<ReadonlyMap<string, string>>(new Map());

  const { isPending, problem, submit } = createSubmission(async (form) => {
    setIssues(new Map());
    const done = await actions.create({
      name: fieldOf(form, 'name').trim(),
      handle: fieldOf(form, 'handle').trim(),
      clientId,
    });
    if (done.payload) {
      props.onCreated(done.payload.person);
      return props.onClose();
    }
    if (done.failure?.__typename !== 'InvalidInputError') throw new Error(done.words);
    const byField = new Map(done.failure.issues.map((issue) => [issue.path.at(-1) ?? '', say(issue)]));
    setIssues(byField);
    if (!['name', 'handle'].some((field) => byField.has(field))) throw new Error(done.words);
  });

  return (
    <Dialog isOpen onClose={props.onClose} title={serviceAgentWords().newAgent} closeLabel={t().common.close}>
      <form class="flex flex-col gap-4 px-5 pt-1 pb-4" onSubmit={submit}>
        <TextField label={adminWords().name} name="name" maxlength="100" problem={issues().get('name')} required />
        <TextField
          label={adminWords().handle}
          hint={serviceAgentWords().handleHint}
          name="handle"
          maxlength="30"
          problem={issues().get('handle')}
          autocapitalize="none"
          spellcheck={false}
          required
        />
        <Show when={problem()}>{(text) => <Notice tone="danger">{text()}</Notice>}</Show>
        <div class="flex justify-end gap-2">
          <Button onClick={() => props.onClose()}>{t().common.cancel}</Button>
          <Button type="submit" look="primary" disabled={isPending()}>
            {serviceAgentWords().create}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
