import { Show } from 'solid-js';

/**
 * One line of text in the direction of its language, cut where it is too long. The element is replaced with its text: Chromium does
 * not evaluate `dir="auto"` again when the text of an element changes.
 */
export function OwnDirection(props: { text: string }) {
  return (
    <Show when={{ text: props.text }} keyed>
      {({ text }) => (
        <span dir="auto" class="block truncate">
          {text}
        </span>
      )}
    </Show>
  );
}
