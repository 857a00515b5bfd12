import { Show } from 'solid-js';
import { t } from '../../i18n';
import { threadWords } from '../words';
import { Button } from '../../ui/button';
import { Notice } from '../../ui/notice';
import type { OutgoingMessage } from '../outbox';
import { Bubble } from './bubble';

/** A message on its way: it looks as it will, and says so where it did not get through. */
export function OutgoingRow(props: { message: OutgoingMessage; onRetry: () => void; onTakeBack: () => void }) {
  return (
    <article aria-label={t().common.you} class="flex flex-col items-end">
      <Bubble>{props.message.content}</Bubble>
      <Show
        when={props.message.problem}
        fallback={<p class="mt-1 h-8 text-tiny leading-8 text-ink-faint">{threadWords().sending}</p>}
      >
        {(problem) => (
          <Notice
            tone={props.message.isWaiting ? 'warning' : 'danger'}
            class="mt-2 max-w-[85%]"
            actions={
              <>
                <Button isSmall onClick={() => props.onTakeBack()}>
                  {threadWords().backToComposer}
                </Button>
                <Button isSmall look="primary" onClick={() => props.onRetry()}>
                  {t().common.retry}
                </Button>
              </>
            }
          >
            {threadWords().notSent} {problem()}
          </Notice>
        )}
      </Show>
    </article>
  );
}
