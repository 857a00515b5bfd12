import { createEffect, createSignal, on, type Accessor } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { OpenRoomsQuery } from '../generated/graphql';
import { fetchFresh } from '../graphql/client';

const OpenRooms = graphql(`
  query OpenRooms($search: String!, $after: String) {
    openRooms(first: 50, after: $after, search: $search) {
      nodes {
        chatId
        title
        topic
        memberCount
        isMember
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

type OpenRoomsPage = OpenRoomsQuery['openRooms'];
export type OpenRoom = OpenRoomsPage['nodes'][number];

/** The open rooms that a search finds, page by page. */
export function createOpenRooms(search: Accessor<string>) {
  const { client } = useFeed();
  const [rooms, setRooms] = createSignal<readonly OpenRoom[] | null>(null);
  const [pageInfo, setPageInfo] = createSignal<OpenRoomsPage['pageInfo'] | null>(null);
  let asked = 0;

  async function load(after: string | null) {
    asked += 1;
    const request = asked;
    const { data } = await fetchFresh(client, OpenRooms, { search: search(), after });
    if (request !== asked || !data) return;
    setRooms([...(after ? (rooms() ?? []) : []), ...data.openRooms.nodes]);
    setPageInfo(data.openRooms.pageInfo);
  }

  createEffect(on(search, () => void load(null)));
  return {
    rooms,
    hasMore: () => !!pageInfo()?.hasNextPage,
    showMore: () => void load(pageInfo()?.endCursor ?? null),
  };
}
