import ArrowUp from 'lucide-solid/icons/arrow-up';
import Square from 'lucide-solid/icons/square';
import { createUniqueId, onMount, Show, type JSX } from 'solid-js';
import { keyWords } from '../ui/words';
import { composerWords } from './words';
import { createCommands } from '../ui/commands';
import { isTouchKeyboard } from '../browser/composing';
import { ComposerField } from './composer-field';
import { handleComposerKey, type ComposerKeys } from './composer-keys';
import type { MentionCompletion } from './create-mention-completion';
import { LONGEST_MESSAGE } from './text-files';

/** From here on the room left is said. */
const NEARLY_FULL = 90_000;

interface ComposerProps extends ComposerKeys {
  onText: (text: string) => void;
  onSend: (text: string) => void;
  onStop: () => void;
  isBusy?: boolean;
  isAutofocused: boolean;
  placeholder: string;
  /** Stands above the text: what is replied to. */
  above?: JSX.Element;
  /** Offers names while one types them after `@`. */
  completion?: MentionCompletion;
  /** Stands beside Send: who is asked. */
  picker: JSX.Element;
  ref?: (field: HTMLTextAreaElement) => void;
}

export function Composer(props: ComposerProps) {
  const hintId = createUniqueId();
  let field: HTMLTextAreaElement | undefined;
  const canSend = () =>
    props.text.trim() !== '' && props.text.length <= LONGEST_MESSAGE && !props.isRunning && !props.isBusy;

  onMount(() => {
    if (!field) return;
    props.ref?.(field);
    if (props.isAutofocused && window.matchMedia('(hover: hover)').matches) field.focus();
  });
  createComposerCommands(() => field?.focus());

  function send() {
    if (canSend()) {
      const text = trimmed(props.text);
      // What is sent is what stands in the box: else the blanks around it would stay behind as a draft.
      props.onText(text);
      props.onSend(text);
    }
    field?.focus();
  }

  return (
    <form
      class="relative rounded-xl border border-field bg-panel transition-colors focus-within:border-accent"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {props.above}
      <ComposerField
        ref={(element) => (field = element)}
        text={props.text}
        onText={props.onText}
        onKey={(event) => handleComposerKey(event, props, send)}
        placeholder={props.placeholder}
        hintId={hintId}
        completion={props.completion}
      />
      <div class="flex h-11 items-center gap-2 pr-2 pl-2">
        {props.picker}
        <Hint id={hintId} length={props.text.length} isRunning={props.isRunning} />
        <Show when={props.isRunning} fallback={<SendButton isDisabled={!canSend()} />}>
          <StopButton
            onStop={() => {
              props.onStop();
              field?.focus();
            }}
          />
        </Show>
      </div>
    </form>
  );
}

/** The keys that the list of keys names; `handleComposerKey` knows those that are local. */
function createComposerCommands(focus: () => void) {
  createCommands([
    { id: 'write', label: () => keyWords().focusComposer, keys: 'm', run: focus },
    { id: 'send', label: () => keyWords().send, keys: isTouchKeyboard() ? 'mod+enter' : 'enter', isLocal: true },
    {
      id: 'newline',
      label: () => keyWords().newline,
      keys: isTouchKeyboard() ? 'enter' : 'shift+enter',
      isLocal: true,
    },
    { id: 'leave-composer', label: () => keyWords().leaveComposer, keys: 'escape', isLocal: true },
  ]);
}

/** Without blank lines at either end; the first line keeps its indentation, which may be code's. */
function trimmed(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();
}

function Hint(props: { id: string; length: number; isRunning: boolean }) {
  const words = () => {
    if (props.length > LONGEST_MESSAGE) return composerWords().tooLong(props.length - LONGEST_MESSAGE);
    if (props.length >= NEARLY_FULL) return composerWords().left(LONGEST_MESSAGE - props.length);
    if (props.isRunning) return composerWords().waitHint;
    return isTouchKeyboard() ? '' : composerWords().hint;
  };
  return (
    <p
      id={props.id}
      class="min-w-0 flex-1 truncate text-right text-tiny text-ink-faint"
      classList={{
        'text-danger!': props.length > LONGEST_MESSAGE,
        'max-md:invisible': props.length < NEARLY_FULL && !props.isRunning,
      }}
    >
      {words()}
    </p>
  );
}

function SendButton(props: { isDisabled: boolean }) {
  return (
    <button
      type="submit"
      aria-label={composerWords().send}
      title={composerWords().send}
      aria-disabled={props.isDisabled}
      class="grid size-8 shrink-0 place-items-center rounded-lg bg-accent text-accent-ink transition-colors touch:size-10 aria-disabled:bg-hover aria-disabled:text-ink-faint"
    >
      <ArrowUp size={18} aria-hidden="true" />
    </button>
  );
}

function StopButton(props: { onStop: () => void }) {
  return (
    <button
      type="button"
      aria-label={composerWords().stop}
      title={composerWords().stop}
      class="grid size-8 shrink-0 place-items-center rounded-lg bg-ink text-ground touch:size-10"
      onClick={() => props.onStop()}
    >
      <Square size={12} fill="currentColor" aria-hidden="true" />
    </button>
  );
}
