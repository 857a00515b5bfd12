import Trash from 'lucide-solid/icons/trash';
import { createSignal, Show } from 'solid-js';

import { t } from '../../i18n';
import { formatMoment, formatTime } from '../../i18n/format';
import { effectiveContent, type Message } from '../../store/message-fragments';
import { Avatar } from '../../ui/avatar';
import { IconButton } from '../../ui/button';
import { CopyButton } from '../../ui/copy-button';
import { createMessageActions } from '../create-message-actions';
import { useChatPlace } from '../place';
import { threadWords } from '../words';
import { Tombstone } from './bubble';
import { DeleteDialog } from './delete-dialog';

const SAME_BREATH_MS = 5 * 60 * 1_000;

/** Whether one person goes on within five minutes: then their name stands above the first message alone. */
export function continuesAuthor(before: Message | undefined, message: Message): boolean {
  if (!before?.author || before.role !== 'USER' || before.author.id !== message.author?.id) return false;
  return Date.parse(message.createdAt) - Date.parse(before.createdAt) < SAME_BREATH_MS;
}

/** What somebody else wrote in a room, as written. */
export function PersonMessage(props: { message: Message; isContinued: boolean }) {
  const place = useChatPlace();
  const actions = createMessageActions();
  const [isAsking, setAsking] = createSignal(false);
  const name = () => props.message.author?.name ?? threadWords().formerMember;
  return (
    <article
      aria-label={name()}
      class="group flex gap-3 outline-none"
      classList={{ '-mt-3': props.isContinued }}
      data-message={props.message.id}
    >
      <div class="w-8 shrink-0">
        <Show when={!props.isContinued}>
          <Avatar name={name()} color={props.message.author?.avatarColor ?? 'var(--ink-faint)'} />
        </Show>
      </div>
      <div class="min-w-0 flex-1">
        <Show when={!props.isContinued}>
          <p class="flex items-baseline gap-2">
            <span class="font-medium">{name()}</span>
            <time
              class="font-mono text-tiny text-ink-faint"
              datetime={props.message.createdAt}
              title={formatMoment(props.message.createdAt)}
            >
              {formatTime(props.message.createdAt)}
            </time>
          </p>
        </Show>
        <Show when={!props.message.isDeleted} fallback={<Tombstone by={props.message.deletedBy?.name} />}>
          <div class="flex items-start gap-2">
            <p dir="auto" class="min-w-0 flex-1 text-read break-words whitespace-pre-wrap [overflow-wrap:anywhere]">
              {effectiveContent(props.message)}
              <Show when={props.message.editedAt}>
                {(at) => (
                  <span class="pl-1.5 text-tiny text-ink-faint" title={formatMoment(at())}>
                    ({threadWords().edited})
                  </span>
                )}
              </Show>
            </p>
            <div class="-my-1 flex opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100">
              <CopyButton
                label={threadWords().copyMessage}
                doneLabel={t().common.copied}
                text={() => effectiveContent(props.message)}
              />
              <Show when={place.canDeleteAny() && !place.isClosed()}>
                <IconButton label={threadWords().deleteMessage} onClick={() => setAsking(true)}>
                  <Trash size={15} aria-hidden="true" />
                </IconButton>
              </Show>
            </div>
          </div>
        </Show>
      </div>
      <DeleteDialog
        isOpen={isAsking()}
        hint={threadWords().deleteOthersHint(name())}
        onClose={() => setAsking(false)}
        onDelete={() => void actions.remove(props.message.id)}
      />
    </article>
  );
}
