import { A } from '@solidjs/router';
import ArrowLeft from 'lucide-solid/icons/arrow-left';
import Hash from 'lucide-solid/icons/hash';
import { createSignal, For, onCleanup, Show } from 'solid-js';

import { t } from '../i18n';
import { chatPath } from '../store/chat-fragments';
import { Button, iconButtonShape } from '../ui/button';
import { inputShape } from '../ui/field';
import { EmptyState } from '../ui/notice';
import { PageSection } from '../ui/page';
import { createOpenRooms, type OpenRoom } from './create-open-rooms';
import { createRoomActions, type RoomActions } from './create-room-actions';
import { NewRoomForm } from './new-room-form';
import { roomWords } from './words';

const SEARCH_PAUSE_MS = 180;

/** Where one makes a room, or finds an open one. */
export default function RoomsPage() {
  const actions = createRoomActions();
  const [search, setSearch] = createSignal('');
  const { rooms, hasMore, showMore } = createOpenRooms(search);
  let openRooms: HTMLElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  function searchSoon(words: string) {
    clearTimeout(timer);
    timer = setTimeout(() => setSearch(words.trim()), SEARCH_PAUSE_MS);
  }

  return (
    <div class="flex h-full flex-col">
      <header class="flex h-12 shrink-0 items-center gap-1 border-b border-line pr-2 pl-5 max-md:pl-2">
        <A href="/chat" class={`${iconButtonShape} md:hidden`} aria-label={t().app.backToChats}>
          <ArrowLeft size={18} aria-hidden="true" />
        </A>
        <h1 class="flex-1 font-medium">{roomWords().title}</h1>
        {/* On a phone the form fills the screen. */}
        <Button isSmall look="quiet" class="md:hidden" onClick={() => openRooms?.scrollIntoView()}>
          {roomWords().browse}
        </Button>
      </header>
      <div class="min-h-0 flex-1 overflow-y-auto">
        <div class="mx-auto flex max-w-[40rem] flex-col gap-12 px-5 py-8 max-md:px-4">
          <PageSection title={roomWords().create} hint={roomWords().createHint}>
            <NewRoomForm actions={actions} />
          </PageSection>
          <div ref={(element) => (openRooms = element)} class="scroll-mt-4">
            <PageSection title={roomWords().browse} hint={roomWords().browseHint}>
              <input
                type="search"
                dir="auto"
                class={`${inputShape} h-9 touch:h-10`}
                aria-label={roomWords().searchRooms}
                placeholder={roomWords().searchRooms}
                maxlength="255"
                onInput={(event) => searchSoon(event.currentTarget.value)}
              />
              <Show when={rooms()?.length === 0}>
                <EmptyState title={search() ? roomWords().noneOpenFound : roomWords().noneOpen} />
              </Show>
              <ul class="flex flex-col gap-2">
                <For each={rooms()}>{(room) => <OpenRoomRow room={room} actions={actions} />}</For>
              </ul>
              <Show when={hasMore()}>
                <Button isSmall class="self-start" onClick={showMore}>
                  {roomWords().moreRooms}
                </Button>
              </Show>
            </PageSection>
          </div>
        </div>
      </div>
    </div>
  );
}

function OpenRoomRow(props: { room: OpenRoom; actions: RoomActions }) {
  return (
    <li class="flex items-center gap-3 rounded-lg border border-line bg-panel px-3 py-2.5">
      <Hash size={16} class="shrink-0 text-ink-faint" aria-hidden="true" />
      <div class="min-w-0 flex-1">
        <p class="truncate font-medium" dir="auto">
          {props.room.title}
        </p>
        <p class="truncate text-small text-ink-faint">
          {roomWords().members(props.room.memberCount)}
          <Show when={props.room.topic}>{` · ${props.room.topic}`}</Show>
        </p>
      </div>
      <Show
        when={!props.room.isMember}
        fallback={
          <A
            href={chatPath(props.room.chatId)}
            class="inline-flex items-center justify-center text-small text-accent underline underline-offset-4 touch:min-h-10 touch:min-w-10"
          >
            {roomWords().open}
          </A>
        }
      >
        <Button
          isSmall
          aria-label={`${roomWords().join}: ${props.room.title}`}
          onClick={() => void props.actions.join(props.room.chatId)}
        >
          {roomWords().join}
        </Button>
      </Show>
    </li>
  );
}
