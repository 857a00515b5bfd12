/** What the browser shows outside of the page, once its person allowed it. */
import { createSignal } from 'solid-js';

/** Also where the page has no right to ask, such as over plain http. */
const isSupported = typeof Notification !== 'undefined' && window.isSecureContext;

export type NotificationState = NotificationPermission | 'unsupported';

const [notificationState, setState] = createSignal<NotificationState>(
  isSupported ? Notification.permission : 'unsupported',
);

export { notificationState };

/** Only when a button was pressed: browsers block who asks by themselves. */
export async function askForNotifications(): Promise<void> {
  if (isSupported) setState(await Notification.requestPermission());
}

export interface PageNotification {
  title: string;
  body: string;
  /** A newer one of the same tag takes its place, also from another tab. */
  tag: string;
  onClick: () => void;
}

export function showNotification({ title, body, tag, onClick }: PageNotification): void {
  if (notificationState() !== 'granted') return;
  try {
    const shown = new Notification(title, { body, tag, icon: '/favicon.svg' });
    shown.addEventListener('click', () => {
      window.focus();
      shown.close();
      onClick();
    });
  } catch {
    // Chrome on Android shows those of service workers alone.
    setState('unsupported');
  }
}
