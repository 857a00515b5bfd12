import { createSignal, onCleanup, onMount } from 'solid-js';

/** Something one can do by a key, by the palette, or both. */
export interface Command {
  id: string;
  label: () => string;
  /** As `mod+k`, `alt+arrowup`, `n` or `?`; `mod` is ⌘ on a Mac and Ctrl elsewhere. */
  keys?: string;
  run: () => void;
  isEnabled?: () => boolean;
  /** A thing done where one is writing, such as breaking a line: listed, but neither bound here nor in the palette. */
  isLocal?: boolean;
}

const [commands, setCommands] = createSignal<readonly Command[]>([]);

export { commands };

/** Registers commands for as long as their owner lives. The one registry makes the keys, their list and the palette. */
export function createCommands(own: readonly Command[]): void {
  setCommands((all) => [...all, ...own]);
  onCleanup(() => setCommands((all) => all.filter((each) => !own.includes(each))));
}

export function createCommandKeys(): void {
  onMount(() => document.addEventListener('keydown', runMatching));
  onCleanup(() => document.removeEventListener('keydown', runMatching));
}

function runMatching(event: KeyboardEvent) {
  if (event.defaultPrevented || event.isComposing) return;
  const keys = keysOf(event);
  if (isTyping(event.target) && /^(shift\+)?[^+]$/.test(keys)) return;
  if (document.querySelector('[role="dialog"], [role="menu"]')) return;
  const command = commands().findLast((each) => !each.isLocal && each.keys === keys && (each.isEnabled?.() ?? true));
  if (!command) return;
  event.preventDefault();
  command.run();
}

function keysOf(event: KeyboardEvent): string {
  const mod = event.metaKey || event.ctrlKey ? 'mod+' : '';
  const alt = event.altKey ? 'alt+' : '';
  // By place rather than by letter where there is one, so that the keys are the same in every layout.
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  return mod + alt + (letter ?? event.key).toLowerCase();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const names: Record<string, string> = {
  mod: isMac ? '⌘' : 'Ctrl',
  alt: isMac ? '⌥' : 'Alt',
  shift: 'Shift',
  escape: 'Esc',
  enter: 'Enter',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
};

/** The keys as they stand on a keyboard, one by one. */
export function keyNames(keys: string): string[] {
  return keys.split('+').map((key) => names[key] ?? key.toUpperCase());
}
