import { useViewer } from '../auth/session';
import type { Thread } from '../messages/create-thread';
import { requestEdit } from '../messages/edit-request';
import type { ChatPlace } from '../messages/place';
import { isOwn, type Message } from '../store/message-fragments';
import type { Command } from '../ui/commands';
import { keyWords } from '../ui/words';

/** Opens the editor of the newest message that the viewer can edit. */
export function createEditLast(thread: Thread, { isClosed, isRoom }: ChatPlace) {
  const viewer = useViewer();

  const lastOwn = () => {
    if (isClosed()) return undefined;
    const [personId, isOfAll] = [viewer().person.id, !isRoom()];
    const canEdit = (message: Message) => !message.isDeleted && message.role === 'USER';
    return thread.messages().findLast((message) => canEdit(message) && (isOfAll || isOwn(message, personId)));
  };

  function editLast() {
    const message = lastOwn();
    if (message) requestEdit(message.id);
  }

  const command: Command = {
    id: 'edit-last',
    label: () => keyWords().editLast,
    keys: 'arrowup',
    isLocal: true,
    run: editLast,
    isEnabled: () => !!lastOwn(),
  };
  return { command, editLast };
}
