import * as Kobalte from '@kobalte/core/popover';
import english from 'emoji-picker-element/i18n/en';
import russian from 'emoji-picker-element/i18n/ru_RU';
import Picker from 'emoji-picker-element/picker';
import englishEmoji from 'emoji-picker-element-data/en/emojibase/data.json?url';
import russianEmoji from 'emoji-picker-element-data/ru/emojibase/data.json?url';
import { onCleanup, onMount, untrack } from 'solid-js';

import { isTouchKeyboard } from '../browser/composing';
import { language } from '../i18n/language';

/** What nearly all devices can draw. The server takes newer ones as well. */
const EMOJI_VERSION = 15;

interface EmojiPickerProps {
  label: string;
  /** What was pressed to open it. */
  anchor: HTMLElement;
  onPick: (emoji: string) => void;
  onClose: () => void;
}

/** Loaded when it is opened: it has two hundred kilobytes of emoji and their names, which come from our own server. */
export default function EmojiPicker(props: EmojiPickerProps) {
  // Needed once more when it is closed, and its owner's values are gone.
  const anchor = untrack(() => props.anchor);
  return (
    <Kobalte.Root
      open
      onOpenChange={(isOpen) => !isOpen && props.onClose()}
      anchorRef={() => anchor}
      placement="bottom-end"
      gutter={4}
      fitViewport
      overlap
    >
      <Kobalte.Portal>
        <Kobalte.Content
          aria-label={props.label}
          class="z-50 animate-[appear_100ms_ease-out] overflow-hidden rounded-lg border border-line-strong bg-raised shadow-lift outline-none"
          onOpenAutoFocus={(event) => event.preventDefault()}
          // A menu that opened it gives the focus back to its button afterwards.
          onFocusOutside={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (anchor.isConnected) anchor.focus({ preventScroll: true });
          }}
        >
          <Board onPick={(emoji) => props.onPick(emoji)} />
        </Kobalte.Content>
      </Kobalte.Portal>
    </Kobalte.Root>
  );
}

function Board(props: { onPick: (emoji: string) => void }) {
  let frame: HTMLDivElement | undefined;
  onMount(() => {
    const isRussian = language() === 'ru';
    const picker = new Picker({
      locale: language(),
      i18n: isRussian ? russian : english,
      dataSource: isRussian ? russianEmoji : englishEmoji,
      emojiVersion: EMOJI_VERSION,
    });
    picker.className = 'emoji-board';
    picker.addEventListener('emoji-click', ({ detail }) => detail.unicode && props.onPick(detail.unicode));
    frame?.append(picker);
    // On a telephone the keyboard would cover it.
    if (!isTouchKeyboard()) setTimeout(() => picker.shadowRoot?.querySelector('input')?.focus());
    onCleanup(() => picker.remove());
  });
  return <div ref={(element) => (frame = element)} />;
}
