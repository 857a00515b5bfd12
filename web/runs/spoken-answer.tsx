import { createEffect, createSignal, on } from 'solid-js';
import { runWords } from './words';
import { nextSentences, restOf } from './sentences';

interface SpokenAnswerProps {
  /** Of the part that is being written. Once nothing is, the last part as it ended, or nothing. */
  text: string;
  isRunning: boolean;
}

/** The answer for those who listen: sentence by sentence, apart from the thread, which would read itself in fragments. */
export function SpokenAnswer(props: SpokenAnswerProps) {
  const [words, setWords] = createSignal('');
  /** The part as we have it, and how much of it was said. */
  let part = '';
  let said = 0;

  createEffect(
    on(
      () => ({ text: props.text, isRunning: props.isRunning }),
      ({ text, isRunning }, before) => {
        const wasRunning = before?.isRunning ?? false;
        if (!isRunning && !wasRunning) return;
        const fresh = wasRunning ? [] : begin();
        fresh.push(...nextWords(text));
        if (!isRunning) fresh.push(restOf(part, said), runWords().finished);
        // In one go, since only what stands there last is read.
        const all = fresh.filter((each) => each !== '').join(' ');
        if (all) setWords(all);
      },
    ),
  );

  function begin(): string[] {
    part = '';
    said = 0;
    return [runWords().answering];
  }

  function nextWords(text: string): string[] {
    // After a lost connection the text may restart from its beginning.
    if (part.startsWith(text)) return [];
    const left = text.startsWith(part) ? '' : restOf(part, said);
    if (!text.startsWith(part)) said = 0;
    part = text;
    const next = nextSentences(part, said);
    said = next.upTo;
    return [left, next.words];
  }

  return (
    <div class="sr-only" aria-live="polite">
      {words()}
    </div>
  );
}
