import ArrowUp from 'lucide-solid/icons/arrow-up';
import Square from 'lucide-solid/icons/square';
import { createEffect, createUniqueId, onMount, Show, type JSX } from 'solid-js';
import { keyWords } from '../ui/words';
import { composerWords } from './words';
import { createCommands } from '../ui/commands';
import { isComposing, isSendKey, isTouchKeyboard } from '../browser/composing';
import { createFileDrop } from '../ui/file-drop';
import { toast } from '../ui/toasts';
import type { MentionCompletion } from './create-mention-completion';
import { MentionList, optionId } from './mention-list';
import { LONGEST_MESSAGE, textOfFiles } from './text-files';

/** From here on the room left is said. */
const NEARLY_FULL = 90_000;

interface ComposerProps {
  text: string;
  onText: (text: string) => void;
  onSend: (text: string) => void;
  onStop: () => void;
  /** ↑ in the empty box. */
  onEditLast?: () => void;
  /** Esc is for something else first: returns whether it was used. */
  onEscape?: () => boolean;
  /** End in the empty box. */
  onEnd?: () => void;
  /** Esc has taken the focus from the empty box: where it is to be instead. */
  onLeave?: () => void;
  isRunning: boolean;
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
  const listId = createUniqueId();
  let field: HTMLTextAreaElement | undefined;
  const over = () => props.text.length - LONGEST_MESSAGE;
  const canSend = () => props.text.trim() !== '' && over() <= 0 && !props.isRunning && !props.isBusy;

  onMount(() => {
    if (!field) return;
    props.ref?.(field);
    if (props.isAutofocused && window.matchMedia('(hover: hover)').matches) field.focus();
  });

  function send() {
    if (canSend()) {
      const text = trimmed(props.text);
      // What is sent is what stands in the box: else the blanks around it would stay behind as a draft.
      props.onText(text);
      props.onSend(text);
    }
    field?.focus();
  }

  createCommands([
    { id: 'write', label: () => keyWords().focusComposer, keys: 'm', run: () => field?.focus() },
    { id: 'send', label: () => keyWords().send, keys: isTouchKeyboard() ? 'mod+enter' : 'enter', isLocal: true },
    {
      id: 'newline',
      label: () => keyWords().newline,
      keys: isTouchKeyboard() ? 'enter' : 'shift+enter',
      isLocal: true,
    },
    { id: 'leave-composer', label: () => keyWords().leaveComposer, keys: 'escape', isLocal: true },
  ]);
  createFileDrop((files) => void insertFiles(files));

  function handleKey(event: KeyboardEvent) {
    if (field && !isComposing(event) && props.completion?.handleKey(event, field)) return event.preventDefault();
    if (isSendKey(event)) {
      event.preventDefault();
      return send();
    }
    if (isComposing(event) || hasModifier(event)) return;
    if (event.key === 'Escape' && props.onEscape?.()) return event.preventDefault();
    if (props.text !== '') return;
    if (event.key === 'ArrowUp' && props.onEditLast) {
      event.preventDefault();
      props.onEditLast();
    }
    if (event.key === 'End' && props.onEnd) {
      event.preventDefault();
      props.onEnd();
    }
    // While an answer is written, Esc is the page's key to stop it.
    if (event.key === 'Escape' && !props.isRunning) {
      event.preventDefault();
      field?.blur();
      props.onLeave?.();
    }
  }

  /** A picture of what was copied may come along with text, as from a spreadsheet: then the text is pasted. */
  function pasteFiles(event: ClipboardEvent) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || event.clipboardData?.types.includes('text/plain')) return;
    event.preventDefault();
    void insertFiles(files);
  }

  async function insertFiles(files: File[]) {
    const found = await textOfFiles(files);
    if ('problem' in found) return toast(composerWords()[found.problem]);
    if (field) insertText(field, found.text);
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
      <Show when={props.completion}>
        {(completion) => (
          <MentionList
            id={listId}
            completion={completion()}
            onChoose={(option) => field && completion().choose(field, option)}
          />
        )}
      </Show>
      <div class="relative">
        <textarea
          ref={(element) => (field = element)}
          rows="1"
          dir="auto"
          aria-label={composerWords().label}
          aria-describedby={hintId}
          placeholder={props.placeholder}
          class="field-sizing-content block max-h-[40dvh] min-h-12 w-full resize-none overflow-y-auto bg-transparent px-4 pt-3 pb-1 text-read outline-none max-md:text-[16px]"
          value={props.text}
          aria-autocomplete={props.completion && 'list'}
          aria-controls={props.completion?.isOpen() ? listId : undefined}
          aria-activedescendant={
            props.completion?.isOpen() ? optionId(listId, props.completion.activeIndex()) : undefined
          }
          onInput={(event) => {
            props.onText(event.currentTarget.value);
            props.completion?.look(event.currentTarget);
          }}
          onSelect={(event) => props.completion?.look(event.currentTarget)}
          onBlur={() => props.completion?.close()}
          onKeyDown={handleKey}
          onPaste={pasteFiles}
          enterkeyhint={isTouchKeyboard() ? 'enter' : 'send'}
        />
        <GrowWithout field={() => field} text={props.text} />
      </div>
      <div class="flex h-11 items-center gap-2 pr-2 pl-2">
        {props.picker}
        <p
          id={hintId}
          class="min-w-0 flex-1 truncate text-right text-tiny text-ink-faint"
          classList={{
            'text-danger!': over() > 0,
            'max-md:invisible': props.text.length < NEARLY_FULL && !props.isRunning,
          }}
        >
          <Hint length={props.text.length} isRunning={props.isRunning} />
        </p>
        <Show
          when={props.isRunning}
          fallback={
            <button
              type="submit"
              aria-label={composerWords().send}
              title={composerWords().send}
              aria-disabled={!canSend()}
              class="grid size-8 shrink-0 place-items-center rounded-lg bg-accent text-accent-ink transition-colors touch:size-10 aria-disabled:bg-hover aria-disabled:text-ink-faint"
            >
              <ArrowUp size={18} aria-hidden="true" />
            </button>
          }
        >
          <button
            type="button"
            aria-label={composerWords().stop}
            title={composerWords().stop}
            class="grid size-8 shrink-0 place-items-center rounded-lg bg-ink text-ground touch:size-10"
            onClick={() => {
              props.onStop();
              field?.focus();
            }}
          >
            <Square size={12} fill="currentColor" aria-hidden="true" />
          </button>
        </Show>
      </div>
    </form>
  );
}

function hasModifier(event: KeyboardEvent): boolean {
  return event.shiftKey || event.altKey || event.ctrlKey || event.metaKey;
}

/** At the caret, so that it can be undone where the browser knows how. */
function insertText(field: HTMLTextAreaElement, text: string) {
  field.focus();
  if (document.execCommand('insertText', false, text)) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
}

/** Without blank lines at either end; the first line keeps its indentation, which may be code's. */
function trimmed(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();
}

function Hint(props: { length: number; isRunning: boolean }) {
  const words = () => {
    if (props.length > LONGEST_MESSAGE) return composerWords().tooLong(props.length - LONGEST_MESSAGE);
    if (props.length >= NEARLY_FULL) return composerWords().left(LONGEST_MESSAGE - props.length);
    if (props.isRunning) return composerWords().waitHint;
    return isTouchKeyboard() ? '' : composerWords().hint;
  };
  return <>{words()}</>;
}

/** Grows the field by hand in browsers that do not know `field-sizing` yet. */
function GrowWithout(props: { field: () => HTMLTextAreaElement | undefined; text: string }) {
  if (CSS.supports('field-sizing', 'content')) return null;
  createEffect(() => {
    const field = props.field();
    if (!field) return;
    field.style.height = 'auto';
    if (props.text) field.style.height = `${field.scrollHeight}px`;
  });
  return null;
}
