import { createSignal, For, Show, untrack } from 'solid-js';
import { createSubmission, fieldOf } from '../ui/create-submission';
import type { Effort, ProviderName } from '../generated/graphql';
import { sayIssue } from '../graphql/failure-words';
import { t } from '../i18n';
import { agentWords } from '../agents/words';
import { adminWords } from './words';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField, TextArea, TextField } from '../ui/field';
import { Notice } from '../ui/notice';
import { toast } from '../ui/toasts';
import type { AgentInDetail } from './agents-page';
import { createAgentActions } from './create-agent-actions';

const LONGEST_ANSWER = 16_000;

const EFFORTS: readonly Effort[] = ['LOW', 'MEDIUM', 'HIGH'];
const PROVIDERS: readonly ProviderName[] = ['ANTHROPIC', 'OPENAI', 'ECHO'];

interface AgentDialogProps {
  agent: AgentInDetail | null;
  isNotSetUp: (provider: ProviderName) => boolean;
  onClose: () => void;
}

/** Creates an agent, or changes the given one. */
export function AgentDialog(props: AgentDialogProps) {
  const actions = createAgentActions();
  const [issues, setIssues] = createSignal<ReadonlyMap<string, string>>(new Map());

  const { isPending, problem, submit } = createSubmission(async (form) => {
    setIssues(new Map());
    const input = inputOf(form);
    const done = props.agent ? await actions.update({ id: props.agent.id, ...input }) : await actions.create(input);
    if (done.payload) {
      toast(props.agent ? adminWords().edited(input.name) : adminWords().created(input.name));
      return props.onClose();
    }
    if (done.failure?.__typename !== 'InvalidInputError') throw new Error(done.words);
    const byField = new Map(done.failure.issues.map((issue) => [issue.path.at(-1) ?? '', sayIssue(issue)]));
    setIssues(byField);
    if (byField.size === 0 || byField.has('')) throw new Error(done.words);
  });

  return (
    <Dialog
      isOpen
      keepsInput
      onClose={props.onClose}
      title={props.agent ? adminWords().editAgent(props.agent.name) : adminWords().newAgent}
      closeLabel={t().common.close}
      class="top-[6vh]! max-h-[88dvh]!"
    >
      <form class="flex flex-col gap-4 overflow-y-auto px-5 pt-1 pb-4" onSubmit={submit}>
        <NameFields agent={props.agent} issues={issues()} />
        <TextField
          label={adminWords().description}
          name="description"
          value={props.agent?.description ?? ''}
          problem={issues().get('description')}
        />
        <ModelFields agent={props.agent} issues={issues()} isNotSetUp={props.isNotSetUp} />
        <TextArea
          label={adminWords().instructions}
          hint={adminWords().instructionsHint}
          name="instructions"
          rows="5"
          value={props.agent?.instructions ?? ''}
          problem={issues().get('instructions')}
        />
        <Show when={problem()}>{(text) => <Notice tone="danger">{text()}</Notice>}</Show>
        <div class="flex justify-end gap-2">
          <Button onClick={() => props.onClose()}>{t().common.cancel}</Button>
          <Button type="submit" look="primary" disabled={isPending()}>
            {props.agent ? adminWords().saveAgent : adminWords().create}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldsProps {
  agent: AgentInDetail | null;
  /** What is wrong with a field, by its name. */
  issues: ReadonlyMap<string, string>;
}

function NameFields(props: FieldsProps) {
  return (
    <div class="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
      <TextField
        label={adminWords().name}
        name="name"
        value={props.agent?.name ?? ''}
        problem={props.issues.get('name')}
        required
      />
      <TextField
        label={adminWords().handle}
        hint={adminWords().handleHint}
        name="handle"
        value={props.agent?.handle ?? ''}
        problem={props.issues.get('handle')}
        pattern="[a-z][a-z0-9\-]{1,31}"
        autocapitalize="none"
        required
      />
    </div>
  );
}

/** Who answers for the agent, and within which limits. */
function ModelFields(props: FieldsProps & { isNotSetUp: (provider: ProviderName) => boolean }) {
  const [provider, setProvider] = createSignal<ProviderName>(untrack(() => props.agent?.provider) ?? 'ANTHROPIC');
  return (
    <div class="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
      <SelectField
        label={adminWords().provider}
        hint={props.isNotSetUp(provider()) ? adminWords().notSetUp[provider()] : undefined}
        name="provider"
        problem={props.issues.get('provider')}
        onChange={(event) => setProvider(event.currentTarget.value as ProviderName)}
      >
        <For each={PROVIDERS}>
          {(each) => (
            <option value={each} selected={each === provider()}>
              {agentWords().providers[each]}
            </option>
          )}
        </For>
      </SelectField>
      <TextField
        label={adminWords().model}
        hint={
          props.agent && !props.agent.model && provider() === props.agent.provider
            ? adminWords().modelHintNow(props.agent.effectiveModel)
            : adminWords().modelHint
        }
        name="model"
        value={props.agent?.model ?? ''}
        problem={props.issues.get('model')}
        spellcheck={false}
      />
      <TextField
        label={adminWords().maxOutputTokens}
        name="maxOutputTokens"
        type="number"
        min="1"
        value={props.agent?.maxOutputTokens ?? LONGEST_ANSWER}
        problem={props.issues.get('maxOutputTokens')}
      />
      <SelectField label={adminWords().effort} name="effort" problem={props.issues.get('effort')}>
        <option value="" selected={!props.agent?.effort}>
          {adminWords().effortDefault}
        </option>
        <For each={EFFORTS}>
          {(each) => (
            <option value={each} selected={props.agent?.effort === each}>
              {adminWords().efforts[each]}
            </option>
          )}
        </For>
      </SelectField>
    </div>
  );
}

function inputOf(form: HTMLFormElement) {
  const text = (name: string) => fieldOf(form, name).trim();
  return {
    name: text('name'),
    handle: text('handle'),
    description: text('description'),
    provider: text('provider') as ProviderName,
    model: text('model') || null,
    instructions: text('instructions') || null,
    maxOutputTokens: Number(text('maxOutputTokens')) || null,
    effort: (text('effort') || null) as Effort | null,
  };
}
