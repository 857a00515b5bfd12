import ChevronDown from 'lucide-solid/icons/chevron-down';
import { For, Show } from 'solid-js';
import { agentWords } from './words';
import { Menu, MenuChoice, MenuChoices } from '../ui/menu';
import { createOfferedAgents } from './agents';
import { sayAgentDescription } from './describe';

const byDefault = 'default';

interface AgentPickerProps {
  /** The agent chosen for the chat; null is whichever the default is. */
  chosenId: string | null;
  /** Who answers now, however that came about. */
  name: string;
  onChoose: (agentId: string | null) => void;
}

export function AgentPicker(props: AgentPickerProps) {
  const agents = createOfferedAgents(() => props.chosenId);
  const defaultAgent = () => agents().find(({ isDefault }) => isDefault);
  const choose = (value: string) => props.onChoose(value === byDefault ? null : value);

  return (
    <Menu
      label={agentWords().chosen(props.name)}
      placement="top-start"
      triggerClass="inline-flex h-8 min-w-0 items-center touch:h-10 gap-1.5 rounded-md px-2 text-small text-ink-soft hover:bg-hover hover:text-ink aria-expanded:bg-hover"
      trigger={
        <>
          <span class="truncate">{props.name}</span>
          <ChevronDown size={14} class="shrink-0 text-ink-faint" aria-hidden="true" />
        </>
      }
    >
      <MenuChoices value={props.chosenId ?? byDefault} onChoose={choose}>
        <MenuChoice value={byDefault}>
          <Show when={defaultAgent()} fallback={agentWords().useDefault}>
            {(agent) => agentWords().useDefaultNamed(agent().name)}
          </Show>
        </MenuChoice>
        <For each={agents()}>
          {(agent) => (
            <MenuChoice value={agent.id} isDisabled={!agent.isAvailable}>
              <span class="flex items-baseline gap-2">
                {agent.name}
                <span class="font-mono text-tiny text-ink-faint">
                  {agent.isAvailable ? agent.effectiveModel : agentWords().unavailable}
                </span>
              </span>
              <Show when={agent.description}>
                <span class="block text-small text-ink-faint">{sayAgentDescription(agent.description)}</span>
              </Show>
            </MenuChoice>
          )}
        </For>
      </MenuChoices>
    </Menu>
  );
}
