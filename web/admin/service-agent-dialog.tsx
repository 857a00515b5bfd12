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
  /** Null: a new one is created. */
  agent: ServiceAgent | null;
  onSaved: (agent: ServiceAgent) => void;
  onClose: () => void;
}

/** Creates a service agent, or changes the given one. */
export function ServiceAgentDialog(props: ServiceAgentDialogProps) {
  const actions = createServiceAgentActions();
  // Sent again after its answer was lost, it makes no second one.
  const clientId = makeClientId();
  const [issues, setIssues] = createSignal<ReadonlyMap<string, string>>(new Map());

  const { isPending, problem, submit } = createSubmission(async (form) => {
    setIssues(new Map());
    const input = { name: fieldOf(form, 'name').trim(), handle: fieldOf(form, 'handle').trim() };
    const done = props.agent
      ? await actions.update({ id: props.agent.id, ...input })
      : await actions.create({ ...input, clientId });
    if (done.payload) {
      props.onSaved(done.payload.person);
      return props.onClose();
    }
    if (done.failure?.__typename !== 'InvalidInputError') throw new Error(done.words);
    const byField = new Map(done.failure.issues.map((issue) => [issue.path.at(-1) ?? '', say(issue)]));
    setIssues(byField);
    if (!['name', 'handle'].some((field) => byField.has(field))) throw new Error(done.words);
  });

  return (
    <Dialog
      isOpen
      keepsInput
      onClose={props.onClose}
      title={props.agent ? adminWords().editAgent(props.agent.name) : serviceAgentWords().newAgent}
      closeLabel={t().common.close}
    >
      <form class="flex flex-col gap-4 px-5 pt-1 pb-4" onSubmit={submit}>
        <TextField
          label={adminWords().name}
          name="name"
          value={props.agent?.name ?? ''}
          maxlength="100"
          problem={issues().get('name')}
          required
        />
        <TextField
          label={adminWords().handle}
          hint={props.agent ? serviceAgentWords().handleChangeHint : serviceAgentWords().handleHint}
          name="handle"
          value={props.agent?.handle ?? ''}
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
            {props.agent ? adminWords().saveAgent : serviceAgentWords().create}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
