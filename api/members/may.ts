/** Who may do what in a chat: the one place that decides it. docs/rooms.md has the same as a table. */
import type { ChatKind, MemberRole } from '../generated/prisma/client.ts';

export type ChatAction =
  | 'POST'
  | 'REACT'
  | 'EDIT_OWN'
  | 'DELETE_OWN'
  | 'RENAME'
  | 'ARCHIVE'
  | 'UNARCHIVE'
  | 'DELETE'
  | 'RESTORE'
  | 'INVITE'
  | 'REMOVE_MEMBERS'
  | 'SET_ROLES'
  | 'SET_ACCESS'
  | 'DELETE_ANY_MESSAGE'
  | 'MENTION_ROOM'
  | 'SET_AGENTS'
  | 'STOP_ANY_RUN'
  | 'CLOSE'
  | 'REOPEN'
  | 'LEAVE';

/** What is asked of a chat. */
export interface ChatState {
  kind: ChatKind;
  membersMayInvite: boolean;
  closedAt: Date | null;
  deletedAt: Date | null;
}

/** What permissions depend on, of a present member. */
export interface MemberState {
  role: MemberRole;
  archivedAt: Date | null;
}

const ranks: Record<MemberRole, number> = { MEMBER: 0, MODERATOR: 1, OWNER: 2 };

/** The least role that may, in a room that is open. */
const inRoom = {
  POST: 'MEMBER',
  REACT: 'MEMBER',
  EDIT_OWN: 'MEMBER',
  DELETE_OWN: 'MEMBER',
  ARCHIVE: 'MEMBER',
  UNARCHIVE: 'MEMBER',
  LEAVE: 'MEMBER',
  RENAME: 'MODERATOR',
  INVITE: 'MODERATOR',
  REMOVE_MEMBERS: 'MODERATOR',
  DELETE_ANY_MESSAGE: 'MODERATOR',
  MENTION_ROOM: 'MODERATOR',
  SET_AGENTS: 'MODERATOR',
  STOP_ANY_RUN: 'MODERATOR',
  SET_ROLES: 'OWNER',
  SET_ACCESS: 'OWNER',
  CLOSE: 'OWNER',
  REOPEN: 'OWNER',
  DELETE: 'OWNER',
  RESTORE: 'OWNER',
} satisfies Record<ChatAction, MemberRole>;

/** What is left in a room that is read-only. */
const inClosedRoom: ReadonlySet<ChatAction> = new Set([
  'DELETE_OWN',
  'DELETE_ANY_MESSAGE',
  'ARCHIVE',
  'UNARCHIVE',
  'LEAVE',
  'REMOVE_MEMBERS',
  'STOP_ANY_RUN',
  'REOPEN',
  'DELETE',
]);

/** In a private chat that is neither archived nor deleted. */
const inActivePrivate: ReadonlySet<ChatAction> = new Set([
  'POST',
  'EDIT_OWN',
  'DELETE_OWN',
  'RENAME',
  'ARCHIVE',
  'DELETE',
]);

export function may(member: MemberState, chat: ChatState, action: ChatAction): boolean {
  if (chat.kind === 'PRIVATE') return mayInPrivate(member, chat, action);
  if (!isDue(member, chat, action)) return false;
  if (chat.deletedAt) return action === 'RESTORE' && member.role === 'OWNER';
  if (chat.closedAt && !inClosedRoom.has(action)) return false;
  if (action === 'INVITE' && chat.membersMayInvite) return true;
  return ranks[member.role] >= ranks[inRoom[action]];
}

/** All that the member may do now, in the order of the schema's enum. */
export function actionsOf(member: MemberState, chat: ChatState): ChatAction[] {
  return (Object.keys(inRoom) as ChatAction[]).filter((action) => may(member, chat, action));
}

/** Whether one may act on a member of that role: never on an owner, and moderators not on each other. */
export function mayActOn(actor: MemberRole, other: MemberRole): boolean {
  return other !== 'OWNER' && (actor === 'OWNER' || ranks[actor] > ranks[other]);
}

/** What would change nothing is not offered: to close what is closed, to restore what is there. */
function isDue(member: MemberState, chat: ChatState, action: ChatAction): boolean {
  if (action === 'CLOSE' || action === 'REOPEN') return (chat.closedAt !== null) === (action === 'REOPEN');
  if (action === 'ARCHIVE' || action === 'UNARCHIVE') return (member.archivedAt !== null) === (action === 'UNARCHIVE');
  return (chat.deletedAt !== null) === (action === 'RESTORE');
}

/** A deleted private chat is restored first, an archived one brought back. */
function mayInPrivate(member: MemberState, chat: ChatState, action: ChatAction): boolean {
  if (chat.deletedAt) return action === 'RESTORE';
  if (member.archivedAt) return action === 'UNARCHIVE' || action === 'RENAME' || action === 'DELETE';
  return inActivePrivate.has(action);
}
