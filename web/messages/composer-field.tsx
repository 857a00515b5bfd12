import { createEffect, createUniqueId, Show } from 'solid-js';

import { isComposing, isTouchKeyboard } from '../browser/composing';
import { createFileDrop } from '../ui/file-drop';
import { toast } from '../ui/toasts';
import type { FieldKeyEvent } from './composer-keys';
import type { MentionCompletion } from './create-mention-completion';
import { insertText } from './insert-text';
import { MentionList, optionId } from './mention-list';
import { textOfFiles } from './text-files';
import { composerWords } from './words';

interface ComposerFieldProps {
  text: string;
  onText: (text: string) => void;
  /** A key that the completion has no use for. */
  onKey: (event: FieldKeyEvent) => void;
  placeholder: string;
  /** The element that describes the field. */
  hintId: string;
  completion: MentionCompletion | undefined;
  ref: (field: HTMLTextAreaElement) => void;
}

/** The text of a message, with names that are offered and files that are dropped or pasted into it. */
export function ComposerField(props: ComposerFieldProps) {
  const listId = createUniqueId();
  let field: HTMLTextAreaElement | undefined;
  createFileDrop((files) => void insertFiles(files));

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
    <>
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
          ref={(element) => {
            field = element;
            props.ref(element);
          }}
          rows="1"
          dir="auto"
          aria-label={composerWords().label}
          aria-describedby={props.hintId}
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
          onKeyDown={(event) => {
            const isUsed = !isComposing(event) && props.completion?.handleKey(event, event.currentTarget);
            if (isUsed) event.preventDefault();
            else props.onKey(event);
          }}
          onPaste={pasteFiles}
          enterkeyhint={isTouchKeyboard() ? 'enter' : 'send'}
        />
        <GrowWithout field={() => field} text={props.text} />
      </div>
    </>
  );
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
