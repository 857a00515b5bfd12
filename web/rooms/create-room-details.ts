import { createEffect, on, onCleanup, type Accessor } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';

import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { RoomDetailsQuery } from '../generated/graphql';
import { fetchFresh } from '../graphql/client';
import type { Chat } from '../store/chat-fragments';

const RoomDetails = graphql(`
  query RoomDetails($id: ID!, $after: String) {
    chat(id: $id) {
      history
      visibility
      membersMayInvite
      members(first: 100, after: $after) {
        nodes {
          role
          presence
          person {
            ...PersonFields
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      roomAgents {
        replyMode
        agent {
          id
          handle
          name
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

type Details = NonNullable<RoomDetailsQuery['chat']>;
export type Member = Details['members']['nodes'][number] & { id: string };
export type RoomAgent = Details['roomAgents'][number] & { id: string };
/** Who may join a room and who may invite to it. */
export type RoomAccess = Pick<Details, 'visibility' | 'membersMayInvite'>;
export type Invitation = Details['invitations'][number];

interface RoomDetails {
  /** Null until it is loaded. */
  history: Details['history'] | null;
  access: RoomAccess | null;
  members: Member[];
  /** Not all members are among these. */
  hasMoreMembers: boolean;
  agents: RoomAgent[];
  invitations: Invitation[];
}

/** A message in the room changes its revision too. */
const PAUSE_MS = 300;

/** Who is in a room and which links lead to it, asked for again a moment after each change of the room. */
export function createRoomDetails(room: Accessor<Chat>) {
  const { client, reconnected, putPresence } = useFeed();
  // A store, so that a member's row, and a menu that is open in it, stays the same one.
  const [details, setDetails] = createStore<RoomDetails>({
    history: null,
    access: null,
    members: [],
    hasMoreMembers: false,
    agents: [],
    invitations: [],
  });
  let pages = 1;
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  async function load() {
    asked += 1;
    const turn = asked;
    const members: Member[] = [];
    let chat: Details | undefined;
    for (let page = 0; page < pages && (chat?.members.pageInfo.hasNextPage ?? true); page += 1) {
      const after = chat?.members.pageInfo.endCursor ?? null;
      const { data } = await fetchFresh(client, RoomDetails, { id: room().id, after });
      if (turn !== asked || !data?.chat) return;
      chat = data.chat;
      members.push(...chat.members.nodes.map((member) => ({ ...member, id: member.person.id })));
    }
    if (!chat) return;
    const { history, visibility, membersMayInvite, roomAgents, invitations } = chat;
    setDetails({
      history,
      access: { visibility, membersMayInvite },
      hasMoreMembers: chat.members.pageInfo.hasNextPage,
    });
    setDetails('members', reconcile(members, { key: 'id' }));
    putPresence(members.map(({ id, presence }) => ({ personId: id, presence })));
    setDetails(
      'agents',
      reconcile(
        roomAgents.map((each) => ({ ...each, id: each.agent.id })),
        { key: 'id' },
      ),
    );
    setDetails('invitations', reconcile(invitations, { key: 'id' }));
  }

  // What changed while the tab was not connected was not received.
  const version = () => `${room().id} ${room().revision} ${reconnected()}`;
  void load();
  createEffect(
    on(
      version,
      () => {
        clearTimeout(timer);
        timer = setTimeout(() => void load(), PAUSE_MS);
      },
      { defer: true },
    ),
  );
  return {
    details,
    reload: load,
    showMoreMembers: () => {
      pages += 1;
      void load();
    },
  };
}
