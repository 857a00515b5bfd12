import Pencil from 'lucide-solid/icons/pencil';
import Trash from 'lucide-solid/icons/trash';
import { createComputed, createEffect, createSignal, Show, untrack } from 'solid-js';
import { useViewer } from '../../auth/session';
import { t } from '../../i18n';
import { threadWords } from '../words';
import { formatMoment, formatTime } from '../../i18n/format';
import { effectiveContent, type Message } from '../../store/message-fragments';
import { IconButton } from '../../ui/button';
import { CopyButton } from '../../ui/copy-button';
import { Branches, type Direction } from '../branches';
import { createMessageActions } from '../create-message-actions';
import { draftOf, holdDraft, keepDraft, returnToDraft } from '../drafts';
import { takeEditRequest } from '../edit-request';
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
  const viewer = useViewer();
  const place = useChatPlace();
  // oxlint-disable-next-line solid/reactivity -- a message keeps its id
  holdDraft(viewer().id, props.message.id);
  const draft = () => draftOf(viewer().id, props.message.id);
  const [isEditing, setEditing] = createSignal(false);
  const [isAsking, setAsking] = createSignal(false);
  const actions = createMessageActions();
  let article: HTMLElement | undefined;
  let editButton: HTMLButtonElement | undefined;
  let cameFrom: Element | null = null;

  createEffect(() => {
    const request = takeEditRequest(props.message.id);
    if (!request) return;
    cameFrom = request.from;
    setEditing(true);
    setTimeout(() => article?.querySelector('textarea')?.focus());
  });

  // Another wording that was begun is open again after a reload or on another branch, but not where it cannot be sent.
  createComputed(() => draft() !== '' && !place.isClosed() && setEditing(true));
  // Without another wording there is nothing to keep open when the message is deleted elsewhere or its chat is closed.
  createComputed(() => (props.message.isDeleted || place.isClosed()) && untrack(draft) === '' && setEditing(false));

  function keepWording(text: string) {
    keepDraft(viewer().id, props.message.id, text === effectiveContent(props.message) ? '' : text);
  }

  function close() {
    const hadFocus = article?.contains(document.activeElement);
    keepDraft(viewer().id, props.message.id, '');
    setEditing(false);
    const next = cameFrom instanceof HTMLElement && cameFrom.isConnected ? cameFrom : editButton;
    cameFrom = null;
    if (hadFocus) next?.focus({ preventScroll: true });
  }

  /** Why what was typed can be neither saved nor sent. */
  const obstacle = () => {
    if (place.isClosed()) return 'closed';
    return props.message.isDeleted ? 'deleted' : null;
  };

  function moveToComposer(text: string) {
    returnToDraft(viewer().id, place.chatId, text);
    close();
    place.focusComposer();
  }

  return (
    <article
      ref={(element) => (article = element)}
      aria-label={t().common.you}
      class="group flex flex-col items-end outline-none"
      data-message={props.message.id}
    >
      <Show
        when={isEditing()}
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
              ref={(element) => (editButton = element)}
              onEdit={() => setEditing(true)}
              onDelete={() => setAsking(true)}
            />
          </Show>
        }
      >
        <MessageEditor
          text={untrack(() => effectiveContent(props.message))}
          draft={draft()}
          obstacle={obstacle()}
          onText={keepWording}
          onSave={(text) => actions.edit(props.message.id, text)}
          onSendAgain={place.isRoom() ? null : props.onSendBeside}
          onMove={moveToComposer}
          onClose={close}
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
