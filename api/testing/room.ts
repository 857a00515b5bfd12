/** Rooms for tests: made through the front door. */
import { graphql } from '../generated/graphql/gql.ts';
import { SendMessage } from './documents.ts';
import type { Person } from './person.ts';

const OwnId = graphql(`
  query OwnId {
    viewer {
      person {
        id
      }
    }
  }
`);

const MakeRoom = graphql(`
  mutation MakeRoom($input: CreateRoomInput!) {
    createRoom(input: $input) {
      __typename
      ... on CreateRoomPayload {
        chat {
          id
        }
      }
    }
  }
`);

export async function personIdOf(someone: Person): Promise<string> {
  return (await someone.ask(OwnId, {})).viewer?.person.id ?? '';
}

/** A room with its owner and members. Returns its id. */
export async function roomOf(owner: Person, ...members: Person[]): Promise<string> {
  const personIds = await Promise.all(members.map(personIdOf));
  const { createRoom } = await owner.ask(MakeRoom, { input: { title: 'The team', personIds } });
  if (createRoom.__typename !== 'CreateRoomPayload') throw new Error(JSON.stringify(createRoom));
  return createRoom.chat.id;
}

/** Says something in a room. Returns the message. */
export async function saysIn(chatId: string, someone: Person, content: string, more: { replyToId?: string } = {}) {
  const { sendMessage } = await someone.ask(SendMessage, {
    input: { chatId, content, clientId: crypto.randomUUID(), ...more },
  });
  if (sendMessage.__typename !== 'SendMessagePayload') throw new Error(JSON.stringify(sendMessage));
  return sendMessage.message;
}
