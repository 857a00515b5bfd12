/** Initials on a person's colour. The name stands beside it, so readers of the screen skip it. */
export function Avatar(props: { name: string; color: string; isSmall?: boolean }) {
  return (
    <span
      aria-hidden="true"
      class="grid shrink-0 place-items-center rounded-md font-semibold select-none"
      classList={{ 'size-8 text-small': !props.isSmall, 'size-6 text-tiny': !!props.isSmall }}
      style={{ background: props.color, color: '#fff' }}
    >
      {initialsOf(props.name)}
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
