import { t } from '../i18n';
import type { Chat } from '../store/chat-fragments';
import { ConfirmDialog } from '../ui/dialog';
import { createRoomActions } from './create-room-actions';
import { roomWords } from './words';

/** Says what it means to leave a room, and leaves it. */
export function LeaveDialog(props: { room: Chat; isOpen: boolean; onClose: () => void }) {
  const actions = createRoomActions();
  return (
    <ConfirmDialog
      isOpen={props.isOpen}
      onClose={() => props.onClose()}
      title={roomWords().leave}
      hint={roomWords().leaveHint}
      closeLabel={t().common.close}
      cancel={t().common.cancel}
      answer={roomWords().leaveAnswer}
      isDangerous
      onAnswer={() => {
        props.onClose();
        void actions.leave(props.room.id);
      }}
    />
  );
}
