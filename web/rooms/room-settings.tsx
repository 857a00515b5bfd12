import { createSignal, Show } from 'solid-js';

import type { UpdateRoomInput } from '../generated/graphql';
import { t } from '../i18n';
import type { Chat } from '../store/chat-fragments';
import { Button } from '../ui/button';
import { Choice } from '../ui/choice';
import { TextArea, TextField } from '../ui/field';
import type { RoomActions } from './create-room-actions';
import type { RoomAccess } from './create-room-details';
import { roomWords } from './words';

interface RoomSettingsProps {
  room: Chat;
  access: RoomAccess;
  actions: RoomActions;
  onChange: () => void;
}

type Wanted = Omit<UpdateRoomInput, 'id'>;

/** What a room is called and about, for those who may rename it; who may join and invite, for its owners. */
export function RoomSettings(props: RoomSettingsProps) {
  // What is not changed here follows the room when another member changes it meanwhile.
  const [wanted, setWanted] = createSignal<Wanted>({});
  const [isSaving, setSaving] = createSignal(false);
  const set = (change: Wanted) => setWanted({ ...wanted(), ...change });
  const may = (action: 'RENAME' | 'SET_ACCESS') => props.room.viewerCan.includes(action);
  const title = () => wanted().title ?? props.room.title ?? '';
  const topic = () => wanted().topic ?? props.room.topic;
  const visibility = () => wanted().visibility ?? props.access.visibility;
  const membersMayInvite = () => wanted().membersMayInvite ?? props.access.membersMayInvite;
  const isChanged = () =>
    title().trim() !== props.room.title ||
    topic().trim() !== props.room.topic ||
    visibility() !== props.access.visibility ||
    membersMayInvite() !== props.access.membersMayInvite;

  async function save(event: SubmitEvent) {
    event.preventDefault();
    if (isSaving() || !isChanged()) return;
    setSaving(true);
    const change = { ...wanted() };
    if (change.title) change.title = change.title.trim();
    const isDone = await props.actions.update({ id: props.room.id, ...change });
    setSaving(false);
    if (!isDone) return;
    setWanted({});
    props.onChange();
  }

  return (
    <Show when={may('RENAME') || may('SET_ACCESS')}>
      <form class="flex flex-col gap-3" onSubmit={(event) => void save(event)}>
        <Show when={may('RENAME')}>
          <TextField
            label={roomWords().name}
            dir="auto"
            maxlength="255"
            required
            autocomplete="off"
            value={title()}
            onInput={(event) => set({ title: event.currentTarget.value })}
          />
          <TextArea
            label={roomWords().topic}
            dir="auto"
            maxlength="1000"
            rows="3"
            value={topic()}
            onInput={(event) => set({ topic: event.currentTarget.value })}
          />
        </Show>
        <Show when={may('SET_ACCESS')}>
          <Choice
            label={roomWords().visibility}
            value={visibility()}
            onChoose={(value) => set({ visibility: value })}
            options={(['MEMBERS', 'OPEN'] as const).map((value) => ({ value, label: roomWords().visibilities[value] }))}
          />
          <label class="flex min-h-9 cursor-pointer items-center gap-2.5 touch:min-h-11">
            <input
              type="checkbox"
              class="size-4 accent-accent touch:size-5"
              checked={membersMayInvite()}
              onChange={(event) => set({ membersMayInvite: event.currentTarget.checked })}
            />
            {roomWords().membersMayInvite}
          </label>
        </Show>
        <Button type="submit" isSmall class="self-start" disabled={!isChanged() || isSaving()}>
          {t().common.save}
        </Button>
      </form>
    </Show>
  );
}
