import { createSignal, Show } from 'solid-js';

import type { RoomHistory as History } from '../generated/graphql';
import { t } from '../i18n';
import type { Chat } from '../store/chat-fragments';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/dialog';
import type { RoomActions } from './create-room-actions';
import { roomWords } from './words';

/** What newcomers see of the time before, and for owners the change of it: first it is said whom it shows or hides something from. */
export function RoomHistory(props: { room: Chat; history: History; actions: RoomActions; onChange: () => void }) {
  const [isAsking, setAsking] = createSignal(false);
  const words = () => roomWords().history[props.history];

  async function change() {
    setAsking(false);
    const history = props.history === 'ALL' ? 'SINCE_JOIN' : 'ALL';
    if (await props.actions.update({ id: props.room.id, history })) props.onChange();
  }

  return (
    <div class="flex flex-col items-start gap-2">
      <p class="text-small text-ink-soft">{words().now}</p>
      <Show when={props.room.viewerCan.includes('SET_ACCESS')}>
        <Button isSmall onClick={() => setAsking(true)}>
          {words().change}
        </Button>
        <ConfirmDialog
          isOpen={isAsking()}
          onClose={() => setAsking(false)}
          title={words().change}
          hint={words().warning}
          closeLabel={t().common.close}
          cancel={t().common.cancel}
          answer={words().change}
          onAnswer={() => void change()}
        />
      </Show>
    </div>
  );
}
