import Archive from 'lucide-solid/icons/archive';
import ArchiveRestore from 'lucide-solid/icons/archive-restore';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import Pencil from 'lucide-solid/icons/pencil';
import Pin from 'lucide-solid/icons/pin';
import PinOff from 'lucide-solid/icons/pin-off';
import Trash from 'lucide-solid/icons/trash';
import Undo from 'lucide-solid/icons/undo-2';
import { Show } from 'solid-js';
import { t } from '../i18n';
import { chatWords } from './words';
import { iconButtonShape } from '../ui/button';
import { Menu, MenuItem, MenuSeparator } from '../ui/menu';
import type { ChatActions } from './create-chat-actions';
import type { Chat } from '../store/chat-fragments';

interface ChatMenuProps {
  chat: Chat;
  label: string;
  actions: ChatActions;
  onRename: () => void;
  class?: string;
}

export function ChatMenu(props: ChatMenuProps) {
  return (
    <Menu
      label={props.label}
      triggerClass={`${iconButtonShape} ${props.class ?? ''}`}
      trigger={<Ellipsis size={16} aria-hidden="true" />}
    >
      <Show
        when={!props.chat.deletedAt}
        fallback={
          <Show when={props.chat.viewerCan.includes('RESTORE')}>
            <MenuItem icon={<Undo size={15} />} onSelect={() => void props.actions.restore(props.chat)}>
              {t().common.restore}
            </MenuItem>
          </Show>
        }
      >
        <Show when={props.chat.viewerCan.includes('RENAME')}>
          <MenuItem icon={<Pencil size={15} />} onSelect={() => props.onRename()}>
            {chatWords().rename}
          </MenuItem>
        </Show>
        <Show
          when={props.chat.archivedAt}
          fallback={
            <>
              <MenuItem
                icon={props.chat.pinnedAt ? <PinOff size={15} /> : <Pin size={15} />}
                onSelect={() => void props.actions.togglePin(props.chat)}
              >
                {props.chat.pinnedAt ? chatWords().unpin : chatWords().pin}
              </MenuItem>
              <MenuItem icon={<Archive size={15} />} onSelect={() => void props.actions.archive(props.chat)}>
                {chatWords().archive}
              </MenuItem>
            </>
          }
        >
          <MenuItem icon={<ArchiveRestore size={15} />} onSelect={() => void props.actions.unarchive(props.chat)}>
            {chatWords().unarchive}
          </MenuItem>
        </Show>
        <Show when={props.chat.viewerCan.includes('DELETE')}>
          <MenuSeparator />
          <MenuItem icon={<Trash size={15} />} isDangerous onSelect={() => void props.actions.remove(props.chat)}>
            {chatWords().delete}
          </MenuItem>
        </Show>
      </Show>
    </Menu>
  );
}
