import X from 'lucide-solid/icons/x';
import { createMemo, createSignal, Show } from 'solid-js';

import { useViewer } from '../auth/session';
import { recall, remember } from '../browser/device-memory';
import { t } from '../i18n';
import type { Chat } from '../store/chat-fragments';
import type { Message } from '../store/message-fragments';
import { Button, IconButton } from '../ui/button';
import { Notice } from '../ui/notice';
import { addedBy } from './added-by';
import { createRoomActions } from './create-room-actions';
import { roomWords } from './words';

/** Shows an added member by whom, with a way to leave, until they write something or dismiss it on this device. */
export function AddedNotice(props: { room: Chat; messages: readonly Message[] }) {
  const viewer = useViewer();
  const actions = createRoomActions();
  const [isLeaving, setLeaving] = createSignal(false);
  const key = () => `confab.added.${viewer().id}.${props.room.id}`;
  const [dismissedId, setDismissedId] = createSignal(recall(key()));
  const event = createMemo(() => addedBy(props.messages, viewer().person.id));

  function dismiss(id: string) {
    remember(key(), id);
    setDismissedId(id);
  }

  async function leave() {
    setLeaving(true);
    await actions.leave(props.room.id);
    setLeaving(false);
  }

  return (
    <Show when={event()?.id !== dismissedId() && event()}>
      {(added) => (
        <Notice
          actions={
            <>
              <Button isSmall disabled={isLeaving()} onClick={() => void leave()}>
                {roomWords().leaveAnswer}
              </Button>
              <IconButton label={t().common.dismiss} onClick={() => dismiss(added().id)}>
                <X size={14} aria-hidden="true" />
              </IconButton>
            </>
          }
        >
          <p>{roomWords().addedYou(added().author?.name ?? roomWords().somebody)}</p>
          <p class="text-ink-faint">{roomWords().addedHint}</p>
        </Notice>
      )}
    </Show>
  );
}
