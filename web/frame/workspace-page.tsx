import { A, useLocation, useNavigate, type RouteSectionProps } from '@solidjs/router';
import Command from 'lucide-solid/icons/command';
import Hash from 'lucide-solid/icons/hash';
import LogOut from 'lucide-solid/icons/log-out';
import Settings from 'lucide-solid/icons/settings';
import Shield from 'lucide-solid/icons/shield';
import SquarePen from 'lucide-solid/icons/square-pen';
import { Show } from 'solid-js';
import { signOutAndReload } from '../auth/sign-out';
import { useViewer } from '../auth/session';
import { t } from '../i18n';
import { keyWords } from '../ui/words';
import { chatWords } from '../chats/words';
import { authWords } from '../auth/words';
import { roomWords } from '../rooms/words';
import { StatusLine } from '../runs/status-line';
import { Avatar } from '../ui/avatar';
import { iconButtonShape } from '../ui/button';
import { createCommands } from '../ui/commands';
import { Menu, MenuItem, MenuSeparator } from '../ui/menu';
import { keepToastsAbove } from '../ui/toasts';
import { ChatList } from '../chats/chat-list';
import { chatSearchId } from '../chats/chat-search-field';
import { showShortcuts } from './command-center';
import { newChatPath } from '../store/chat-fragments';
import { createReturnPath } from '../chats/return-path';
import { createWorkspace, WorkspaceProvider } from '../chats/workspace-context';

/** The main page: the chats on the left, the open one beside them. On a phone each has the screen. */
export default function WorkspacePage(props: RouteSectionProps) {
  const workspace = createWorkspace();
  createReturnPath();
  const location = useLocation();
  const navigate = useNavigate();
  const isListAlone = () => location.pathname.replace(/\/$/, '') === '/chat';

  createCommands([
    {
      id: 'search',
      label: () => keyWords().search,
      keys: ['/', 'mod+/'],
      run: () => document.getElementById(chatSearchId)?.focus(),
    },
    { id: 'next-chat', label: () => keyWords().nextChat, keys: 'alt+arrowdown', run: () => step(1) },
    { id: 'previous-chat', label: () => keyWords().previousChat, keys: 'alt+arrowup', run: () => step(-1) },
  ]);

  function step(by: number) {
    const links = [...document.querySelectorAll<HTMLAnchorElement>('[data-chats] a')];
    const open = links.findIndex((link) => link.getAttribute('aria-current') === 'page');
    const next = links[open < 0 ? 0 : open + by];
    if (next) navigate(new URL(next.href).pathname);
  }

  return (
    <WorkspaceProvider value={workspace}>
      <a
        href="#thread"
        class="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('thread')?.focus();
        }}
      >
        {t().app.skipToThread}
      </a>
      <div class="flex h-full flex-col">
        <div class="flex min-h-0 flex-1">
          <aside
            aria-label={chatWords().title}
            class="flex w-70 shrink-0 flex-col border-r border-line bg-panel max-md:w-full max-md:border-0"
            classList={{ 'max-md:hidden': !isListAlone() }}
          >
            <h2 class="sr-only">{chatWords().title}</h2>
            <div class="flex h-12 shrink-0 items-center gap-1 pr-2 pl-4">
              <span class="flex flex-1 items-center gap-2 font-mono font-medium">
                <span class="text-accent" aria-hidden="true">
                  ❯
                </span>
                {t().app.name}
              </span>
              <A href="/chat/rooms" class={iconButtonShape} aria-label={roomWords().rooms} title={roomWords().rooms}>
                <Hash size={16} aria-hidden="true" />
              </A>
              <A
                href={newChatPath}
                class={iconButtonShape}
                aria-label={chatWords().newChat}
                title={chatWords().newChat}
              >
                <SquarePen size={16} aria-hidden="true" />
              </A>
            </div>
            <ChatList />
            <PersonMenu />
          </aside>
          <main
            id="thread"
            tabindex="-1"
            class="min-w-0 flex-1 outline-none"
            classList={{ 'max-md:hidden': isListAlone() }}
          >
            {props.children}
          </main>
        </div>
        <div classList={{ 'max-md:hidden': isListAlone() }}>
          <StatusLine run={workspace.run()} model={workspace.model()} />
        </div>
      </div>
    </WorkspaceProvider>
  );
}

function PersonMenu() {
  const viewer = useViewer();
  const navigate = useNavigate();
  return (
    <div ref={keepToastsAbove} class="border-t border-line p-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
      <Menu
        label={t().app.menu(viewer().name)}
        placement="top-start"
        triggerClass="flex h-10 w-full items-center gap-2.5 rounded-md px-2 text-left hover:bg-hover aria-expanded:bg-hover"
        trigger={
          <>
            <Avatar name={viewer().name} color={viewer().person.avatarColor} isSmall />
            <span class="min-w-0 flex-1 truncate">{viewer().name}</span>
          </>
        }
      >
        <MenuItem icon={<Settings size={15} />} onSelect={() => navigate('/settings')}>
          {keyWords().settings}
        </MenuItem>
        <Show when={viewer().role === 'ADMIN'}>
          <MenuItem icon={<Shield size={15} />} onSelect={() => navigate('/admin/context')}>
            {keyWords().admin}
          </MenuItem>
        </Show>
        <MenuItem icon={<Command size={15} />} onSelect={showShortcuts}>
          {keyWords().title}
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={<LogOut size={15} />} onSelect={() => void signOutAndReload()}>
          {authWords().signOut}
        </MenuItem>
      </Menu>
    </div>
  );
}
