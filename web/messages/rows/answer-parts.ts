import { createMemo } from 'solid-js';

import { effectiveContent, type Message } from '../../store/message-fragments';
import { isActive } from '../../store/run';
import type { Part, RunText } from '../../store/run-text';
import { heal } from '../../ui/markdown-heal';

export interface AnswerSource {
  message: Message;
  /** What a run has written so far, while it writes. */
  textOf: (runId: string) => RunText | undefined;
  /** The pieces that this one goes on with; none for an answer from its beginning. */
  opening: readonly Message[];
  /** The pieces that go on with it, each in the middle of a sentence, may be: the first piece shows the text of them all. */
  rest: readonly Message[];
}

/** The thoughts and the text of an answer, and which of them still grow. */
export function createAnswerParts(source: AnswerSource) {
  const own = createMemo(() => partsOf(source.message, source.textOf));
  const textOf = (piece: Message) => textIn(partsOf(piece, source.textOf));
  const newest = () => source.rest.at(-1) ?? source.message;
  const shown = createMemo<readonly Part[]>(() => {
    if (source.opening.length > 0) return own().filter(({ kind }) => kind === 'THINKING');
    const whole = withRest(own(), source.rest.map(textOf));
    return newest().run?.isCut ? withCleanEnd(whole) : whole;
  });
  const isGrowing = () => isActive(source.message.run);
  const isLast = (index: number) => index === shown().length - 1;
  return {
    shown,
    isGrowing,
    isWaiting: () => isGrowing() && own().length === 0,
    /** Nothing was said; it may have been thought. */
    isEmpty: () => textIn(own()).trim() === '',
    isTextGrowing: (index: number) => isLast(index) && isActive(newest().run),
    isThoughtGrowing: (index: number) => isLast(index) && isGrowing() && own().at(-1)?.kind === 'THINKING',
    /** From the beginning of the answer to the end of this piece. */
    wholeText: () => [...source.opening, source.message].map(textOf).join(''),
  };
}

function partsOf(message: Message, textOf: AnswerSource['textOf']): readonly Part[] {
  if (message.run && isActive(message.run)) return textOf(message.run.id)?.parts ?? [];
  return message.parts.length > 0 ? message.parts : [{ kind: 'TEXT', text: effectiveContent(message) }];
}

/** As the server makes a message's `content` of its parts. */
function textIn(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.kind === 'TEXT' ? [part.text] : [])).join('');
}

/** The last text goes on where it broke off, with nothing in between. */
function withRest(parts: readonly Part[], rest: readonly string[]): readonly Part[] {
  const more = rest.join('');
  const last = parts.at(-1);
  if (more === '') return parts;
  if (last?.kind !== 'TEXT') return [...parts, { kind: 'TEXT', text: more }];
  return [...parts.slice(0, -1), { kind: 'TEXT', text: last.text + more }];
}

/** Closes for the reader the marks that a broken answer left open. What is copied or continued stays as written. */
function withCleanEnd(parts: readonly Part[]): readonly Part[] {
  const last = parts.at(-1);
  return last?.kind === 'TEXT'
    ? [...parts.slice(0, -1), { ...last, text: heal(last.text, { isComplete: true }) }]
    : parts;
}
