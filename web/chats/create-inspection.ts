import { createSignal, type Accessor } from 'solid-js';

import { keyWords } from '../ui/words';
import type { Command } from '../ui/commands';

/** What stands beside the chat: a run that was chosen to be looked into, else the newest one, or in a room its members. */
export function createInspection(isRoom: Accessor<boolean>) {
  const [isOpen, setOpen] = createSignal(false);
  const [runId, setRunId] = createSignal<string | null>(null);
  const show = (isShown: boolean, id: string | null) => {
    setOpen(isShown);
    setRunId(id);
  };
  const isOfMembers = () => isOpen() && isRoom() && runId() === null;
  const toggle = () => show(isRoom() ? !isOfMembers() : !isOpen(), null);
  const command: Command = { id: 'inspect', label: () => keyWords().inspector, keys: ['i', 'mod+i'], run: toggle };
  return {
    command,
    isOpen,
    isOfMembers,
    isOfRun: () => isOpen() && !isOfMembers(),
    runId,
    open: (id: string) => show(true, id),
    toggle,
    close: () => show(false, null),
  };
}

export type Inspection = ReturnType<typeof createInspection>;
