import { renderHook } from '@solidjs/testing-library';
import { afterEach, expect, test } from 'vitest';
import { createCommandKeys, createCommands, isTyping } from './commands';

afterEach(() => document.body.replaceChildren());

test('a command that other fields keep from its keys runs in its own field and outside of fields', () => {
  document.body.innerHTML = '<input id="search"><textarea id="own"></textarea><p id="text"></p>';
  const own = document.getElementById('own');
  const pressed = withStop((target) => target === own || !isTyping(target), ['search', 'own', 'text']);
  expect(pressed).toEqual(['own', 'text']);
});

test('keys work beside a dialog that is not modal, and not under one that is', () => {
  document.body.innerHTML = '<p id="text"></p><section role="dialog" aria-modal="false"></section>';
  expect(withStop(undefined, ['text'])).toEqual(['text']);
  document.body.innerHTML = '<p id="text"></p><section role="dialog"></section>';
  expect(withStop(undefined, ['text'])).toEqual([]);
});

/** Presses Esc on each of these elements; returns those where the command ran. */
function withStop(
  isKeyTarget: ((target: EventTarget | null) => boolean) | undefined,
  ids: readonly string[],
): string[] {
  let isRun = false;
  const { cleanup } = renderHook(() => {
    createCommandKeys();
    createCommands([
      {
        id: 'stop',
        label: () => 'Stop',
        keys: 'escape',
        run: () => (isRun = true),
        ...(isKeyTarget && { isKeyTarget }),
      },
    ]);
  });
  const ran = ids.filter((id) => {
    isRun = false;
    document.getElementById(id)?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    return isRun;
  });
  cleanup();
  return ran;
}
