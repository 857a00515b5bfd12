import { renderHook } from '@solidjs/testing-library';
import { expect, test } from 'vitest';
import { createDropGuard, createFileDrop } from './file-drop';

test('a file is taken beside a dialog that is not modal, and refused under one that is', () => {
  const done: string[] = [];
  const { cleanup } = renderHook(() => {
    createDropGuard(() => done.push('refused'));
    createFileDrop(() => done.push('taken'));
  });
  const dialog = document.createElement('section');
  dialog.setAttribute('role', 'dialog');
  document.body.append(dialog);
  dropFile();
  dialog.setAttribute('aria-modal', 'false');
  dropFile();
  expect(done).toEqual(['refused', 'taken']);
  cleanup();
  dialog.remove();
});

function dropFile() {
  const event = new Event('drop', { bubbles: true, cancelable: true });
  Object.assign(event, { dataTransfer: { types: ['Files'], files: [] } });
  document.body.dispatchEvent(event);
}
