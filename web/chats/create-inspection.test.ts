import { createRoot, createSignal } from 'solid-js';
import { expect, test } from 'vitest';

import { createInspection } from './create-inspection';

function inspectionIn(kind: 'PRIVATE' | 'ROOM') {
  return createRoot(() => createInspection(createSignal(kind === 'ROOM')[0]));
}

const shown = ({ isOfMembers, isOfRun }: ReturnType<typeof createInspection>) =>
  [isOfMembers() && 'members', isOfRun() && 'run'].filter(Boolean);

test('in a private chat the panel is of the newest run, or of the one that was chosen', () => {
  const inspection = inspectionIn('PRIVATE');
  expect(shown(inspection)).toEqual([]);
  inspection.toggle();
  expect([shown(inspection), inspection.runId()]).toEqual([['run'], null]);
  inspection.open('chosen');
  expect([shown(inspection), inspection.runId()]).toEqual([['run'], 'chosen']);
  inspection.toggle();
  expect([shown(inspection), inspection.runId()]).toEqual([[], null]);
});

test('in a room the panel is of the members, or of a run that was chosen, and the button leads from that to the members', () => {
  const inspection = inspectionIn('ROOM');
  inspection.toggle();
  expect(shown(inspection)).toEqual(['members']);
  inspection.open('chosen');
  expect([shown(inspection), inspection.runId()]).toEqual([['run'], 'chosen']);
  inspection.toggle();
  expect(shown(inspection)).toEqual(['members']);
  inspection.toggle();
  expect(shown(inspection)).toEqual([]);
});
