import { createEffect, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { RoomRunsQuery } from '../generated/graphql';
import { fetchFresh } from '../graphql/client';
import type { Run } from '../store/run';

const RoomRuns = graphql(`
  query RoomRuns($id: ID!) {
    chat(id: $id) {
      activeRuns {
        id
        status
        createdAt
        agent {
          id
          name
        }
        message {
          id
          author {
            id
            name
          }
        }
        initiator {
          id
          name
        }
      }
    }
  }
`);

export type RoomRun = NonNullable<RoomRunsQuery['chat']>['activeRuns'][number];

const PAUSE_MS = 50;

/** Who writes an answer in a room now and who waits, asked for again whenever a run begins, ends or is asked for. */
export function createRoomRuns(
  roomId: Accessor<string | null>,
  activeRuns: Accessor<readonly Pick<Run, 'id' | 'status'>[]>,
) {
  const { client } = useFeed();
  const [runs, setRuns] = createSignal<readonly RoomRun[]>([]);
  // The same text as before is no change: `activeRuns` are new ones with each word of an answer.
  const version = createMemo(() => [roomId(), ...activeRuns().map(({ id, status }) => `${id} ${status}`)].join(' '));
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  async function load(id: string, asked: string) {
    const { data } = await fetchFresh(client, RoomRuns, { id });
    if (asked === version()) setRuns(data?.chat?.activeRuns ?? []);
  }

  createEffect(
    on(version, (asked) => {
      clearTimeout(timer);
      const id = roomId();
      if (!id || activeRuns().length === 0) return setRuns([]);
      timer = setTimeout(() => void load(id, asked), PAUSE_MS);
    }),
  );
  return runs;
}
