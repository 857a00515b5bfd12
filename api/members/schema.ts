import type { MemberRole, NotifyLevel } from '../generated/prisma/client.ts';
import { builder } from '../graphql-builder/builder.ts';
import { Person } from '../people/schema.ts';
import { type Presence, presences } from '../presence/presence.ts';
import type { ChatAction } from './may.ts';

export const MemberRoleType = builder.enumType('MemberRole', {
  description: 'What somebody is in a chat.',
  values: {
    OWNER: { description: 'May do everything, and gives the roles.' },
    MODERATOR: { description: 'Names the room, invites and removes people, deletes messages.' },
    MEMBER: { description: 'Reads and writes.' },
  } satisfies Record<MemberRole, object>,
});

export const NotifyLevelType = builder.enumType('NotifyLevel', {
  description: 'Of what somebody wants to be notified in a room.',
  values: {
    ALL: { description: 'Of every message.' },
    MENTIONS: { description: 'Of messages that mention them.' },
    NONE: { description: 'Of nothing.' },
  } satisfies Record<NotifyLevel, object>,
});

export const PresenceType = builder.enumType('Presence', {
  description: 'Whether a person is here.',
  values: {
    ONLINE: { description: 'Somebody is at one of their clients.' },
    AWAY: { description: 'Their clients are open, and nobody has been at them for a while.' },
    OFFLINE: { description: 'None of their clients is connected.' },
  } satisfies Record<Presence, object>,
});

export const Member = builder.prismaObject('ChatMember', {
  name: 'Member',
  description: 'Somebody who is in a chat now.',
  fields: (t) => ({
    person: t.relation('user', { type: Person, description: 'Who.' }),
    role: t.expose('role', { type: MemberRoleType, description: 'What they are in it.' }),
    joinedAt: t.expose('joinedAt', { type: 'DateTime', description: 'When they came, the last time.' }),
    presence: t.field({
      type: PresenceType,
      description: 'Whether they are here now. The feed tells what changes.',
      select: { userId: true },
      resolve: ({ userId }) => presences.of(userId),
    }),
  }),
});

export const ChatActionType = builder.enumType('ChatAction', {
  description: 'What somebody may do in a chat.',
  values: {
    POST: { description: 'Send messages and ask for answers.' },
    REACT: { description: 'Of a room: react to messages with emoji.' },
    EDIT_OWN: { description: 'Edit what one wrote.' },
    DELETE_OWN: { description: 'Delete what one wrote, and in a private chat the answers.' },
    RENAME: { description: 'Give it another title, and a room another topic.' },
    ARCHIVE: { description: 'Put it away, in one’s own list.' },
    UNARCHIVE: { description: 'Bring it back among the active ones.' },
    DELETE: { description: 'Delete it, for all.' },
    RESTORE: { description: 'Bring it back from the deleted ones.' },
    INVITE: { description: 'Add people to the room, and make links by which they join.' },
    REMOVE_MEMBERS: { description: 'Remove members that are no owners; owners alone remove moderators.' },
    SET_ROLES: { description: 'Change the roles of members.' },
    SET_ACCESS: { description: 'Decide who finds the room, who may invite, and what newcomers see of the past.' },
    DELETE_ANY_MESSAGE: { description: 'Delete what others wrote.' },
    MENTION_ROOM: { description: 'Mention all members of the room at once, by `@room`.' },
    SET_AGENTS: { description: 'Add agents to the room, remove them, and decide which one answers everything.' },
    STOP_ANY_RUN: { description: 'Stop answers that others asked for, and take them from the queue.' },
    CLOSE: { description: 'Make the room read-only for all.' },
    REOPEN: { description: 'Let members write again.' },
    LEAVE: { description: 'Leave the room.' },
  } satisfies Record<ChatAction, object>,
});
