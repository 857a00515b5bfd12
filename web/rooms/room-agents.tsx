import { Key } from '@solid-primitives/keyed';
import Bot from 'lucide-solid/icons/bot';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import Plus from 'lucide-solid/icons/plus';
import { For, Show } from 'solid-js';

import { createAgents } from '../agents/agents';
import type { ReplyMode } from '../generated/graphql';
import type { Chat } from '../store/chat-fragments';
import { iconButtonShape } from '../ui/button';
import { Menu, MenuChoice, MenuChoices, MenuItem, MenuSeparator } from '../ui/menu';
import type { RoomActions } from './create-room-actions';
import type { RoomAgent } from './create-room-details';
import { roomWords } from './words';

interface RoomAgentsProps {
  room: Chat;
  agents: readonly RoomAgent[];
  actions: RoomActions;
}

/** The agents that members can mention, and how moderators change them. */
export function RoomAgents(props: RoomAgentsProps) {
  const known = createAgents();
  const maySet = () => props.room.viewerCan.includes('SET_AGENTS');
  const addable = () =>
    known().filter(({ id, isAvailable }) => isAvailable && !props.agents.some(({ agent }) => agent.id === id));
  return (
    <>
      <Show when={props.agents.length === 0}>
        <p class="text-small text-ink-faint">{roomWords().noAgents}</p>
      </Show>
      <ul class="flex flex-col gap-1 empty:hidden">
        <For each={props.agents}>
          {(each) => (
            <li class="flex min-h-10 items-center gap-3">
              <span
                aria-hidden="true"
                class="grid size-8 shrink-0 place-items-center rounded-md border border-accent-line bg-accent-tint text-accent"
              >
                <Bot size={16} />
              </span>
              <div class="min-w-0 flex-1">
                <p class="truncate">{each.agent.name}</p>
                <p class="truncate text-tiny text-ink-faint">
                  @{each.agent.handle} · {roomWords().replyModes[each.replyMode]}
                </p>
              </div>
              <Show when={maySet()}>
                <Menu
                  label={roomWords().memberActions(each.agent.name)}
                  triggerClass={iconButtonShape}
                  trigger={<Ellipsis size={16} aria-hidden="true" />}
                >
                  <MenuChoices
                    value={each.replyMode}
                    onChoose={(mode) => void props.actions.addAgent(props.room.id, each.agent.id, mode as ReplyMode)}
                  >
                    <For each={['MENTION', 'ALWAYS'] as const}>
                      {(mode) => <MenuChoice value={mode}>{roomWords().replyModes[mode]}</MenuChoice>}
                    </For>
                  </MenuChoices>
                  <MenuSeparator />
                  <MenuItem isDangerous onSelect={() => void props.actions.removeAgent(props.room.id, each.agent.id)}>
                    {roomWords().remove}
                  </MenuItem>
                </Menu>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={maySet() && addable().length > 0}>
        <Menu
          label={roomWords().addAgent}
          placement="bottom-start"
          triggerClass="inline-flex h-8 items-center gap-1.5 self-start rounded-md border border-line px-2.5 text-small hover:bg-hover touch:h-10"
          trigger={
            <>
              <Plus size={14} aria-hidden="true" />
              {roomWords().addAgent}
            </>
          }
        >
          <Key each={addable()} by="id">
            {(agent) => (
              <MenuItem
                icon={<Bot size={15} />}
                onSelect={() => void props.actions.addAgent(props.room.id, agent().id, 'MENTION')}
              >
                <span class="flex min-w-0 flex-1 items-baseline gap-2">
                  {agent().name}
                  <span class="text-tiny text-ink-faint">@{agent().handle}</span>
                </span>
              </MenuItem>
            )}
          </Key>
        </Menu>
      </Show>
    </>
  );
}
