import Eye from 'lucide-solid/icons/eye';
import RotateCw from 'lucide-solid/icons/rotate-cw';
import { createMemo, Index, Show } from 'solid-js';
import { t } from '../i18n';
import { formatMoment, formatTime } from '../i18n/format';
import { hasFailed, isActive, type Run } from '../runs/run';
import type { Part, RunText } from '../runs/run-text';
import { Button, IconButton } from '../ui/button';
import { CopyButton } from '../ui/copy-button';
import { Markdown } from '../ui/markdown';
import { Notice } from '../ui/notice';
import { effectiveContent, type Message } from './fragments';
import { Tombstone } from './own-message';
import { Thinking } from './thinking';

interface AnswerProps {
  message: Message;
  /** What it has written so far, while it grows. */
  text: RunText | undefined;
  /** Only the thread's last answer can be tried again: after another one, what follows would vanish from sight. */
  isLast: boolean;
  isAsking: boolean;
  onAgain: () => void;
  onInspect: (runId: string) => void;
}

export function Answer(props: AnswerProps) {
  const isGrowing = () => isActive(props.message.run);
  const parts = createMemo<readonly Part[]>(() => {
    if (isGrowing()) return props.text?.parts ?? [];
    const { parts: stored } = props.message;
    return stored.length > 0 ? stored : [{ kind: 'TEXT', text: effectiveContent(props.message) }];
  });
  const text = () =>
    parts()
      .flatMap((part) => (part.kind === 'TEXT' ? [part.text] : []))
      .join('\n\n');
  const isLastPart = (index: number) => index === parts().length - 1;

  return (
    <article
      aria-label={props.message.agent?.name ?? t().composer.agent}
      aria-busy={isGrowing()}
      class="group flex flex-col items-stretch"
    >
      <Show when={!props.message.deletedAt} fallback={<Tombstone />}>
        <p class="mb-1.5 flex items-baseline gap-2 text-small">
          <span class="font-semibold">{props.message.agent?.name}</span>
        </p>
        <div class="flex flex-col gap-3">
          <Index each={parts()}>
            {(part, index) => (
              <Show
                when={part().kind === 'TEXT'}
                fallback={<Thinking text={part().text} isGrowing={isGrowing() && isLastPart(index)} />}
              >
                <Markdown text={part().text} isGrowing={isGrowing() && isLastPart(index)} />
              </Show>
            )}
          </Index>
          <Show when={isGrowing() && parts().length === 0}>
            <Waiting />
          </Show>
          <Ending
            message={props.message}
            isEmpty={text().trim() === ''}
            isLast={props.isLast}
            isAsking={props.isAsking}
            onAgain={props.onAgain}
          />
        </div>
        <div class="mt-1 -ml-2 flex h-8 items-center gap-0.5 text-ink-faint">
          <Show when={!isGrowing()}>
            <CopyButton label={t().thread.copyAnswer} doneLabel={t().common.copied} text={text} />
            <Show when={props.message.run}>
              {(run) => (
                <IconButton label={t().thread.inspect} onClick={() => props.onInspect(run().id)}>
                  <Eye size={15} aria-hidden="true" />
                </IconButton>
              )}
            </Show>
            <time
              class="pl-1.5 font-mono text-tiny opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100"
              datetime={props.message.createdAt}
              title={formatMoment(props.message.createdAt)}
            >
              {formatTime(props.message.createdAt)}
            </time>
          </Show>
        </div>
      </Show>
    </article>
  );
}

function Waiting() {
  return (
    <p class="flex h-6.5 items-center gap-2 text-ink-faint">
      <span class="h-4 w-2 animate-[blink_1.1s_steps(2)_infinite] bg-accent" aria-hidden="true" />
      <span class="sr-only">{t().run.waiting}</span>
    </p>
  );
}

interface EndingProps {
  message: Message;
  isEmpty: boolean;
  isLast: boolean;
  isAsking: boolean;
  onAgain: () => void;
}

/** How the answer ended, where it did not simply say all it had to say. */
function Ending(props: EndingProps) {
  const run = () => props.message.run;
  return (
    <Show when={run()}>
      {(found) => (
        <Show when={hasFailed(found())} fallback={<Remark words={remarkOn(found(), props.isEmpty)} />}>
          <Notice
            tone="danger"
            actions={
              props.isLast && (
                <Button isSmall disabled={props.isAsking} onClick={() => props.onAgain()}>
                  <RotateCw size={13} aria-hidden="true" />
                  {t().common.retry}
                </Button>
              )
            }
          >
            <p class="font-medium">{t().run.failed}</p>
            <p class="text-ink-soft">{sayRunFailure(found())}</p>
          </Notice>
        </Show>
      )}
    </Show>
  );
}

function Remark(props: { words: string | null }) {
  return (
    <Show when={props.words}>
      <p class="flex items-center gap-2 font-mono text-tiny text-ink-faint">
        <span class="h-px w-4 bg-line-strong" aria-hidden="true" />
        {props.words}
      </p>
    </Show>
  );
}

function remarkOn(run: Run, isEmpty: boolean): string | null {
  const words = t().run;
  if (run.status === 'STOPPED') return words.stopped;
  if (run.status !== 'COMPLETED') return null;
  if (run.stopReason === 'REFUSAL') return words.refused;
  if (run.stopReason === 'MAX_TOKENS' || run.stopReason === 'CONTEXT_WINDOW') return words.cutAtLimit;
  return isEmpty ? words.empty : null;
}

function sayRunFailure(run: Run): string {
  if (!run.failure) return run.status === 'INTERRUPTED' ? t().run.interrupted : t().failures.unexpected;
  return t().run.failures[run.failure.code];
}
