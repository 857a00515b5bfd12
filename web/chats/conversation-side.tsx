import { lazy, Show, Suspense } from 'solid-js';

import type { Thread } from '../messages/create-thread';
import type { Chat } from '../store/chat-fragments';
import type { Run } from '../store/run';
import type { Inspection } from './create-inspection';

const RoomPanel = lazy(() => import('../rooms/room-panel'));
const Inspector = lazy(() => import('../runs/inspector'));

interface ConversationSideProps {
  chat: Chat | null;
  thread: Thread;
  inspection: Inspection;
  /** Shown where no other run was chosen. */
  newestRun: Run | null;
}

/** Beside the thread: the members of a room, or how an answer came about. */
export function ConversationSide(props: ConversationSideProps) {
  const runId = () => props.inspection.runId() ?? props.newestRun?.id ?? null;
  const status = () => props.thread.messages().find(({ run }) => run?.id === runId())?.run?.status ?? null;
  return (
    <>
      <Show when={props.inspection.isOfMembers() && props.chat}>
        {(room) => (
          <Suspense>
            <RoomPanel room={room()} onClose={props.inspection.close} onShow={props.thread.show} />
          </Suspense>
        )}
      </Show>
      <Show when={props.inspection.isOfRun()}>
        <Suspense>
          <Inspector runId={runId()} status={status()} onClose={props.inspection.close} />
        </Suspense>
      </Show>
    </>
  );
}
