import BellOff from 'lucide-solid/icons/bell-off';

import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { SetRoomNotificationsInput } from '../generated/graphql';
import { perform } from '../graphql/perform';
import type { Chat } from '../store/chat-fragments';
import { Button } from '../ui/button';
import { Choice } from '../ui/choice';
import { toast } from '../ui/toasts';
import { roomWords } from './words';

const SetRoomNotifications = graphql(`
  mutation SetRoomNotifications($input: SetRoomNotificationsInput!) {
    setRoomNotifications(input: $input) {
      __typename
      ... on SetRoomNotificationsPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

/** Of what the viewer is notified in a room: their own, which other members do not see. */
export function NotificationSettings(props: { room: Chat }) {
  const feed = useFeed();
  async function set(change: Omit<SetRoomNotificationsInput, 'chatId'>) {
    const done = await perform(feed.client, SetRoomNotifications, { input: { chatId: props.room.id, ...change } });
    if (done.payload) feed.putMutation(done.payload.chat);
    else toast(done.words);
  }
  return (
    <>
      <Choice
        label={roomWords().notify}
        isLabelHidden
        value={props.room.notify}
        onChoose={(notify) => void set({ notify })}
        options={(['ALL', 'MENTIONS', 'NONE'] as const).map((value) => ({
          value,
          label: roomWords().notifyLevels[value],
        }))}
      />
      <Button
        isSmall
        class="self-start"
        aria-pressed={props.room.mutedAt !== null}
        onClick={() => void set({ isMuted: props.room.mutedAt === null })}
      >
        <BellOff size={14} aria-hidden="true" />
        {props.room.mutedAt ? roomWords().unmute : roomWords().mute}
      </Button>
      <p class="text-tiny text-ink-faint">{roomWords().muteHint}</p>
    </>
  );
}
