import { createMemo } from 'solid-js';

import type { Thread } from '../messages/create-thread';
import { SpokenAnswer } from '../runs/spoken-answer';
import { isActive } from '../store/run';

/** The answer that is being written, or else the newest one, for screen readers. */
export function AnswerReadAloud(props: { thread: Thread }) {
  const text = createMemo(() => {
    // The last words may come with the end itself; then only the message has them.
    const answers = props.thread.messages().filter(({ run }) => run);
    const answer = answers.findLast(({ run }) => isActive(run)) ?? answers.at(-1);
    const parts = (answer?.run && props.thread.textOf(answer.run.id)?.parts) ?? answer?.parts ?? [];
    return parts.findLast((part) => part.kind === 'TEXT')?.text ?? '';
  });
  return <SpokenAnswer text={text()} isRunning={props.thread.shownRunIds().length > 0} />;
}
