import { Show } from 'solid-js';

import { useSession } from '../auth/session';
import { AddedNotice } from '../rooms/added-notice';
import type { RoomRun } from '../rooms/create-room-runs';
import { RoomQueue } from '../rooms/room-queue';
import type { Chat } from '../store/chat-fragments';
import type { Message } from '../store/message-fragments';
import { WritersLine } from '../rooms/writers-line';
import { keepToastsAbove } from '../ui/toasts';
import { ChatComposer } from './chat-composer';
import { ClosedChat } from './closed-chat';
import { ConnectionNotice } from './connection-notice';
import type { ChatActions } from './create-chat-actions';
import { NoModelKey } from './no-model-key';

interface ConversationFootProps {
  chatId: string;
  chat: Chat | null;
  isClosed: boolean;
  actions: ChatActions;
  isRunning: boolean;
  /** Of a room: those that go on and wait. */
  roomRuns: readonly RoomRun[];
  /** Those of the thread that are loaded. */
  messages: readonly Message[];
  onStop: () => void;
  onEditLast: () => void;
  onLeave: () => void;
  onEnd: () => void;
  ref: (field: HTMLTextAreaElement) => void;
}

/** Below the thread: what hinders writing, and the field, or why it is missing. */
export function ConversationFoot(props: ConversationFootProps) {
  const { server } = useSession();
  return (
    <div
      ref={keepToastsAbove}
      class="mx-auto flex w-full max-w-[48rem] flex-col gap-2 px-5 pb-3 max-md:px-3 max-md:pb-2.5"
    >
      <ConnectionNotice />
      <Show when={!server().hasModelKey && props.chat?.kind !== 'ROOM'}>
        <NoModelKey />
      </Show>
      <Show when={props.chat?.kind === 'ROOM' && props.chat}>
        {(room) => (
          <>
            <AddedNotice room={room()} messages={props.messages} />
            <RoomQueue room={room()} runs={props.roomRuns} />
          </>
        )}
      </Show>
      <Show when={props.isClosed && props.chat} fallback={<ChatComposer {...props} />}>
        {(chat) => (
          <ClosedChat chat={chat()} actions={props.actions} isRunning={props.isRunning} onStop={props.onStop} />
        )}
      </Show>
      <Show when={props.chat?.kind === 'ROOM'}>
        <WritersLine roomId={props.chatId} />
      </Show>
    </div>
  );
}
