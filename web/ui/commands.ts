import { createSignal, onCleanup, onMount } from 'solid-js';
import { isComposing } from '../browser/composing';
import { isModalOpen } from './modal';

/** Something one can do by a key, by the palette, or both. */
export interface Command {
  id: string;
  label: () => string;
  /**
   * As `mod+k`, `alt+arrowup`, `mod+shift+o`, `n` or `?`; `mod` is ⌘ on a Mac and Ctrl elsewhere. `shift` is named with letters
   * and keys such as `enter`, but not with signs, which may need it or not, depending on the layout. Of several, each does it.
   * A single character is text while one writes in a field, so a command that is wanted there needs other keys too.
   */
  keys?: string | readonly string[];
  /** Absent: it can only be done where one is writing, such as breaking a line, and is not in the palette. */
  run?: () => void;
  isEnabled?: () => boolean;
  /** Whether the keys count where they are pressed. Absent: they do everywhere. */
  isKeyTarget?: (target: EventTarget | null) => boolean;
  /** The field that has the focus handles the keys: they are listed, but not bound here. */
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

/** All keys of a command that can be pressed on this machine. */
export function keysOf({ keys = [] }: Command): readonly string[] {
  const all = typeof keys === 'string' ? [keys] : keys;
  // There Option with a letter types a character, such as ñ or @.
  return isMac ? all.filter((each) => !/^alt\+.$/.test(each)) : all;
}

/** The keys that work everywhere, also while one writes, else the first ones. */
export function bestKeysOf(command: Command): string | undefined {
  const keys = keysOf(command);
  return keys.find((each) => !isCharacter(each)) ?? keys[0];
}

function runMatching(event: KeyboardEvent) {
  if (event.defaultPrevented || isComposing(event)) return;
  const pressed = pressedKeys(event);
  if (isCharacter(pressed) && isTyping(event.target)) return;
  if (isModalOpen() || document.querySelector('[role="menu"]')) return;
  const command = commands().findLast(
    (each) =>
      each.run &&
      !each.isLocal &&
      keysOf(each).includes(pressed) &&
      (each.isKeyTarget?.(event.target) ?? true) &&
      (each.isEnabled?.() ?? true),
  );
  if (!command) return;
  event.preventDefault();
  command.run?.();
}

const isCharacter = (keys: string) => /^(shift\+)?.$/.test(keys);

function pressedKeys(event: KeyboardEvent): string {
  const key = keyName(event);
  // With AltGr one types characters, on many keyboards even / and ?. Windows reports it as Ctrl and Alt as well.
  if (event.getModifierState('AltGraph')) return key;
  const isShiftNamed = event.shiftKey && (key.length > 1 || /[a-z]/.test(key));
  const modifiers = [
    (isMac ? event.metaKey : event.ctrlKey) && 'mod',
    (isMac ? event.ctrlKey : event.metaKey) && 'other',
    event.altKey && 'alt',
    isShiftNamed && 'shift',
  ];
  return [...modifiers.filter((each) => each !== false), key].join('+');
}

/** By what is written on the key. Where that is no Latin letter, by the key's place on an English keyboard. */
function keyName({ key, code }: KeyboardEvent): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter && !/^[ -~]$/.test(key)) return letter.toLowerCase();
  // On Cyrillic keyboards the key of / and ? has . and ,
  if (code === 'Slash' && key === '.') return '/';
  if (code === 'Slash' && key === ',') return '?';
  return key.toLowerCase();
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const names: Record<string, string> = {
  mod: isMac ? '⌘' : 'Ctrl',
  alt: isMac ? '⌥' : 'Alt',
  shift: isMac ? '⇧' : 'Shift',
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
