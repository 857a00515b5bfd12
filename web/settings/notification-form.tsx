import { Show } from 'solid-js';

import { askForNotifications, notificationState } from '../browser/notifications';
import { Button } from '../ui/button';
import { settingsWords } from './words';

/** The browser is asked for its leave here, by a button, and nowhere else. */
export function NotificationForm() {
  return (
    <Show
      when={notificationState() === 'default'}
      fallback={<p class="text-ink-soft">{settingsWords().notificationStates[notificationState()]}</p>}
    >
      <Button class="self-start" onClick={() => void askForNotifications()}>
        {settingsWords().allowNotifications}
      </Button>
    </Show>
  );
}
