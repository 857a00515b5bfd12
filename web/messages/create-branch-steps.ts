import { createSignal } from 'solid-js';
import { keyWords } from '../ui/words';
import type { Message } from '../store/message-fragments';
import { createCommands } from '../ui/commands';
import { neighbour, type Direction } from './branches';

/** From one version of a message to another: by its buttons, or by keys at the message that has the focus, else at the last one. */
export function createBranchSteps(messages: () => readonly Message[], show: (messageId: string) => Promise<void>) {
  const [wanted, setWanted] = createSignal<{ id: string; direction: Direction } | null>(null);

  async function select(id: string, direction: Direction) {
    setWanted({ id, direction });
    // By then the message is there and has taken the focus, or it will not come.
    await show(id);
    if (wanted()?.id === id) setWanted(null);
  }

  function step(direction: Direction) {
    const message = current();
    const id = message && neighbour(message, direction);
    if (!id) return;
    if (isFocused(message)) void select(id, direction);
    else void show(id);
  }

  function current(): Message | undefined {
    const branching = messages().filter(({ siblings }) => siblings.length > 1);
    return branching.find(isFocused) ?? branching.at(-1);
  }

  const isEnabled = () => !!current() && !isWriting();
  createCommands([
    {
      id: 'previous-version',
      label: () => keyWords().previousVersion,
      keys: 'alt+arrowleft',
      run: () => step(-1),
      isEnabled,
    },
    { id: 'next-version', label: () => keyWords().nextVersion, keys: 'alt+arrowright', run: () => step(1), isEnabled },
  ]);

  return {
    select: (id: string, direction: Direction) => void select(id, direction),
    focusOn: ({ id }: Message) => (wanted()?.id === id ? wanted()?.direction : undefined),
  };
}

function isFocused({ id }: Message): boolean {
  return document.activeElement?.closest('[data-message]')?.getAttribute('data-message') === id;
}

/** In a text field Alt+arrow moves by words. */
function isWriting(): boolean {
  const field = document.activeElement;
  return field instanceof HTMLElement && (field.isContentEditable || field.matches('input, textarea, select'));
}
