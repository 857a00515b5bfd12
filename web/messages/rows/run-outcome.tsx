import RotateCw from 'lucide-solid/icons/rotate-cw';
import StepForward from 'lucide-solid/icons/step-forward';
import { Show, type JSX } from 'solid-js';

import { failureWords } from '../../graphql/words';
import { t } from '../../i18n';
import { sayRunFailure } from '../../runs/say-run-failure';
import { runWords } from '../../runs/words';
import type { Message } from '../../store/message-fragments';
import { hasFailed, type Run } from '../../store/run';
import { Button } from '../../ui/button';
import { Notice } from '../../ui/notice';
import { useChatPlace } from '../place';
import { threadWords } from '../words';

interface RunOutcomeProps {
  message: Message;
  isEmpty: boolean;
  isLast: boolean;
  isAsking: boolean;
  onRegenerate: () => void;
  onContinue: () => void;
}

/** How the answer ended, where it did not simply say all it had to say. */
export function RunOutcome(props: RunOutcomeProps) {
  const place = useChatPlace();
  const run = () => props.message.run;
  // In a room others may have written below it: there it can be asked for again, whole.
  const canGoOn = (run: Run) => props.isLast && !props.isEmpty && run.isCut && !place.isRoom();
  return (
    <Show when={run()}>
      {(found) => (
        <Show
          when={hasFailed(found())}
          fallback={
            <OutcomeNote words={remarkOn(found(), props.isEmpty)}>
              <Show when={canGoOn(found())}>
                <Continue isAsking={props.isAsking} onContinue={props.onContinue} />
              </Show>
            </OutcomeNote>
          }
        >
          <Notice
            tone="danger"
            actions={
              <Show when={props.isLast}>
                <Show when={canGoOn(found())}>
                  <Continue isAsking={props.isAsking} onContinue={props.onContinue} />
                </Show>
                <Show when={props.message.agent}>
                  <Button isSmall disabled={props.isAsking} onClick={() => props.onRegenerate()}>
                    <RotateCw size={13} aria-hidden="true" />
                    {t().common.retry}
                  </Button>
                </Show>
              </Show>
            }
          >
            <p class="font-medium">{runWords().failed}</p>
            <p class="text-ink-soft">
              {sayRunFailure(found())}
              <Show when={!props.message.agent && props.isLast}> {failureWords().codes.ASKED_BY_MENTION}</Show>
            </p>
          </Notice>
        </Show>
      )}
    </Show>
  );
}

function Continue(props: { isAsking: boolean; onContinue: () => void }) {
  return (
    <Button isSmall disabled={props.isAsking} onClick={() => props.onContinue()}>
      <StepForward size={13} aria-hidden="true" />
      {threadWords().continueAnswer}
    </Button>
  );
}

function OutcomeNote(props: { words: string | null; children: JSX.Element }) {
  return (
    <Show when={props.words}>
      {(words) => (
        <div class="flex items-center gap-3">
          <p class="flex items-center gap-2 font-mono text-tiny text-ink-faint">
            <span class="h-px w-4 bg-line-strong" aria-hidden="true" />
            {words()}
          </p>
          {props.children}
        </div>
      )}
    </Show>
  );
}

function remarkOn(run: Run, isEmpty: boolean): string | null {
  const words = runWords();
  if (run.status === 'STOPPED') return words.stopped;
  if (run.status !== 'COMPLETED') return null;
  if (run.stopReason === 'REFUSAL') return words.refused;
  if (run.stopReason === 'MAX_TOKENS' || run.stopReason === 'CONTEXT_WINDOW') return words.cutAtLimit;
  return isEmpty ? words.empty : null;
}
