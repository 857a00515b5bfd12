import { useNavigate } from '@solidjs/router';
import { createEffect, createSignal, type Accessor } from 'solid-js';

import { chatPath, type Chat } from '../store/chat-fragments';

/** Opens the first chat of the list when asked to; while the list is loading, as soon as it is there. */
export function createFirstOpening(isLoading: Accessor<boolean>, first: () => Chat | undefined) {
  const [isAsked, setAsked] = createSignal(false);
  const navigate = useNavigate();
  createEffect(() => {
    if (!isAsked() || isLoading()) return;
    setAsked(false);
    const chat = first();
    if (chat) navigate(chatPath(chat.id));
  });
  return { ask: () => setAsked(true), cancel: () => setAsked(false) };
}
