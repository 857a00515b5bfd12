import Eye from 'lucide-solid/icons/eye';
import RotateCw from 'lucide-solid/icons/rotate-cw';
import Users from 'lucide-solid/icons/users';
import { For, Show } from 'solid-js';

import { createOfferedAgents } from '../../agents/agents';
import { t } from '../../i18n';
import { formatMoment, formatTime } from '../../i18n/format';
import type { Message } from '../../store/message-fragments';
import { IconButton, iconButtonShape } from '../../ui/button';
import { CopyButton } from '../../ui/copy-button';
import { Menu, MenuItem } from '../../ui/menu';
import { useChatPlace } from '../place';
import { threadWords } from '../words';

interface AnswerToolsProps {
  message: Message;
  /** What is copied. */
  text: () => string;
  onRegenerate: (agentId?: string) => void;
  onInspect: (runId: string) => void;
}

/** What can be done with an answer that is complete, and in a private chat when it came. */
export function AnswerTools(props: AnswerToolsProps) {
  const place = useChatPlace();
  return (
    <>
      <Show when={props.text() !== ''}>
        <CopyButton label={threadWords().copyAnswer} doneLabel={t().common.copied} text={props.text} />
      </Show>
      <Show when={!place.isClosed() && props.message.agent}>
        <RegenerateMenu agent={props.message.agent} onRegenerate={props.onRegenerate} />
      </Show>
      <Show when={props.message.run}>
        {(run) => (
          <IconButton label={threadWords().inspect} onClick={() => props.onInspect(run().id)}>
            <Eye size={15} aria-hidden="true" />
          </IconButton>
        )}
      </Show>
      <Show when={!place.isRoom()}>
        <time
          class="pl-1.5 font-mono text-tiny opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100"
          datetime={props.message.createdAt}
          title={formatMoment(props.message.createdAt)}
        >
          {formatTime(props.message.createdAt)}
        </time>
      </Show>
    </>
  );
}

/** The same agent once more, or another one. */
function RegenerateMenu(props: { agent: Message['agent']; onRegenerate: (agentId?: string) => void }) {
  const place = useChatPlace();
  return (
    <Menu
      label={threadWords().regenerate}
      placement="bottom-start"
      triggerClass={iconButtonShape}
      trigger={<RotateCw size={14} aria-hidden="true" />}
    >
      <MenuItem icon={<RotateCw size={15} />} onSelect={() => props.onRegenerate()}>
        {threadWords().regenerate}
      </MenuItem>
      <Show when={!place.isRoom()}>
        <OtherAgents than={props.agent?.id} onChoose={(id) => props.onRegenerate(id)} />
      </Show>
    </Menu>
  );
}

function OtherAgents(props: { than: string | undefined; onChoose: (agentId: string) => void }) {
  const agents = createOfferedAgents();
  return (
    <For each={agents().filter((agent) => agent.isAvailable && agent.id !== props.than)}>
      {(agent) => (
        <MenuItem icon={<Users size={15} />} onSelect={() => props.onChoose(agent.id)}>
          <span class="flex items-baseline gap-2">
            {threadWords().answerBy(agent.name)}
            <span class="font-mono text-tiny text-ink-faint">{agent.effectiveModel}</span>
          </span>
        </MenuItem>
      )}
    </For>
  );
}
