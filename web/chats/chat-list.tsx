import { Key } from '@solid-primitives/keyed';
import { A } from '@solidjs/router';
import { createMemo, createSignal, Match, Show, Switch, type JSX } from 'solid-js';
import { useFeed } from '../feed/create-feed';
import type { ChatFilter } from '../generated/graphql';
import { newChatPath } from '../store/chat-fragments';
import { chatWords } from './words';
import { buttonShape } from '../ui/button';
import { Choice } from '../ui/choice';
import { EmptyState } from '../ui/notice';
import { inGroups, type ChatGroup } from './chat-groups';
import { ChatRow } from './chat-row';
import { ChatSearchField } from './chat-search-field';
import { createChatActions, type ChatActions } from './create-chat-actions';
import { createChatList } from './create-chat-list';
import { createFirstOpening } from './create-first-opening';
import { createRoomList, type RoomList } from './create-room-list';
import { createOpenFilter } from './create-open-filter';
import { ListEnd, ListFailure } from './list-end';
import { RenameDialog } from './rename-dialog';
import { stepByArrow } from './step-by-arrow';

export function ChatList() {
  const [filter, setFilter] = createSignal<ChatFilter>('ACTIVE');
  const [search, setSearch] = createSignal('');
  createOpenFilter(setFilter);
  const [renamedId, setRenamedId] = createSignal<string | null>(null);
  const feed = useFeed();
  const renamed = () => feed.state().chats.get(renamedId() ?? '') ?? null;
  const list = createChatList(filter, search, { kind: 'PRIVATE' });
  const rooms = createRoomList(filter, search);
  const actions = createChatActions();
  const groups = createMemo(() => inGroups(rooms.chats(), list.chats(), filter()));
  /** All rooms so far may be pinned. */
  const lastWithRooms = () => groups().findLast(({ chats }) => chats.some(({ kind }) => kind === 'ROOM'))?.name;
  /** The part of the list of which there is nothing to show. */
  const failed = () => [list, rooms].find((each) => each.error() && each.chats().length === 0);
  const isLoading = () => list.isLoading() || rooms.isLoading();
  /** All at once: rooms that came after the chats would move these away from under the pointer. */
  const isComplete = createMemo<boolean>((before) => before || !isLoading(), false);
  const firstOpening = createFirstOpening(isLoading, () => groups()[0]?.chats[0]);
  let nav: HTMLElement | undefined;
  let field: HTMLInputElement | undefined;

  /** From the field into the rows, from row to row, and back into the field; not from the button of a menu. */
  function onKeyDown(event: KeyboardEvent) {
    stepByArrow(event, () => [field, ...(nav?.querySelectorAll<HTMLElement>('li > a') ?? [])]);
  }

  return (
    <>
      <div class="flex flex-col gap-2 px-3 pb-2">
        <ChatSearchField
          ref={(element) => (field = element)}
          onType={firstOpening.cancel}
          onSearch={setSearch}
          onEnter={firstOpening.ask}
          onKey={onKeyDown}
        />
        <FilterChoice filter={filter()} onChoose={setFilter} />
      </div>
      <nav
        aria-label={chatWords().list}
        class="min-h-0 flex-1 overflow-y-auto px-2 pb-3"
        data-chats
        ref={(element) => (nav = element)}
        onKeyDown={onKeyDown}
      >
        <Show when={failed()?.error()}>
          {(error) => <ListFailure error={error()} onRetry={() => failed()?.retry()} />}
        </Show>
        <Show when={!isLoading() && !list.error() && !rooms.error() && groups().length === 0}>
          <NoChats filter={filter()} isSearch={search().trim() !== ''} />
        </Show>
        {/* Whatever changes, a row stays the same one, and with it its open menu and the focus. */}
        <Key each={isComplete() ? groups() : []} by="name">
          {(group) => (
            <GroupSection group={group()} actions={actions} onRename={setRenamedId}>
              <Show when={group().name === lastWithRooms()}>
                <MoreRooms rooms={rooms} />
              </Show>
            </GroupSection>
          )}
        </Key>
        <ListEnd hasMore={list.hasMore()} isLoading={list.isLoading()} error={list.error()} onLoad={list.loadMore} />
      </nav>
      <RenameDialog
        chat={renamed()}
        onClose={() => setRenamedId(null)}
        onRename={(title) => {
          const chat = renamed();
          if (chat) void actions.rename(chat, title);
        }}
      />
    </>
  );
}

function FilterChoice(props: { filter: ChatFilter; onChoose: (filter: ChatFilter) => void }) {
  return (
    <Choice
      label={chatWords().filter}
      isLabelHidden
      value={props.filter}
      onChoose={props.onChoose}
      options={[
        { value: 'ACTIVE', label: chatWords().active },
        { value: 'ARCHIVED', label: chatWords().archived },
        { value: 'DELETED', label: chatWords().deleted },
      ]}
    />
  );
}

interface GroupSectionProps {
  group: ChatGroup;
  actions: ChatActions;
  onRename: (chatId: string) => void;
  /** Below the rows. */
  children: JSX.Element;
}

function GroupSection(props: GroupSectionProps) {
  return (
    <section aria-label={chatWords()[props.group.name]}>
      <h2 class="px-2 pt-3 pb-1 text-tiny font-medium text-ink-faint">{chatWords()[props.group.name]}</h2>
      <ul>
        <Key each={props.group.chats} by="id">
          {(chat) => <ChatRow chat={chat()} actions={props.actions} onRename={() => props.onRename(chat().id)} />}
        </Key>
      </ul>
      {props.children}
    </section>
  );
}

function MoreRooms(props: { rooms: RoomList }) {
  return (
    <Switch>
      <Match when={props.rooms.hasMore() && props.rooms.error()}>
        {(error) => <ListFailure error={error()} onRetry={props.rooms.loadMore} />}
      </Match>
      <Match when={props.rooms.hasMore()}>
        <button
          type="button"
          class="flex h-9 w-full items-center rounded-md px-2 text-ink-faint hover:bg-hover hover:text-ink touch:h-11"
          aria-disabled={props.rooms.isLoading()}
          onClick={() => props.rooms.loadMore()}
        >
          {chatWords().moreRooms}
        </button>
      </Match>
    </Switch>
  );
}

function NoChats(props: { filter: ChatFilter; isSearch: boolean }) {
  const words = () => {
    if (props.isSearch) return { title: chatWords().noneFound };
    if (props.filter === 'ARCHIVED') return { title: chatWords().noneArchived };
    if (props.filter === 'DELETED') return { title: chatWords().noneDeleted };
    return { title: chatWords().none, hint: chatWords().noneHint };
  };
  return (
    <EmptyState title={words().title} hint={words().hint}>
      {/* On a phone the place to ask is on another page. */}
      <Show when={props.filter === 'ACTIVE' && !props.isSearch}>
        <A href={newChatPath} class={`${buttonShape('primary')} mt-2 md:hidden`}>
          {chatWords().newChat}
        </A>
      </Show>
    </EmptyState>
  );
}
