import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { MemberRole } from '../generated/prisma/client.ts';
import { actionsOf, type ChatAction, may, mayActOn } from './may.ts';

const roles: MemberRole[] = ['MEMBER', 'MODERATOR', 'OWNER'];
const open = { kind: 'ROOM', membersMayInvite: false, closedAt: null, deletedAt: null } as const;

/** The same room, or member, where the action would change something. */
function stateFor(action: ChatAction) {
  return {
    chat: {
      ...open,
      closedAt: action === 'REOPEN' ? new Date() : null,
      deletedAt: action === 'RESTORE' ? new Date() : null,
    },
    archivedAt: action === 'UNARCHIVE' ? new Date() : null,
  };
}

const table = readFileSync(join(import.meta.dirname, '../../docs/rooms.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, action, ...allowed] = /^\| `([A-Z_]+)` \| (yes|no) \| (yes|no) \| (yes|no) \|$/.exec(line) ?? [];
    return action ? [{ action: action as ChatAction, allowed: allowed.map((word) => word === 'yes') }] : [];
  });

test('the table of docs/rooms.md has every action', () => {
  const all = new Set(
    (['POST', 'UNARCHIVE', 'REOPEN', 'RESTORE'] as const).flatMap((action) => {
      const { chat, archivedAt } = stateFor(action);
      return actionsOf({ role: 'OWNER', archivedAt }, chat);
    }),
  );
  expect(new Set(table.map(({ action }) => action))).toEqual(all);
});

test.each(table)('$action is allowed as docs/rooms.md says', ({ action, allowed }) => {
  const { chat, archivedAt } = stateFor(action);
  expect(roles.map((role) => may({ role, archivedAt }, chat, action))).toEqual(allowed);
});

test('members invite where the room lets them', () => {
  const member = { role: 'MEMBER', archivedAt: null } as const;
  expect(may(member, { ...open, membersMayInvite: true }, 'INVITE')).toBe(true);
  expect(may(member, { ...open, membersMayInvite: true, closedAt: new Date() }, 'INVITE')).toBe(false);
});

test('no member acts on an owner, and moderators do not on each other', () => {
  const acts = roles.map((actor) => roles.map((other) => mayActOn(actor, other)));
  expect(acts).toEqual([
    [false, false, false],
    [true, false, false],
    [true, true, false],
  ]);
});

test('a closed room allows its owner to remove, reopen and delete, a deleted one to restore alone', () => {
  const owner = { role: 'OWNER', archivedAt: null } as const;
  expect(actionsOf(owner, { ...open, closedAt: new Date() })).toEqual([
    'DELETE_OWN',
    'ARCHIVE',
    'LEAVE',
    'REMOVE_MEMBERS',
    'DELETE_ANY_MESSAGE',
    'STOP_ANY_RUN',
    'REOPEN',
    'DELETE',
  ]);
  expect(actionsOf(owner, { ...open, deletedAt: new Date() })).toEqual(['RESTORE']);
  expect(actionsOf({ ...owner, role: 'MEMBER' }, { ...open, deletedAt: new Date() })).toEqual([]);
});
