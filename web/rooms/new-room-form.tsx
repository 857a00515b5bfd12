import { Key } from '@solid-primitives/keyed';
import X from 'lucide-solid/icons/x';
import { createSignal, For, Show } from 'solid-js';

import { createOfferedAgents } from '../agents/agents';
import { useViewer } from '../auth/session';
import type { RoomVisibility } from '../generated/graphql';
import type { Person } from '../store/person-fragments';
import { Avatar } from '../ui/avatar';
import { Button, IconButton } from '../ui/button';
import { Choice } from '../ui/choice';
import { createSubmission, fieldOf } from '../ui/create-submission';
import { TextArea, TextField } from '../ui/field';
import { Notice } from '../ui/notice';
import { AddPeople } from './add-people';
import type { RoomActions } from './create-room-actions';
import { roomWords } from './words';

/** A new room: what it is called and about, who finds it, and who is in it from the beginning. */
export function NewRoomForm(props: { actions: RoomActions }) {
  const [visibility, setVisibility] = createSignal<RoomVisibility>('MEMBERS');
  const [people, setPeople] = createSignal<readonly Person[]>([]);
  const [agentIds, setAgentIds] = createSignal<ReadonlySet<string>>(new Set());
  const { isPending, problem, submit } = createSubmission((form) =>
    props.actions.create({
      title: fieldOf(form, 'title'),
      topic: fieldOf(form, 'topic'),
      visibility: visibility(),
      personIds: people().map(({ id }) => id),
      agentIds: [...agentIds()],
    }),
  );
  return (
    <form class="flex flex-col gap-4" onSubmit={submit}>
      <TextField label={roomWords().name} name="title" dir="auto" maxlength="255" required autocomplete="off" />
      <TextArea
        label={roomWords().topic}
        hint={roomWords().topicHint}
        name="topic"
        dir="auto"
        maxlength="1000"
        rows="2"
      />
      <Choice
        label={roomWords().visibility}
        value={visibility()}
        onChoose={setVisibility}
        options={(['MEMBERS', 'OPEN'] as const).map((value) => ({ value, label: roomWords().visibilities[value] }))}
      />
      <PeopleField people={people()} onChange={setPeople} />
      <AgentsField chosenIds={agentIds()} onChange={setAgentIds} />
      <Show when={problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
      <Button type="submit" look="primary" class="self-start" disabled={isPending()}>
        {roomWords().create}
      </Button>
    </form>
  );
}

function PeopleField(props: { people: readonly Person[]; onChange: (people: readonly Person[]) => void }) {
  const viewer = useViewer();
  const taken = () => new Set([viewer().person.id, ...props.people.map(({ id }) => id)]);
  return (
    <fieldset class="flex flex-col gap-1.5">
      <legend class="float-left mb-1.5 text-small font-medium text-ink-soft">{roomWords().people}</legend>
      <ul class="flex flex-wrap gap-1.5 empty:hidden">
        <For each={props.people}>
          {(person) => (
            <li class="flex min-h-9 items-center gap-2 rounded-md border border-line bg-panel pl-2">
              <Avatar name={person.name} color={person.avatarColor} isAgent={person.isAgent} isSmall />
              <span class="max-w-40 truncate">{person.name}</span>
              <IconButton
                label={roomWords().leaveOut(person.name)}
                onClick={() => props.onChange(props.people.filter(({ id }) => id !== person.id))}
              >
                <X size={14} aria-hidden="true" />
              </IconButton>
            </li>
          )}
        </For>
      </ul>
      <AddPeople memberIds={taken()} onAdd={(person) => props.onChange([...props.people, person])} />
    </fieldset>
  );
}

function AgentsField(props: { chosenIds: ReadonlySet<string>; onChange: (ids: ReadonlySet<string>) => void }) {
  const offered = createOfferedAgents();
  const agents = () => offered().filter(({ isAvailable }) => isAvailable);
  const toggle = (id: string, isChosen: boolean) =>
    props.onChange(new Set(isChosen ? [...props.chosenIds, id] : [...props.chosenIds].filter((each) => each !== id)));
  return (
    <Show when={agents().length > 0}>
      <fieldset class="flex flex-col gap-0.5">
        <legend class="float-left mb-1 text-small font-medium text-ink-soft">{roomWords().agents}</legend>
        <Key each={agents()} by="id">
          {(agent) => (
            <label class="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 hover:bg-hover touch:min-h-11">
              <input
                type="checkbox"
                class="size-4 accent-accent touch:size-5"
                checked={props.chosenIds.has(agent().id)}
                onChange={(event) => toggle(agent().id, event.currentTarget.checked)}
              />
              <span class="min-w-0 flex-1 truncate">{agent().name}</span>
              <span class="shrink-0 text-tiny text-ink-faint">@{agent().handle}</span>
            </label>
          )}
        </Key>
      </fieldset>
    </Show>
  );
}
