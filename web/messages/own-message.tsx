import CornerDownRight from 'lucide-solid/icons/corner-down-right';
import Pencil from 'lucide-solid/icons/pencil';
import Trash from 'lucide-solid/icons/trash';
import { createComputed, createEffect, createSignal, on, Show, untrack, type JSX } from 'solid-js';
import { useViewer } from '../auth/session';
import { makeIdempotencyKeys } from '../browser/client-id';
import { t } from '../i18n';
import { formatMoment, formatTime } from '../i18n/format';
import { Button, IconButton } from '../ui/button';
import { isComposing, isSendKey } from '../browser/composing';
import { CopyButton } from '../ui/copy-button';
import { ConfirmDialog } from '../ui/dialog';
import { Notice } from '../ui/notice';
import { Branches, type Direction } from './branches';
import { createMessageActions } from './create-message-actions';
import { draftOf, holdDraft, keepDraft, returnToDraft } from './drafts';
import { takeEditRequest } from './edit-request';
import { effectiveContent, type Message } from '../store/message-fragments';
import type { OutgoingMessage } from './outbox';
import { useChatPlace } from './place';

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
                <Tombstone />
                <Branches message={props.message} focusOn={props.focusOn} onSelect={props.onSelect} />
              </>
            }
          >
            <Bubble>{effectiveContent(props.message)}</Bubble>
            <div class="mt-1 flex min-h-8 flex-wrap items-center justify-end gap-0.5 text-ink-faint touch:min-h-10">
              <div class="flex opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100">
                <CopyButton
                  label={t().thread.copyMessage}
                  doneLabel={t().common.copied}
                  text={() => effectiveContent(props.message)}
                />
                <Show when={!place.isClosed()}>
                  <IconButton
                    ref={(element) => (editButton = element)}
                    label={t().thread.editMessage}
                    onClick={() => setEditing(true)}
                  >
                    <Pencil size={15} aria-hidden="true" />
                  </IconButton>
                  <IconButton class="touch:ml-3" label={t().thread.deleteMessage} onClick={() => setAsking(true)}>
                    <Trash size={15} aria-hidden="true" />
                  </IconButton>
                </Show>
              </div>
              <Branches message={props.message} focusOn={props.focusOn} onSelect={props.onSelect} />
              <span class="pl-1.5 font-mono text-tiny">
                <Show when={props.message.editedAt}>
                  {(at) => <span title={formatMoment(at())}>{t().thread.edited} · </span>}
                </Show>
                <time datetime={props.message.createdAt} title={formatMoment(props.message.createdAt)}>
                  {formatTime(props.message.createdAt)}
                </time>
              </span>
            </div>
          </Show>
        }
      >
        <Editor
          text={untrack(() => effectiveContent(props.message))}
          draft={draft()}
          obstacle={obstacle()}
          onText={keepWording}
          onSave={(text) => actions.edit(props.message.id, text)}
          onSendAgain={props.onSendBeside}
          onMove={moveToComposer}
          onClose={close}
        />
      </Show>
      <ConfirmDialog
        isOpen={isAsking()}
        onClose={() => setAsking(false)}
        title={t().thread.deleteTitle}
        hint={t().thread.deleteHint}
        closeLabel={t().common.close}
        cancel={t().common.cancel}
        answer={t().common.delete}
        isDangerous
        onAnswer={() => {
          setAsking(false);
          void actions.remove(props.message.id);
        }}
      />
    </article>
  );
}

/** A message on its way: it looks as it will, and says so where it did not get through. */
export function OutgoingRow(props: { message: OutgoingMessage; onRetry: () => void; onTakeBack: () => void }) {
  return (
    <article aria-label={t().common.you} class="flex flex-col items-end">
      <Bubble>{props.message.content}</Bubble>
      <Show
        when={props.message.problem}
        fallback={<p class="mt-1 h-8 text-tiny leading-8 text-ink-faint">{t().thread.sending}</p>}
      >
        {(problem) => (
          <Notice
            tone={props.message.isWaiting ? 'warning' : 'danger'}
            class="mt-2 max-w-[85%]"
            actions={
              <>
                <Button isSmall onClick={() => props.onTakeBack()}>
                  {t().thread.backToComposer}
                </Button>
                <Button isSmall look="primary" onClick={() => props.onRetry()}>
                  {t().common.retry}
                </Button>
              </>
            }
          >
            {t().thread.notSent} {problem()}
          </Notice>
        )}
      </Show>
    </article>
  );
}

function Bubble(props: { children: JSX.Element }) {
  return (
    <div
      dir="auto"
      class="max-w-[85%] rounded-2xl rounded-br-md border border-accent-line bg-accent-tint px-4 py-2.5 text-read break-words whitespace-pre-wrap [overflow-wrap:anywhere]"
    >
      {props.children}
    </div>
  );
}

export function Tombstone() {
  return (
    <p class="rounded-lg border border-dashed border-line px-4 py-2 text-small text-ink-faint italic">
      {t().thread.deleted}
    </p>
  );
}

type Obstacle = 'deleted' | 'closed';

interface EditorProps {
  text: string;
  /** What has been made of it so far; empty where nothing has. */
  draft: string;
  obstacle: Obstacle | null;
  onText: (text: string) => void;
  onSave: (text: string) => Promise<string | null>;
  onSendAgain: (text: string, clientId: string) => Promise<string | null>;
  /** Its text is to stand in the message field instead. */
  onMove: (text: string) => void;
  onClose: () => void;
}

function Editor(props: EditorProps) {
  const [problem, setProblem] = createSignal<string | null>(null);
  const [isBusy, setBusy] = createSignal(false);
  const nameOf = makeIdempotencyKeys();
  // What was left here waits: it asks for no focus. From then on the field alone knows its text, also when it is emptied.
  const left = untrack(() => props.draft);
  let field!: HTMLTextAreaElement;

  // What a crashed page left is found only after a while: the draft has it before what was typed here meanwhile.
  createEffect(
    on(
      () => props.draft,
      (draft) => {
        const isUntouched = field.value === untrack(() => props.text);
        if (draft !== '' && draft !== field.value && (isUntouched || draft.endsWith(field.value))) field.value = draft;
      },
      { defer: true },
    ),
  );

  async function save() {
    if (field.value.trim() === props.text) return props.onClose();
    await take(props.onSave);
  }

  const sendAgain = () => take(props.onSendAgain);

  async function take(how: (text: string, clientId: string) => Promise<string | null>) {
    const text = field.value.trim();
    if (text === '' || isBusy() || props.obstacle) return;
    setBusy(true);
    const words = await how(text, nameOf(text));
    setBusy(false);
    if (words) setProblem(words);
    else props.onClose();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (isComposing(event)) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      if (!props.obstacle) props.onClose();
    }
    if (isSendKey(event)) {
      event.preventDefault();
      void sendAgain();
    }
  }

  return (
    <div class="flex w-full max-w-[85%] flex-col gap-2 rounded-xl border border-accent bg-panel p-2 max-md:max-w-full">
      <textarea
        ref={(element) => {
          field = element;
          if (!left) setTimeout(() => element.focus());
        }}
        dir="auto"
        aria-label={t().thread.editField}
        class="field-sizing-content max-h-[40dvh] min-h-16 w-full resize-none bg-transparent px-2 py-1 text-read outline-none max-md:text-[16px]"
        value={left || untrack(() => props.text)}
        onInput={(event) => props.onText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Show when={problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
      <Show
        when={!props.obstacle}
        fallback={
          <Stranded
            obstacle={props.obstacle}
            onMove={() => props.onMove(field.value.trim())}
            onDiscard={() => props.onClose()}
          />
        }
      >
        <EditorButtons
          onSave={() => void save()}
          onSendAgain={() => void sendAgain()}
          onClose={() => props.onClose()}
        />
      </Show>
    </div>
  );
}

/** What was typed outlives the message or the chat that it was for. */
function Stranded(props: { obstacle: Obstacle | null; onMove: () => void; onDiscard: () => void }) {
  return (
    <Notice
      tone="warning"
      actions={
        <Show when={props.obstacle === 'deleted'}>
          <Button isSmall look="quiet" onClick={() => props.onDiscard()}>
            {t().thread.discardEdit}
          </Button>
          <Button isSmall look="primary" onClick={() => props.onMove()}>
            {t().thread.toComposer}
          </Button>
        </Show>
      }
    >
      {props.obstacle === 'deleted' ? t().thread.editedIsDeleted : t().thread.editedIsClosed}
    </Notice>
  );
}

function EditorButtons(props: { onSave: () => void; onSendAgain: () => void; onClose: () => void }) {
  return (
    <div class="flex flex-wrap justify-end gap-2">
      <Button
        isSmall
        look="quiet"
        class="max-md:h-10! max-md:w-full md:mr-auto"
        title={t().thread.saveHint}
        onClick={() => props.onSave()}
      >
        {t().thread.saveOnly}
      </Button>
      <Button isSmall class="max-md:h-10! max-md:grow" onClick={() => props.onClose()}>
        {t().common.cancel}
      </Button>
      <Button
        isSmall
        look="primary"
        class="max-md:h-10! max-md:grow"
        title={t().thread.sendAgainHint}
        onClick={() => props.onSendAgain()}
      >
        <CornerDownRight size={13} aria-hidden="true" />
        {t().thread.sendAgain}
      </Button>
    </div>
  );
}
