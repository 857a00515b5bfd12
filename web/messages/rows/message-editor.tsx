import CornerDownRight from 'lucide-solid/icons/corner-down-right';
import { createEffect, createSignal, on, Show, untrack } from 'solid-js';
import { makeIdempotencyKeys } from '../../browser/client-id';
import { isComposing, isSendKey } from '../../browser/composing';
import { t } from '../../i18n';
import { threadWords } from '../words';
import { Button } from '../../ui/button';
import { Notice } from '../../ui/notice';

export type Obstacle = 'deleted' | 'closed';

interface EditorProps {
  text: string;
  /** What has been made of it so far; empty where nothing has. */
  draft: string;
  obstacle: Obstacle | null;
  onText: (text: string) => void;
  onSave: (text: string) => Promise<string | null>;
  /** Null in a room, where an edited message keeps its place. */
  onSendAgain: ((text: string, clientId: string) => Promise<string | null>) | null;
  /** Its text is to stand in the message field instead. */
  onMove: (text: string) => void;
  onClose: () => void;
}

/** Changes the wording of an own message, or sends it again beside the old one. */
export function MessageEditor(props: EditorProps) {
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

  const sendAgain = () => (props.onSendAgain ? take(props.onSendAgain) : save());

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
        aria-label={threadWords().editField}
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
          canSendAgain={props.onSendAgain !== null}
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
            {threadWords().discardEdit}
          </Button>
          <Button isSmall look="primary" onClick={() => props.onMove()}>
            {threadWords().toComposer}
          </Button>
        </Show>
      }
    >
      {props.obstacle === 'deleted' ? threadWords().editedIsDeleted : threadWords().editedIsClosed}
    </Notice>
  );
}

function EditorButtons(props: {
  canSendAgain: boolean;
  onSave: () => void;
  onSendAgain: () => void;
  onClose: () => void;
}) {
  return (
    <div class="flex flex-wrap justify-end gap-2">
      <Button
        isSmall
        look={props.canSendAgain ? 'quiet' : 'primary'}
        class="max-md:h-10! max-md:w-full"
        classList={{ 'md:mr-auto': props.canSendAgain, 'md:order-last': !props.canSendAgain }}
        title={threadWords().saveHint}
        onClick={() => props.onSave()}
      >
        {threadWords().saveOnly}
      </Button>
      <Button isSmall class="max-md:h-10! max-md:grow" onClick={() => props.onClose()}>
        {t().common.cancel}
      </Button>
      <Show when={props.canSendAgain}>
        <Button
          isSmall
          look="primary"
          class="max-md:h-10! max-md:grow"
          title={threadWords().sendAgainHint}
          onClick={() => props.onSendAgain()}
        >
          <CornerDownRight size={13} aria-hidden="true" />
          {threadWords().sendAgain}
        </Button>
      </Show>
    </div>
  );
}
