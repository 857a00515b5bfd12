import { Key } from '@solid-primitives/keyed';
import { createResource, Show } from 'solid-js';
import { currentSession, listSessions, revokeSession, type DeviceSession } from '../auth/accounts';
import { t } from '../i18n';
import { settingsWords } from './words';
import { formatMoment } from '../i18n/format';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { toast } from '../ui/toasts';
import { deviceOf } from './device';

export function SessionList() {
  const [sessions, { refetch }] = createResource(() => Promise.all([listSessions(), currentSession()]));
  const list = () => (sessions.error ? [] : (sessions.latest?.[0] ?? []));
  const isThis = (session: DeviceSession) => session.token === sessions.latest?.[1]?.session.token;

  async function revoke({ token }: DeviceSession) {
    try {
      await revokeSession(token);
      toast(settingsWords().revoked);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
    void refetch();
  }

  return (
    <>
      <Show when={sessions.error instanceof Error && sessions.error.message}>
        {(words) => (
          <Notice
            tone="danger"
            actions={
              <Button isSmall onClick={() => void refetch()}>
                {t().common.retry}
              </Button>
            }
          >
            {words()}
          </Notice>
        )}
      </Show>
      <ul aria-label={settingsWords().sessions} class="flex flex-col rounded-lg border border-line empty:hidden">
        <Key each={list()} by="token">
          {(session) => (
            <li class="flex items-center gap-4 border-t border-line px-4 py-3 first:border-0">
              <div class="min-w-0 flex-1">
                <p>
                  {deviceOf(session().userAgent) ?? settingsWords().unknownDevice}
                  <Show when={isThis(session())}>
                    <span class="ml-2 text-small text-accent">{settingsWords().thisSession}</span>
                  </Show>
                </p>
                <p class="font-mono text-tiny text-ink-faint">
                  {settingsWords().signedInAt(formatMoment(session().createdAt))}
                  <Show when={session().ipAddress}>{(address) => ` · ${address()}`}</Show>
                </p>
              </div>
              <Show when={!isThis(session())}>
                <Button
                  isSmall
                  aria-label={settingsWords().revokeOf(deviceOf(session().userAgent) ?? settingsWords().unknownDevice)}
                  onClick={() => void revoke(session())}
                >
                  {settingsWords().revoke}
                </Button>
              </Show>
            </li>
          )}
        </Key>
      </ul>
    </>
  );
}
