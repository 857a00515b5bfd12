import { createComputed, createEffect, createSignal, untrack, type Accessor } from 'solid-js';

import { useViewer } from '../auth/session';
import { effectiveContent, type Message } from '../store/message-fragments';
import { draftOf, holdDraft, keepDraft, returnToDraft } from './drafts';
import { takeEditRequest } from './edit-request';
import { useChatPlace } from './place';
import type { Obstacle } from './rows/message-editor';

/** Another wording of an own message: whether it is being written, and what of it is kept. `message` is always the same one. */
export function createEditing(message: Accessor<Message>) {
  const viewer = useViewer();
  const place = useChatPlace();
  const { id } = untrack(message);
  holdDraft(viewer().id, id);
  const draft = () => draftOf(viewer().id, id);
  const [isEditing, setEditing] = createSignal(false);
  let row: HTMLElement | undefined;
  let editButton: HTMLElement | undefined;
  let cameFrom: Element | null = null;

  createEffect(() => {
    const request = takeEditRequest(id);
    if (!request) return;
    cameFrom = request.from;
    setEditing(true);
    setTimeout(() => row?.querySelector('textarea')?.focus());
  });

  // Another wording that was begun is open again after a reload or on another branch, but not where it cannot be sent.
  createComputed(() => draft() !== '' && !place.isClosed() && setEditing(true));
  // Without another wording there is nothing to keep open when the message is deleted elsewhere or its chat is closed.
  createComputed(() => (message().isDeleted || place.isClosed()) && untrack(draft) === '' && setEditing(false));

  function close() {
    const hadFocus = row?.contains(document.activeElement);
    keepDraft(viewer().id, id, '');
    setEditing(false);
    const next = cameFrom instanceof HTMLElement && cameFrom.isConnected ? cameFrom : editButton;
    cameFrom = null;
    if (hadFocus) next?.focus({ preventScroll: true });
  }

  /** Why what was typed can be neither saved nor sent. */
  const obstacle = (): Obstacle | null => {
    if (place.isClosed()) return 'closed';
    return message().isDeleted ? 'deleted' : null;
  };

  const moveToComposer = (text: string) => {
    returnToDraft(viewer().id, place.chatId, text);
    close();
    place.focusComposer();
  };

  return {
    isEditing,
    draft,
    obstacle,
    open: () => setEditing(true),
    close,
    keepWording: (text: string) => keepDraft(viewer().id, id, text === effectiveContent(message()) ? '' : text),
    moveToComposer,
    /** The row of the message. */
    row: (element: HTMLElement) => (row = element),
    /** What gets the focus when the editor is closed. */
    editButton: (element: HTMLElement) => (editButton = element),
  };
}

export type Editing = ReturnType<typeof createEditing>;
