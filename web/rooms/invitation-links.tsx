import { createSignal, For, Show } from 'solid-js';

import { t } from '../i18n';
import { formatMoment } from '../i18n/format';
import { Button } from '../ui/button';
import { CopyButton } from '../ui/copy-button';
import { inputShape, SelectField } from '../ui/field';
import type { RoomActions } from './create-room-actions';
import type { Invitation } from './create-room-details';
import { roomWords } from './words';

interface InvitationLinksProps {
  roomId: string;
  invitations: readonly Invitation[];
  actions: RoomActions;
  /** Resolves when `invitations` are those of now. */
  onChange: () => Promise<void>;
}

const DAYS = [1, 7, 30];
const USES = [1, 5, 20, 100];

/** Makes a link by which others come, which is shown this once, and revokes those that can still be used. */
export function InvitationLinks(props: InvitationLinksProps) {
  const [made, setMade] = createSignal<{ id: string; link: string } | null>(null);
  const [days, setDays] = createSignal(7);
  const [maxUses, setMaxUses] = createSignal(20);

  async function make() {
    const link = await props.actions.invite(props.roomId, { days: days(), maxUses: maxUses() });
    // Together: a row that came later would move what one is about to press.
    if (link) await props.onChange();
    setMade(link);
  }

  async function revoke(id: string) {
    await props.actions.revoke(id);
    await props.onChange();
    if (made()?.id === id) setMade(null);
  }

  return (
    <>
      <div class="grid grid-cols-2 gap-2">
        <SelectField
          label={roomWords().linkDays}
          value={String(days())}
          onChange={(event) => setDays(Number(event.currentTarget.value))}
        >
          <For each={DAYS}>{(count) => <option value={count}>{roomWords().days(count)}</option>}</For>
        </SelectField>
        <SelectField
          label={roomWords().linkUses}
          value={String(maxUses())}
          onChange={(event) => setMaxUses(Number(event.currentTarget.value))}
        >
          <For each={USES}>{(count) => <option value={count}>{roomWords().persons(count)}</option>}</For>
        </SelectField>
      </div>
      <Button isSmall class="self-start" onClick={() => void make()}>
        {roomWords().makeLink}
      </Button>
      <Show when={made()?.link}>
        {(address) => (
          <div class="flex items-center gap-1">
            <input
              class={`${inputShape} h-9 touch:h-10 min-w-0 flex-1 font-mono text-small!`}
              aria-label={roomWords().link}
              readonly
              value={address()}
              onFocus={(event) => event.currentTarget.select()}
            />
            <CopyButton label={roomWords().copyLink} doneLabel={t().common.copied} text={address} />
          </div>
        )}
      </Show>
      <ul aria-label={roomWords().openLinks} class="flex flex-col empty:hidden">
        <For each={props.invitations}>
          {(invitation) => (
            <li class="flex items-center gap-2 text-small text-ink-soft">
              <span class="min-w-0 flex-1">
                {roomWords().linkState(invitation.uses, invitation.maxUses, formatMoment(invitation.expiresAt))}
              </span>
              <Button isSmall look="quiet" onClick={() => void revoke(invitation.id)}>
                {roomWords().revoke}
              </Button>
            </li>
          )}
        </For>
      </ul>
    </>
  );
}
