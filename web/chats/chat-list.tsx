import { Key } from '@solid-primitives/keyed';
import { A, useNavigate } from '@solidjs/router';
import BellOff from 'lucide-solid/icons/bell-off';
import Check from 'lucide-solid/icons/check';
import Hash from 'lucide-solid/icons/hash';
import Pin from 'lucide-solid/icons/pin';
import Search from 'lucide-solid/icons/search';
import type { CombinedError } from '@urql/core';
import { createEffect, createMemo, createSignal, Match, onCleanup, Show, Switch } from 'solid-js';
import { useFeed } from '../feed/create-feed';
import type { ChatFilter } from '../generated/graphql';
import { sayError } from '../graphql/failure-words';
import { t } from '../i18n';
import { chatWords } from './words';
import { daysAgo, formatWhen } from '../i18n/format';
import { Button } from '../ui/button';
import { Choice } from '../ui/choice';
import { isComposing } from '../browser/composing';
import { EmptyState, Notice } from '../ui/notice';
import { OwnDirection } from '../ui/own-direction';
import { markOf } from './answer-marks';
import { ChatMenu } from './chat-menu';
import { createChatActions, type ChatActions } from './create-chat-actions';
import { createChatList, lastActivity } from './create-chat-list';
import { createRoomList, type RoomList } from './create-room-list';
import { createOpenFilter } from './create-open-filter';
import { chatPath, type Chat, titleOf } from '../store/chat-fragments';
import { RenameDialog } from './rename-dialog';

const SEARCH_PAUSE_MS = 180;
export const chatSearchId = 'chat-search';

export function ChatList() {
  const [filter, setFilter] = createSignal<ChatFilter>('ACTIVE');
  const [search, setSearch] = createSignal('');
  createOpenFilter(setFilter);
  const [renamedId, setRenamedId] = createSignal<string | null>(null);
  const feed = useFeed();
  const renamed = () => feed.known().chats.get(renamedId() ?? '') ?? null;
  const list = createChatList(filter, search, { kind: 'PRIVATE' });
  const rooms = createRoomList(filter, search);
  const actions = createChatActions();
  const groups = createMemo(() => inGroups(rooms.chats(), list.chats(), filter()));
  /** All rooms so far may be pinned. */
  const lastWithRooms = () => groups().findLast(({ chats }) => chats.some(({ kind }) => kind === 'ROOM'))?.name;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let nav: HTMLElement | undefined;
  let field: HTMLInputElement | undefined;

  function searchSoon(text: string) {
    setOpening(false);
    clearTimeout(timer);
    timer = setTimeout(() => setSearch(text), SEARCH_PAUSE_MS);
  }

  // Enter may come before what was typed was searched for.
  /** The part of the list of which there is nothing to show. */
  const failed = () => [list, rooms].find((each) => each.error() && each.chats().length === 0);
  const isLoading = () => list.isLoading() || rooms.isLoading();
  const [isOpening, setOpening] = createSignal(false);
  const navigate = useNavigate();
  createEffect(() => {
    if (!isOpening() || isLoading()) return;
    setOpening(false);
    const first = groups()[0]?.chats[0];
    if (first) navigate(chatPath(first.id));
  });

  function openFirst() {
    const words = field?.value ?? '';
    if (words.trim() === '') return;
    clearTimeout(timer);
    setSearch(words);
    setOpening(true);
  }

  /** The arrows go from the field into the rows, from row to row, and back into the field. */
  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || isComposing(event) || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const places = [field, ...(nav?.querySelectorAll<HTMLElement>('li > a') ?? [])];
    const place = places.indexOf(event.target as HTMLElement);
    // A menu's button, or the menu itself.
    if (place < 0) return;
    event.preventDefault();
    places[Math.max(0, place + step)]?.focus();
  }

  return (
    <>
      <div class="flex flex-col gap-2 px-3 pb-2">
        <label class="relative">
          <span class="sr-only">{chatWords().search}</span>
          <Search size={14} class="absolute inset-y-0 left-2.5 my-auto text-ink-faint" aria-hidden="true" />
          <input
            id={chatSearchId}
            type="search"
            class="h-8.5 w-full rounded-md border border-field bg-ground pr-2 pl-8 text-base transition-colors touch:h-10 hover:border-ink-faint focus-visible:border-accent focus-visible:outline-0 max-md:text-[16px]"
            placeholder={chatWords().search}
            ref={(element) => (field = element)}
            onInput={(event) => searchSoon(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !isComposing(event)) openFirst();
              else onKeyDown(event);
            }}
          />
        </label>
        <Choice
          label={chatWords().filter}
          isLabelHidden
          value={filter()}
          onChoose={setFilter}
          options={[
            { value: 'ACTIVE', label: chatWords().active },
            { value: 'ARCHIVED', label: chatWords().archived },
            { value: 'DELETED', label: chatWords().deleted },
          ]}
        />
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
        <Key each={groups()} by="name">
          {(group) => (
            <section aria-label={chatWords()[group().name]}>
              <h2 class="px-2 pt-3 pb-1 text-tiny font-medium text-ink-faint">{chatWords()[group().name]}</h2>
              <ul>
                <Key each={group().chats} by="id">
                  {(chat) => <ChatRow chat={chat()} actions={actions} onRename={() => setRenamedId(chat().id)} />}
                </Key>
              </ul>
              <Show when={group().name === lastWithRooms()}>
                <MoreRooms rooms={rooms} />
              </Show>
            </section>
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

function ListFailure(props: { error: CombinedError; onRetry: () => void }) {
  return (
    <Notice
      tone="danger"
      class="mx-1"
      actions={
        <Button isSmall onClick={() => props.onRetry()}>
          {t().common.retry}
        </Button>
      }
    >
      {sayError(props.error)}
    </Notice>
  );
}

interface ListEndProps {
  hasMore: boolean;
  isLoading: boolean;
  error: CombinedError | undefined;
  onLoad: () => void;
}

/** Loads the next page before the reader comes to the end of what is loaded. */
function ListEnd(props: ListEndProps) {
  let end: HTMLElement | undefined;
  const canLoad = () => props.hasMore && !props.isLoading && !props.error;
  // An observer tells once of what is in view already: a new one after each page asks whether that was enough.
  createEffect(() => {
    if (!end || !canLoad()) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && props.onLoad(),
      {
        root: end.parentElement,
        rootMargin: '50% 0px',
      },
    );
    observer.observe(end);
    onCleanup(() => observer.disconnect());
  });
  return (
    <div ref={(element) => (end = element)} class="min-h-px">
      <Show when={props.hasMore && props.isLoading}>
        <p role="status" class="py-2 text-center text-tiny text-ink-faint">
          {t().app.loading}
        </p>
      </Show>
      <Show when={props.hasMore && props.error}>
        {(error) => <ListFailure error={error()} onRetry={props.onLoad} />}
      </Show>
    </div>
  );
}

function ChatRow(props: { chat: Chat; actions: ChatActions; onRename: () => void }) {
  const isMuted = () => props.chat.mutedAt !== null;
  const unreadCount = () => (isMuted() ? 0 : props.chat.unreadCount);
  const mentionCount = () => (isMuted() ? 0 : props.chat.mentionCount);
  return (
    <li class="group relative">
      <A
        href={chatPath(props.chat.id)}
        class="flex h-9 items-center gap-2 rounded-md pr-2 pl-2 text-ink-soft group-focus-within:pr-9 group-hover:pr-9 group-has-aria-expanded:pr-9 hover:bg-hover hover:text-ink touch:h-11 touch:pr-11"
        activeClass="chosen text-ink!"
      >
        <Show when={props.chat.pinnedAt}>
          <Pin size={12} class="shrink-0 text-accent" aria-label={chatWords().pinned} />
        </Show>
        <Show when={props.chat.kind === 'ROOM'}>
          <Hash size={13} class="shrink-0 text-ink-faint" aria-label={chatWords().room} />
        </Show>
        <div
          class="min-w-0 flex-1"
          classList={{ 'font-semibold text-ink': unreadCount() > 0, 'text-ink-faint': isMuted() }}
        >
          <OwnDirection text={titleOf(props.chat)} />
        </div>
        <Show when={isMuted()}>
          <BellOff size={12} class="shrink-0 text-ink-faint" aria-label={chatWords().muted} />
        </Show>
        <Show when={mentionCount() > 0}>
          <span
            class="shrink-0 rounded-full bg-accent px-1.5 text-tiny font-semibold text-accent-ink"
            aria-label={chatWords().mentions(mentionCount())}
          >
            @{mentionCount() > 99 ? '99+' : mentionCount()}
          </span>
        </Show>
        <Show when={unreadCount() > 0}>
          <span
            class="shrink-0 rounded-full border border-line-strong px-1.5 text-tiny font-semibold text-ink-soft"
            aria-label={chatWords().unread(unreadCount())}
          >
            {unreadCount() > 99 ? '99+' : unreadCount()}
          </span>
        </Show>
        <AnswerMark chat={props.chat} />
        <time
          class="shrink-0 font-mono text-tiny text-ink-faint group-focus-within:hidden group-hover:hidden group-has-aria-expanded:hidden"
          datetime={lastActivity(props.chat)}
        >
          {formatWhen(lastActivity(props.chat))}
        </time>
      </A>
      <ChatMenu
        class="absolute! top-0.5 right-0.5 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 aria-expanded:opacity-100 touch:opacity-100"
        label={chatWords().actionsOf(titleOf(props.chat))}
        chat={props.chat}
        actions={props.actions}
        onRename={props.onRename}
      />
    </li>
  );
}

/** That an answer is being written in a chat, or has come since one last saw it. */
function AnswerMark(props: { chat: Chat }) {
  return (
    <Switch>
      <Match when={markOf(props.chat) === 'running'}>
        <span class="size-2 shrink-0 rounded-full bg-warning motion-safe:animate-pulse" data-mark="running">
          <span class="sr-only">{chatWords().answering}</span>
        </span>
      </Match>
      <Match when={markOf(props.chat) === 'ready'}>
        <span class="shrink-0 text-accent" data-mark="ready">
          <Check size={14} stroke-width={3} aria-hidden="true" />
          <span class="sr-only">{chatWords().answered}</span>
        </span>
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
  return <EmptyState title={words().title} hint={words().hint} />;
}

interface Group {
  name: 'pinned' | 'rooms' | 'today' | 'yesterday' | 'earlier';
  chats: Chat[];
}

function inGroups(rooms: readonly Chat[], chats: readonly Chat[], filter: ChatFilter): Group[] {
  const groups: Group[] = [
    { name: 'pinned', chats: [] },
    { name: 'rooms', chats: [] },
    { name: 'today', chats: [] },
    { name: 'yesterday', chats: [] },
    { name: 'earlier', chats: [] },
  ];
  for (const chat of [...rooms, ...chats]) {
    const isPinned = !!chat.pinnedAt && filter === 'ACTIVE';
    if (chat.kind === 'ROOM' && !isPinned) groups[1]?.chats.push(chat);
    else groups[isPinned ? 0 : 2 + Math.min(2, Math.max(0, daysAgo(lastActivity(chat))))]?.chats.push(chat);
  }
  return groups.filter((group) => group.chats.length > 0);
}
