import Pencil from 'lucide-solid/icons/pencil';
import Trash from 'lucide-solid/icons/trash';
import { createSignal, Show, untrack } from 'solid-js';
import { t } from '../../i18n';
import { threadWords } from '../words';
import { formatMoment, formatTime } from '../../i18n/format';
import { effectiveContent, type Message } from '../../store/message-fragments';
import { IconButton } from '../../ui/button';
import { CopyButton } from '../../ui/copy-button';
import { Branches, type Direction } from '../branches';
import { createEditing } from '../create-editing';
import { createMessageActions } from '../create-message-actions';
import { useChatPlace } from '../place';
import { Bubble, Tombstone } from './bubble';
import { DeleteDialog } from './delete-dialog';
import { MessageEditor } from './message-editor';

interface OwnMessageProps {
  message: Message;
  focusOn: Direction | undefined;
  onSelect: (messageId: string, direction: Direction) => void;
  /** Returns what went wrong, in words. */
  onSendBeside: (content: string, clientId: string) => Promise<string | null>;
}

/** What the person wrote, as written: their marks are not markup. */
export function OwnMessage(props: OwnMessageProps) {
  const [isAsking, setAsking] = createSignal(false);
  const actions = createMessageActions();
  const editing = createEditing(() => props.message);

  return (
    <article
      ref={editing.row}
      aria-label={t().common.you}
      class="group flex flex-col items-end outline-none"
      data-message={props.message.id}
    >
      <Show
        when={editing.isEditing()}
        fallback={
          <Show
            when={!props.message.isDeleted}
            fallback={
              <>
                <Tombstone by={props.message.deletedBy?.name} />
                <Branches message={props.message} focusOn={props.focusOn} onSelect={props.onSelect} />
              </>
            }
          >
            <Bubble>{effectiveContent(props.message)}</Bubble>
            <OwnMessageTools
              {...props}
              ref={editing.editButton}
              onEdit={editing.open}
              onDelete={() => setAsking(true)}
            />
          </Show>
        }
      >
        <MessageEditor
          text={untrack(() => effectiveContent(props.message))}
          draft={editing.draft()}
          obstacle={editing.obstacle()}
          onText={editing.keepWording}
          onSave={(text) => actions.edit(props.message.id, text)}
          onSendAgain={props.onSendBeside}
          onMove={editing.moveToComposer}
          onClose={editing.close}
        />
      </Show>
      <DeleteDialog
        hint={threadWords().deleteHint}
        isOpen={isAsking()}
        onClose={() => setAsking(false)}
        onDelete={() => void actions.remove(props.message.id)}
      />
    </article>
  );
}

interface OwnMessageToolsProps extends OwnMessageProps {
  /** The button that opens the editor. */
  ref: (element: HTMLButtonElement) => void;
  onEdit: () => void;
  onDelete: () => void;
}

function OwnMessageTools(props: OwnMessageToolsProps) {
  const place = useChatPlace();
  return (
    <div class="mt-1 flex min-h-8 flex-wrap items-center justify-end gap-0.5 text-ink-faint touch:min-h-10">
      <div class="flex opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100">
        <CopyButton
          label={threadWords().copyMessage}
          doneLabel={t().common.copied}
          text={() => effectiveContent(props.message)}
        />
        <Show when={!place.isClosed()}>
          <IconButton ref={props.ref} label={threadWords().editMessage} onClick={() => props.onEdit()}>
            <Pencil size={15} aria-hidden="true" />
          </IconButton>
          <IconButton class="touch:ml-3" label={threadWords().deleteMessage} onClick={() => props.onDelete()}>
            <Trash size={15} aria-hidden="true" />
          </IconButton>
        </Show>
      </div>
      <Branches message={props.message} focusOn={props.focusOn} onSelect={props.onSelect} />
      <span class="pl-1.5 font-mono text-tiny">
        <Show when={props.message.editedAt}>
          {(at) => <span title={formatMoment(at())}>{threadWords().edited} · </span>}
        </Show>
        <time datetime={props.message.createdAt} title={formatMoment(props.message.createdAt)}>
          {formatTime(props.message.createdAt)}
        </time>
      </span>
    </div>
  );
}
