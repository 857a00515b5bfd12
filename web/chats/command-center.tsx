import { useNavigate } from '@solidjs/router';
import { createSignal, lazy, Show, Suspense } from 'solid-js';
import { leave } from '../auth/leave';
import { useSession } from '../auth/session';
import { t } from '../i18n';
import { commands, createCommandKeys, createCommands } from '../ui/commands';
import { createChatList } from './create-chat-list';
import { chatPath, titleOf } from './fragments';

const Palette = lazy(() => import('../ui/palette'));
const ShortcutList = lazy(() => import('../ui/shortcut-list'));

const [isListOpen, setListOpen] = createSignal(false);

export const showShortcuts = () => setListOpen(true);

/** The keys, their list and the palette, on every page of whoever is signed in. */
export function CommandCenter() {
  const [isPaletteOpen, setPaletteOpen] = createSignal(false);
  const navigate = useNavigate();
  const { viewer } = useSession();

  createCommandKeys();
  createCommands([
    { id: 'palette', label: () => t().keys.palette, keys: 'mod+k', run: () => setPaletteOpen(true) },
    { id: 'help', label: () => t().keys.help, keys: '?', run: showShortcuts },
    { id: 'settings', label: () => t().keys.settings, run: () => navigate('/settings') },
    {
      id: 'admin',
      label: () => t().keys.admin,
      run: () => navigate('/admin/context'),
      isEnabled: () => viewer()?.role === 'ADMIN',
    },
    { id: 'sign-out', label: () => t().keys.signOut, run: () => void leave() },
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
  const entries = () => [
    ...commands()
      .filter((command) => !command.isLocal && command.id !== 'palette' && (command.isEnabled?.() ?? true))
      .map(({ id, label, keys, run }) => ({ id, label: label(), keys, run, group: t().keys.actions })),
    ...list.chats().map((chat) => ({
      id: chat.id,
      label: titleOf(chat),
      group: t().keys.chats,
      run: () => navigate(chatPath(chat.id)),
    })),
  ];
  return <Palette isOpen onClose={props.onClose} entries={entries()} onSearch={setSearch} />;
}
