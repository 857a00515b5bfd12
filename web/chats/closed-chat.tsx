import Square from 'lucide-solid/icons/square';
import { Show } from 'solid-js';
import { t } from '../i18n';
import { composerWords } from '../messages/words';
import { roomWords } from '../rooms/words';
import { chatWords } from './words';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import type { ChatActions } from './create-chat-actions';
import type { Chat } from '../store/chat-fragments';

/** Stands where one would write, while the chat is archived, deleted or read-only. */
export function ClosedChat(props: { chat: Chat; actions: ChatActions; isRunning: boolean; onStop: () => void }) {
  const reopen = () => (props.chat.deletedAt ? props.actions.restore(props.chat) : props.actions.unarchive(props.chat));
  const isOpenable = () => props.chat.viewerCan.includes(props.chat.deletedAt ? 'RESTORE' : 'UNARCHIVE');
  const words = () => {
    if (props.chat.deletedAt) return chatWords().isDeleted;
    return props.chat.closedAt ? roomWords().isClosed : chatWords().isArchived;
  };
  return (
    <Notice
      actions={
        <>
          <Show when={props.isRunning}>
            <Button isSmall onClick={() => props.onStop()}>
              <Square size={10} fill="currentColor" aria-hidden="true" />
              {composerWords().stop}
            </Button>
          </Show>
          <Show when={isOpenable()}>
            <Button isSmall onClick={() => void reopen()}>
              {props.chat.deletedAt ? t().common.restore : chatWords().unarchive}
            </Button>
          </Show>
        </>
      }
    >
      {words()}
    </Notice>
  );
}
