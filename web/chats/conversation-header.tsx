import PanelRight from 'lucide-solid/icons/panel-right';
import Users from 'lucide-solid/icons/users';
import { createSignal, Show } from 'solid-js';

import { threadWords } from '../messages/words';
import { roomWords } from '../rooms/words';
import { chatWords } from './words';
import { titleOf, type Chat } from '../store/chat-fragments';
import { IconButton } from '../ui/button';
import { ChatHeader } from './chat-header';
import { ChatMenu } from './chat-menu';
import type { ChatActions } from './create-chat-actions';
import { RenameDialog } from './rename-dialog';

interface ConversationHeaderProps {
  chat: Chat | null;
  actions: ChatActions;
  isInspecting: boolean;
  onInspect: () => void;
}

export function ConversationHeader(props: ConversationHeaderProps) {
  const isRoom = () => props.chat?.kind === 'ROOM';
  const [isRenaming, setRenaming] = createSignal(false);
  return (
    <>
      <ChatHeader title={props.chat ? titleOf(props.chat) : ''} topic={props.chat?.topic}>
        <IconButton
          label={isRoom() ? roomWords().panel : threadWords().inspect}
          aria-pressed={props.isInspecting}
          onClick={() => props.onInspect()}
        >
          <Show when={isRoom()} fallback={<PanelRight size={16} aria-hidden="true" />}>
            <Users size={16} aria-hidden="true" />
          </Show>
        </IconButton>
        <Show when={props.chat}>
          {(chat) => (
            <ChatMenu
              label={chatWords().actions}
              chat={chat()}
              actions={props.actions}
              onRename={() => setRenaming(true)}
            />
          )}
        </Show>
      </ChatHeader>
      <RenameDialog
        chat={isRenaming() ? props.chat : null}
        onClose={() => setRenaming(false)}
        onRename={(title) => props.chat && void props.actions.rename(props.chat, title)}
      />
    </>
  );
}
