import { Key } from '@solid-primitives/keyed';
import { createEffect, createSignal, on, Show } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { RoomSessionsQuery } from '../generated/graphql';
import { fetchFresh } from '../graphql/client';
import { formatMoment, formatSeconds, formatTime } from '../i18n/format';
import { inspectorWords } from '../runs/words';
import type { Chat } from '../store/chat-fragments';
import { between } from '../store/run';
import { Button } from '../ui/button';
import { roomWords } from './words';

const Sessions = graphql(`
  query RoomSessions($id: ID!, $after: String) {
    chat(id: $id) {
      runs(first: 10, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          status
          createdAt
          startedAt
          endedAt
          agent {
            id
            name
          }
          initiator {
            id
            name
          }
          trigger {
            id
            excerpt
          }
          message {
            id
            excerpt
            author {
              id
              name
            }
          }
          usage {
            inputTokens
            outputTokens
          }
        }
      }
    }
  }
`);

type SessionPage = NonNullable<RoomSessionsQuery['chat']>['runs'];
type Session = SessionPage['nodes'][number];

/** What the room's agents were asked and answered, the newest first. Loaded when it is opened. */
export function RoomSessions(props: { room: Chat; onShow: (messageId: string) => void }) {
  const { client } = useFeed();
  const [isOpen, setOpen] = createSignal(false);
  const [sessions, setSessions] = createSignal<readonly Session[] | null>(null);
  const [pageInfo, setPageInfo] = createSignal<SessionPage['pageInfo'] | null>(null);

  let asked = 0;

  async function load(after: string | null) {
    asked += 1;
    const request = asked;
    const { data } = await fetchFresh(client, Sessions, { id: props.room.id, after });
    if (request !== asked || !data?.chat) return;
    setSessions([...(after ? (sessions() ?? []) : []), ...data.chat.runs.nodes]);
    setPageInfo(data.chat.runs.pageInfo);
  }

  createEffect(
    on([isOpen, () => props.room.id, () => props.room.isAnswering], ([open]) => {
      if (open) void load(null);
    }),
  );

  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="cursor-pointer text-small font-medium text-ink-faint touch:min-h-10 touch:content-center">
        {roomWords().sessions}
      </summary>
      <Show when={sessions()?.length === 0}>
        <p class="mt-2 text-small text-ink-faint">{roomWords().noSessions}</p>
      </Show>
      <ul class="mt-1 flex flex-col empty:hidden">
        <Key each={sessions() ?? []} by="id">
          {(session) => (
            <li>
              <button
                type="button"
                class="flex w-full flex-col gap-0.5 rounded-md px-2 py-1.5 text-left hover:bg-hover disabled:hover:bg-transparent"
                disabled={!session().message && !session().trigger}
                onClick={() => props.onShow(session().message?.id ?? session().trigger?.id ?? '')}
              >
                <span class="flex items-baseline gap-2">
                  <span class="min-w-0 flex-1 truncate font-medium">
                    {session().agent?.name ?? session().message?.author?.name}
                  </span>
                  <time
                    class="shrink-0 font-mono text-tiny text-ink-faint"
                    datetime={session().createdAt}
                    title={formatMoment(session().createdAt)}
                  >
                    {formatTime(session().createdAt)}
                  </time>
                </span>
                <span class="line-clamp-2 text-small break-words text-ink-soft" dir="auto">
                  {session().trigger?.excerpt}
                </span>
                <Show when={session().message?.excerpt}>
                  {(words) => (
                    <span class="line-clamp-3 text-small break-words text-ink" dir="auto">
                      {words()}
                    </span>
                  )}
                </Show>
                <span class="text-tiny break-words text-ink-faint">{detailsOf(session())}</span>
              </button>
            </li>
          )}
        </Key>
      </ul>
      <Show when={pageInfo()?.hasNextPage}>
        <Button isSmall look="quiet" onClick={() => void load(pageInfo()?.endCursor ?? null)}>
          {roomWords().moreSessions}
        </Button>
      </Show>
    </details>
  );
}

function detailsOf({ initiator, status, usage, startedAt, endedAt }: Session): string {
  const by = initiator?.name ?? roomWords().somebody;
  const tokens = usage && roomWords().tokens(usage.inputTokens + usage.outputTokens);
  const took = between(startedAt, endedAt);
  return [by, inspectorWords().statuses[status], took !== null && formatSeconds(took), tokens]
    .filter(Boolean)
    .join(' · ');
}
