import { createSignal, Show } from 'solid-js';
import type { MessagesOfDeleted } from '../generated/graphql';
import { t } from '../i18n';
import { Button } from '../ui/button';
import { Choice } from '../ui/choice';
import { createSubmission } from '../ui/create-submission';
import { Dialog } from '../ui/dialog';
import { Notice } from '../ui/notice';
import { toast } from '../ui/toasts';
import { createServiceAgentActions, type ServiceAgent } from './create-service-agent-actions';
import { serviceAgentWords } from './words';

interface ServiceAgentDeletionProps {
  agent: ServiceAgent;
  onClose: () => void;
}

/** Asks what becomes of its messages, and deletes the service agent. One that has answered can only be disabled. */
export function ServiceAgentDeletion(props: ServiceAgentDeletionProps) {
  const actions = createServiceAgentActions();
  const [messages, setMessages] = createSignal<MessagesOfDeleted>('KEEP');
  const [hasAnswered, setAnswered] = createSignal(false);

  const { isPending, problem, submit } = createSubmission(async () => {
    if (hasAnswered()) {
      await actions.disable(props.agent);
      return props.onClose();
    }
    const { name } = props.agent;
    const done = await actions.remove(props.agent, messages());
    if (done.payload) {
      toast(serviceAgentWords().wasDeleted(name));
      return props.onClose();
    }
    setAnswered(done.failure?.code === 'SERVICE_AGENT_ANSWERED');
    if (!hasAnswered()) throw new Error(done.words);
  });

  return (
    <Dialog
      isOpen
      onClose={props.onClose}
      title={serviceAgentWords().deleteAgent(props.agent.name)}
      hint={hasAnswered() ? serviceAgentWords().cannotDelete(props.agent.name) : serviceAgentWords().deleteHint}
      closeLabel={t().common.close}
    >
      <form class="flex flex-col gap-4 px-5 pt-1 pb-4" onSubmit={submit}>
        <Show when={!hasAnswered()}>
          <div class="flex flex-col gap-1.5">
            <Choice
              label={serviceAgentWords().messages}
              value={messages()}
              onChoose={setMessages}
              options={(['KEEP', 'ERASE'] as const).map((value) => ({
                value,
                label: serviceAgentWords().messagesOfDeleted[value].label,
              }))}
            />
            <p class="text-small text-ink-faint" aria-live="polite">
              {serviceAgentWords().messagesOfDeleted[messages()].hint}
            </p>
          </div>
        </Show>
        <Show when={problem()}>{(text) => <Notice tone="danger">{text()}</Notice>}</Show>
        <div class="flex justify-end gap-2">
          <Button onClick={() => props.onClose()}>{t().common.cancel}</Button>
          <Show when={!hasAnswered() || !props.agent.isDisabled}>
            <Button type="submit" look="danger" disabled={isPending()}>
              {hasAnswered() ? serviceAgentWords().disable : t().common.delete}
            </Button>
          </Show>
        </div>
      </form>
    </Dialog>
  );
}
