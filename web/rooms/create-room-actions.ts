import { useNavigate } from '@solidjs/router';

import { makeIdempotencyKeys } from '../browser/client-id';
import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { CreateRoomInput, MemberRole, ReplyMode, UpdateRoomInput } from '../generated/graphql';
import { perform } from '../graphql/perform';
import { chatPath, type Chat } from '../store/chat-fragments';
import { toast } from '../ui/toasts';

const CreateRoom = graphql(`
  mutation CreateRoom($input: CreateRoomInput!) {
    createRoom(input: $input) {
      __typename
      ... on CreateRoomPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const UpdateRoom = graphql(`
  mutation UpdateRoom($input: UpdateRoomInput!) {
    updateRoom(input: $input) {
      __typename
      ... on UpdateRoomPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const JoinRoom = graphql(`
  mutation JoinRoom($input: JoinRoomInput!) {
    joinRoom(input: $input) {
      __typename
      ... on JoinRoomPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const LeaveRoom = graphql(`
  mutation LeaveRoom($input: LeaveRoomInput!) {
    leaveRoom(input: $input) {
      __typename
      ... on LeaveRoomPayload {
        chatId
      }
      ...FailureFields
    }
  }
`);

const AddMembers = graphql(`
  mutation AddMembers($input: AddMembersInput!) {
    addMembers(input: $input) {
      __typename
      ... on AddMembersPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const RemoveMember = graphql(`
  mutation RemoveMember($input: RemoveMemberInput!) {
    removeMember(input: $input) {
      __typename
      ... on RemoveMemberPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const SetMemberRole = graphql(`
  mutation SetMemberRole($input: SetMemberRoleInput!) {
    setMemberRole(input: $input) {
      __typename
      ... on SetMemberRolePayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const CreateInvitation = graphql(`
  mutation CreateInvitation($input: CreateInvitationInput!) {
    createInvitation(input: $input) {
      __typename
      ... on CreateInvitationPayload {
        token
        invitation {
          id
        }
      }
      ...FailureFields
    }
  }
`);

const RevokeInvitation = graphql(`
  mutation RevokeInvitation($input: RevokeInvitationInput!) {
    revokeInvitation(input: $input) {
      __typename
      ... on RevokeInvitationPayload {
        invitationId
      }
      ...FailureFields
    }
  }
`);

const AcceptInvitation = graphql(`
  mutation AcceptInvitation($input: AcceptInvitationInput!) {
    acceptInvitation(input: $input) {
      __typename
      ... on AcceptInvitationPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const AddRoomAgent = graphql(`
  mutation AddRoomAgent($input: AddRoomAgentInput!) {
    addRoomAgent(input: $input) {
      __typename
      ... on AddRoomAgentPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

const RemoveRoomAgent = graphql(`
  mutation RemoveRoomAgent($input: RemoveRoomAgentInput!) {
    removeRoomAgent(input: $input) {
      __typename
      ... on RemoveRoomAgentPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

/** What one does with rooms and their members. Failures are said in passing, but for those of a form, which it shows itself. */
export function createRoomActions() {
  const feed = useFeed();
  const { client } = feed;
  const navigate = useNavigate();
  const nameOf = makeIdempotencyKeys();

  /** Shows the room as it is now. Returns whether it was done. */
  function keep(done: { payload: { chat: Chat } } | { payload: null; words: string }): boolean {
    if (done.payload) feed.putMutation(done.payload.chat);
    else toast(done.words);
    return !!done.payload;
  }

  function enter(done: { payload: { chat: Chat } } | { payload: null; words: string }): void {
    if (keep(done) && done.payload) navigate(chatPath(done.payload.chat.id));
  }

  return {
    /** Throws what went wrong, in words. */
    async create(input: CreateRoomInput) {
      const clientId = nameOf(JSON.stringify(input));
      const done = await perform(client, CreateRoom, { input: { ...input, clientId } });
      if (!done.payload) throw new Error(done.words);
      feed.putMutation(done.payload.chat);
      navigate(chatPath(done.payload.chat.id));
    },
    update: async (input: UpdateRoomInput) => keep(await perform(client, UpdateRoom, { input })),
    join: async (id: string) => enter(await perform(client, JoinRoom, { input: { id } })),
    accept: async (token: string) => enter(await perform(client, AcceptInvitation, { input: { token } })),
    async leave(id: string) {
      const done = await perform(client, LeaveRoom, { input: { id } });
      if (done.payload) navigate('/chat');
      else toast(done.words);
    },
    add: async (chatId: string, personId: string) =>
      keep(await perform(client, AddMembers, { input: { chatId, personIds: [personId] } })),
    remove: async (chatId: string, personId: string, ban: boolean) =>
      keep(await perform(client, RemoveMember, { input: { chatId, personId, ban } })),
    setRole: async (chatId: string, personId: string, role: MemberRole) =>
      keep(await perform(client, SetMemberRole, { input: { chatId, personId, role } })),
    /** Also changes which messages an agent that is there answers. */
    addAgent: async (chatId: string, agentId: string, replyMode: ReplyMode) =>
      keep(await perform(client, AddRoomAgent, { input: { chatId, agentId, replyMode } })),
    removeAgent: async (chatId: string, agentId: string) =>
      keep(await perform(client, RemoveRoomAgent, { input: { chatId, agentId } })),
    /** The link, or null. */
    async invite(chatId: string, limits: { days: number; maxUses: number }) {
      const done = await perform(client, CreateInvitation, { input: { chatId, ...limits } });
      if (done.payload)
        return { id: done.payload.invitation.id, link: `${location.origin}/join/${done.payload.token}` };
      toast(done.words);
      return null;
    },
    async revoke(id: string) {
      const done = await perform(client, RevokeInvitation, { input: { id } });
      if (!done.payload) toast(done.words);
    },
  };
}

export type RoomActions = ReturnType<typeof createRoomActions>;
