/** Rooms for tests, made through the front door. */
import { graphql } from '../generated/graphql/gql.ts';
import type { CreateRoomInput, MemberRole, UpdateRoomInput } from '../generated/graphql/graphql.ts';
import { rowId } from '../ids.ts';
import { SendMessage } from './documents.ts';
import type { Person } from './person.ts';

const MakeRoom = graphql(`
  mutation MakeRoom($input: CreateRoomInput!) {
    createRoom(input: $input) {
      __typename
      ... on CreateRoomPayload {
        chat {
          id
        }
      }
      ... on Error {
        code
      }
    }
  }
`);

const ChangeRoom = graphql(`
  mutation ChangeRoom($input: UpdateRoomInput!) {
    updateRoom(input: $input) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const AddToRoom = graphql(`
  mutation AddToRoom($input: AddMembersInput!) {
    addMembers(input: $input) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const TakeFromRoom = graphql(`
  mutation TakeFromRoom($input: RemoveMemberInput!) {
    removeMember(input: $input) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const GiveRole = graphql(`
  mutation GiveRole($input: SetMemberRoleInput!) {
    setMemberRole(input: $input) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const WayOut = graphql(`
  mutation WayOut($id: ID!) {
    leaveRoom(input: { id: $id }) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const Self = graphql(`
  query Self {
    viewer {
      person {
        id
      }
    }
  }
`);

export async function personIdOf(someone: Person): Promise<string> {
  return (await someone.ask(Self, {})).viewer?.person.id ?? '';
}

/** With its owner alone, unless `personIds` says more. Returns its id. */
export async function roomOf(owner: Person, input: Partial<CreateRoomInput> = {}): Promise<string> {
  const { createRoom } = await owner.ask(MakeRoom, { input: { title: 'A room', ...input } });
  if (createRoom.__typename !== 'CreateRoomPayload') throw new Error(JSON.stringify(createRoom));
  return createRoom.chat.id;
}

export async function rowIdOf(someone: Person): Promise<string> {
  return rowId('Person', await personIdOf(someone));
}

/** With members from the beginning; everybody may join it. */
export async function openRoomWith(owner: Person, ...members: Person[]): Promise<string> {
  return roomOf(owner, { visibility: 'OPEN', personIds: await Promise.all(members.map(personIdOf)) });
}

/** With members from the beginning. */
export async function roomWith(owner: Person, ...members: Person[]): Promise<string> {
  return roomOf(owner, { personIds: await Promise.all(members.map(personIdOf)) });
}

export async function changeRoom(someone: Person, input: UpdateRoomInput) {
  return (await someone.ask(ChangeRoom, { input })).updateRoom;
}

/** `by` has to be allowed to. */
export async function addTo(chatId: string, by: Person, people: readonly Person[], role?: MemberRole): Promise<void> {
  const personIds = await Promise.all(people.map(personIdOf));
  mustBeDone((await by.ask(AddToRoom, { input: { chatId, personIds } })).addMembers);
  for (const personId of role ? personIds : [])
    mustBeDone((await by.ask(GiveRole, { input: { chatId, personId, role: role ?? 'MEMBER' } })).setMemberRole);
}

export async function removeFrom(chatId: string, by: Person, someone: Person, ban = false): Promise<void> {
  const personId = await personIdOf(someone);
  mustBeDone((await by.ask(TakeFromRoom, { input: { chatId, personId, ban } })).removeMember);
}

export async function leave(someone: Person, id: string) {
  return (await someone.ask(WayOut, { id })).leaveRoom;
}

/** Returns the message. */
export async function says(someone: Person, chatId: string, content: string, more: { replyToId?: string } = {}) {
  const clientId = crypto.randomUUID();
  const { sendMessage } = await someone.ask(SendMessage, { input: { chatId, content, clientId, ...more } });
  if (sendMessage.__typename !== 'SendMessagePayload') throw new Error(JSON.stringify(sendMessage));
  return sendMessage.message;
}

function mustBeDone(outcome: { __typename: string }): void {
  if (!outcome.__typename.endsWith('Payload')) throw new Error(JSON.stringify(outcome));
}
