import Bot from 'lucide-solid/icons/bot';
import { Show } from 'solid-js';

interface AvatarProps {
  name: string;
  color: string;
  /** Of a program that writes under that name. */
  isAgent?: boolean | undefined;
  isSmall?: boolean;
}

/** On a person's colour their initials, or that they are an agent. The name stands beside it, so readers of the screen skip it. */
export function Avatar(props: AvatarProps) {
  return (
    <span
      aria-hidden="true"
      class="grid shrink-0 place-items-center rounded-md font-semibold select-none"
      classList={{ 'size-8 text-small': !props.isSmall, 'size-6 text-tiny': !!props.isSmall }}
      style={{ background: props.color, color: '#fff' }}
    >
      <Show when={props.isAgent} fallback={initialsOf(props.name)}>
        <Bot size={props.isSmall ? 14 : 16} />
      </Show>
    </span>
  );
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : ''].map(firstOf).join('').toLocaleUpperCase();
}

function firstOf(word = ''): string {
  const [first] = graphemes.segment(word);
  return first?.segment ?? '';
}
