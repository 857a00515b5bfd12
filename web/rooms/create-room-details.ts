import { createEffect, createSignal, type Accessor } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { RoomDetailsQuery } from '../generated/graphql';
import { fetchFresh } from '../graphql/client';
import type { Chat } from '../store/chat-fragments';

const RoomDetails = graphql(`
  query RoomDetails($id: ID!) {
    chat(id: $id) {
      members {
        role
        person {
          ...PersonFields
        }
      }
      invitations {
        id
        uses
        maxUses
        expiresAt
      }
    }
  }
`);

export type RoomDetails = NonNullable<RoomDetailsQuery['chat']>;
export type Member = RoomDetails['members'][number];

/** Who is in a room, asked for again with every revision of it. Null while that is not known. */
export function createRoomDetails(room: Accessor<Chat>) {
  const { client } = useFeed();
  const [details, setDetails] = createSignal<RoomDetails | null>(null);
  const revision = () => `${room().id} ${room().revision}`;
  let asked = 0;

  async function load() {
    asked += 1;
    const turn = asked;
    const { data } = await fetchFresh(client, RoomDetails, { id: room().id });
    if (turn === asked && data?.chat) setDetails(data.chat);
  }

  createEffect(() => revision() && void load());
  return { details, reload: () => void load() };
}
