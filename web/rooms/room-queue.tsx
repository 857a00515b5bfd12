import { Key } from '@solid-primitives/keyed';
import X from 'lucide-solid/icons/x';
import { Show } from 'solid-js';

import { useViewer } from '../auth/session';
import { createRunActions } from '../runs/create-run-actions';
import type { Chat } from '../store/chat-fragments';
import { IconButton } from '../ui/button';
import type { RoomRun } from './create-room-runs';
import { roomWords } from './words';

/** Above the field of a room: which agent writes, who waits for an answer, and the way to stop what is one’s own. */
export function RoomQueue(props: { room: Chat; runs: readonly RoomRun[] }) {
  const viewer = useViewer();
  const runs = () => ownFirst(props.runs, viewer().person.id);
  return (
    <Show when={props.runs.length > 0}>
      <ol
        aria-label={roomWords().queue}
        class="flex max-h-28 touch:max-h-35 flex-col overflow-y-auto rounded-lg border border-line bg-panel px-1 py-0.5 text-small text-ink-soft"
      >
        <Key each={runs()} by="id">
          {(run) => <QueuedRun room={props.room} run={run()} />}
        </Key>
      </ol>
    </Show>
  );
}

/** Of a long queue only the first rows are in view: there stands what one waits for oneself. */
function ownFirst(runs: readonly RoomRun[], personId: string): readonly RoomRun[] {
  const isOwn = ({ initiator }: RoomRun) => initiator?.id === personId;
  return [...runs.filter(isOwn), ...runs.filter((run) => !isOwn(run))];
}

function QueuedRun(props: { room: Chat; run: RoomRun }) {
  const viewer = useViewer();
  const { stop } = createRunActions();
  const isOwn = () => props.run.initiator?.id === viewer().person.id;
  const mayStop = () => isOwn() || props.room.viewerCan.includes('STOP_ANY_RUN');
  const words = () => {
    const name = isOwn() ? null : (props.run.initiator?.name ?? roomWords().somebody);
    const say = props.run.status === 'QUEUED' ? roomWords().waits : roomWords().answers;
    return say(props.run.agent?.name ?? props.run.message?.author?.name ?? '', name);
  };
  return (
    <li class="flex min-h-8 items-center gap-2 pl-2 touch:min-h-10">
      <span
        aria-hidden="true"
        class="size-1.5 shrink-0 rounded-full"
        classList={{ 'bg-accent': props.run.status === 'RUNNING', 'bg-line-strong': props.run.status === 'QUEUED' }}
      />
      <span class="min-w-0 flex-1 truncate">{words()}</span>
      <Show when={mayStop()}>
        <IconButton
          label={props.run.status === 'QUEUED' ? roomWords().cancel : roomWords().stop}
          onClick={() => void stop(props.run.id)}
        >
          <X size={14} aria-hidden="true" />
        </IconButton>
      </Show>
    </li>
  );
}
