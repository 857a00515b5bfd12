import { Show } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import { roomWords } from './words';

/** At the corner of a person's initials: whether they are here. Nothing where that is unknown. */
export function PresenceDot(props: { personId: string }) {
  const feed = useFeed();
  return (
    <Show when={feed.state().presence.get(props.personId)}>
      {(presence) => (
        <span
          role="img"
          aria-label={roomWords().presence[presence()]}
          title={roomWords().presence[presence()]}
          class="absolute -right-1 -bottom-1 size-3 rounded-full border-2 border-panel"
          classList={{
            'bg-accent': presence() === 'ONLINE',
            'bg-warning': presence() === 'AWAY',
            'bg-hover': presence() === 'OFFLINE',
          }}
        />
      )}
    </Show>
  );
}
