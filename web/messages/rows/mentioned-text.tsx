import { createMemo, For } from 'solid-js';

import { useViewer } from '../../auth/session';
import type { Mention } from '../../store/message-fragments';

/** Words as written, with the names in it that mention a member of the room set off from the rest. */
export function MentionedText(props: { text: string; mentions: readonly Mention[] }) {
  const viewer = useViewer();
  const pieces = createMemo(() => piecesOf(props.text, props.mentions));
  return (
    <For each={pieces()}>
      {({ text, mention }) =>
        mention ? (
          <span
            class="rounded-sm bg-accent-tint px-0.5 font-medium text-accent"
            classList={{ 'outline outline-accent-line': mention.isRoom || mention.person?.id === viewer().person.id }}
            title={mention.person?.name ?? mention.agent?.name}
          >
            {text}
          </span>
        ) : (
          text
        )
      }
    </For>
  );
}

interface Piece {
  text: string;
  mention: Mention | null;
}

/** A name counts as the server read it: whole, and neither inside a word nor in an address. */
export function piecesOf(text: string, mentions: readonly Mention[]): Piece[] {
  const byName = new Map(mentions.flatMap((mention) => (mention.name ? [[mention.name, mention] as const] : [])));
  if (byName.size === 0) return [{ text, mention: null }];
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: written, 1: name = '', index } of text.matchAll(NAME)) {
    const reading = readingsOf(name.toLowerCase()).find((each) => byName.has(each));
    if (!reading) continue;
    const to = index + written.length - (name.length - reading.length);
    pieces.push({ text: text.slice(from, index), mention: null });
    pieces.push({ text: text.slice(index, to), mention: byName.get(reading) ?? null });
    from = to;
  }
  pieces.push({ text: text.slice(from), mention: null });
  return pieces.filter((piece) => piece.text !== '');
}

const NAME = /(?<![\p{L}\p{N}_.+/@-])@([a-z0-9][a-z0-9._-]{1,31})(?![\p{L}\p{N}_])/giu;

/** The name, and the name without the punctuation that may end a sentence. */
function readingsOf(name: string): string[] {
  const readings = [name];
  for (let shorter = name; /[._-]$/.test(shorter);) readings.push((shorter = shorter.slice(0, -1)));
  return readings;
}
