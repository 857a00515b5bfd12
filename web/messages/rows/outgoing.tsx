import { Show } from 'solid-js';
import { t } from '../../i18n';
import { threadWords } from '../words';
import { Button } from '../../ui/button';
import { Notice } from '../../ui/notice';
import type { OutgoingMessage } from '../outbox';
import { useViewer } from '../../auth/session';
import { Avatar } from '../../ui/avatar';
import { useChatPlace } from '../place';
import { Bubble } from './bubble';
import { QuoteLine } from './quote-link';

interface OutgoingRowProps {
  message: OutgoingMessage;
  onRetry: () => void;
  onTakeBack: () => void;
}

/** A message on its way: it looks as it will, and says so where it did not get through. */
export function OutgoingRow(props: OutgoingRowProps) {
  const place = useChatPlace();
  return (
    <Show
      when={place.isRoom()}
      fallback={
        <article aria-label={t().common.you} class="flex flex-col items-end">
          <Bubble>{props.message.content}</Bubble>
          <SendingState {...props} />
        </article>
      }
    >
      <OutgoingInRoom {...props} />
    </Show>
  );
}

function OutgoingInRoom(props: OutgoingRowProps) {
  const viewer = useViewer();
  return (
    <article aria-label={t().common.you} class="flex gap-3">
      <Avatar name={viewer().name} color={viewer().person.avatarColor} />
      <div class="flex min-w-0 flex-1 flex-col items-start">
        <Show when={props.message.reply}>{(reply) => <QuoteLine name={reply().name} words={reply().words} />}</Show>
        <span class="font-medium">{viewer().name}</span>
        <p dir="auto" class="text-read break-words whitespace-pre-wrap opacity-70 [overflow-wrap:anywhere]">
          {props.message.content}
        </p>
        <SendingState {...props} />
      </div>
    </article>
  );
}

function SendingState(props: OutgoingRowProps) {
  return (
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
  );
}
