import { createEffect, createSignal, type Accessor } from 'solid-js';

import { keyWords } from '../ui/words';
import type { Command } from '../ui/commands';

/** Stops what runs. Asked for while the message is still on its way, it stops the run as soon as there is one. */
export function createStopping(
  isSending: Accessor<boolean>,
  runIds: Accessor<readonly string[]>,
  stop: (id: string) => void,
) {
  const [isWanted, setWanted] = createSignal(false);
  const isPossible = () => isSending() || runIds().length > 0;
  createEffect(() => {
    if (!isWanted()) return;
    for (const id of runIds()) stop(id);
    if (!isSending()) setWanted(false);
  });
  const stopAll = () => void setWanted(true);
  const command: Command = {
    id: 'stop',
    label: () => keyWords().stop,
    keys: 'escape',
    run: stopAll,
    isEnabled: isPossible,
  };
  return { isPossible, stop: stopAll, command };
}
