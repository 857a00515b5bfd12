import { createSignal } from 'solid-js';

import { keyWords } from '../ui/words';
import type { Command } from '../ui/commands';

/** Which run is looked into: one that was chosen, else the newest one. */
export function createInspection() {
  const [isOpen, setOpen] = createSignal(false);
  const [runId, setRunId] = createSignal<string | null>(null);
  const show = (isShown: boolean, id: string | null) => {
    setOpen(isShown);
    setRunId(id);
  };
  const toggle = () => show(!isOpen(), null);
  const command: Command = { id: 'inspect', label: () => keyWords().inspector, keys: ['i', 'mod+i'], run: toggle };
  return {
    command,
    isOpen,
    runId,
    open: (id: string) => show(true, id),
    toggle,
    close: () => show(false, null),
  };
}
