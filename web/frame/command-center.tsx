import { useNavigate } from '@solidjs/router';
import { createSignal, lazy, Show, Suspense } from 'solid-js';
import { signOutAndReload } from '../auth/sign-out';
import { useSession } from '../auth/session';
import { keyWords } from '../ui/words';
import { bestKeysOf, commands, createCommandKeys, createCommands } from '../ui/commands';
import { createChatList } from '../chats/create-chat-list';
import { chatPath, newChatPath, titleOf } from '../store/chat-fragments';

const Palette = lazy(() => import('../ui/palette'));
const ShortcutList = lazy(() => import('../ui/shortcut-list'));

const [isListOpen, setListOpen] = createSignal(false);

export const showShortcuts = () => setListOpen(true);

/** The keys, their list and the palette, on every page of a signed-in person. */
export function CommandCenter() {
  const [isPaletteOpen, setPaletteOpen] = createSignal(false);
  const navigate = useNavigate();
  const { viewer } = useSession();

  createCommandKeys();
  createCommands([
    { id: 'palette', label: () => keyWords().palette, keys: 'mod+k', run: () => setPaletteOpen(true) },
    {
      id: 'new-chat',
      label: () => keyWords().newChat,
      keys: ['n', 'alt+n', 'mod+shift+o'],
      run: () => navigate(newChatPath),
    },
    { id: 'help', label: () => keyWords().help, keys: ['?', 'mod+?'], run: showShortcuts },
    { id: 'rooms', label: () => keyWords().rooms, run: () => navigate('/chat/rooms') },
    { id: 'settings', label: () => keyWords().settings, run: () => navigate('/settings') },
    {
      id: 'admin',
      label: () => keyWords().admin,
      run: () => navigate('/admin/context'),
      isEnabled: () => viewer()?.role === 'ADMIN',
    },
    { id: 'sign-out', label: () => keyWords().signOut, run: () => void signOutAndReload() },
  ]);

  return (
    <Suspense>
      <Show when={isPaletteOpen()}>
        <ChatPalette onClose={() => setPaletteOpen(false)} />
      </Show>
      <Show when={isListOpen()}>
        <ShortcutList isOpen onClose={() => setListOpen(false)} />
      </Show>
    </Suspense>
  );
}

function ChatPalette(props: { onClose: () => void }) {
  const navigate = useNavigate();
  const [search, setSearch] = createSignal('');
  const list = createChatList(() => 'ACTIVE', search);
  const actions = () =>
    commands().flatMap((command) => {
      const { id, label, run } = command;
      if (!run || id === 'palette' || command.isEnabled?.() === false) return [];
      return [{ id, label: label(), keys: bestKeysOf(command), run, group: keyWords().actions }];
    });
  const entries = () => [
    ...actions(),
    ...list.chats().map((chat) => ({
      id: chat.id,
      label: titleOf(chat),
      group: keyWords().chats,
      run: () => navigate(chatPath(chat.id)),
    })),
  ];
  return <Palette isOpen onClose={props.onClose} entries={entries()} onSearch={setSearch} />;
}
