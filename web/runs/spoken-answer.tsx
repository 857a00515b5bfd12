import { createEffect, createSignal, on } from 'solid-js';
import { t } from '../i18n';
import { nextSentences } from './sentences';

/** The answer for those who listen: sentence by sentence, apart from the thread, which would read itself in fragments. */
export function SpokenAnswer(props: { text: string; isRunning: boolean }) {
  const [words, setWords] = createSignal('');
  let said = 0;

  createEffect(
    on(
      () => props.isRunning,
      (isRunning, wasRunning) => {
        if (isRunning) said = 0;
        if (isRunning !== (wasRunning ?? false)) setWords(isRunning ? t().run.answering : t().run.finished);
      },
    ),
  );
  createEffect(() => {
    const { words: fresh, upTo } = nextSentences(props.text, said);
    said = upTo;
    if (fresh) setWords(fresh);
  });

  return (
    <div class="sr-only" aria-live="polite">
      {words()}
    </div>
  );
}
