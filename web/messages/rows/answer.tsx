import { Index, Show } from 'solid-js';
import { formatMoment, formatTime } from '../../i18n/format';
import { runWords } from '../../runs/words';
import { composerWords } from '../words';
import { AgentMark } from '../../ui/agent-mark';
import { AnswerText } from '../answer-text';
import { Branches, type Direction } from '../branches';
import { answererOf } from '../../store/message-fragments';
import { createAnswerParts, type AnswerSource } from './answer-parts';
import { AnswerTools } from './answer-tools';
import { Tombstone } from './bubble';
import { RunOutcome } from './run-outcome';
import { useChatPlace } from '../place';
import { Thinking } from '../thinking';

interface AnswerProps extends AnswerSource {
  /** Only at the end of the thread it offers by itself to be tried again: elsewhere, what follows would vanish from sight. */
  isLast: boolean;
  isAsking: boolean;
  focusOn: Direction | undefined;
  onSelect: (messageId: string, direction: Direction) => void;
  onRegenerate: (agentId?: string) => void;
  onContinue: () => void;
  onInspect: (runId: string) => void;
}

export function Answer(props: AnswerProps) {
  const place = useChatPlace();
  const name = () => answererOf(props.message)?.name;
  const parts = createAnswerParts(props);
  const isContinued = () => props.rest.length > 0;
  const isGoingOn = () => props.opening.length > 0;

  return (
    <article
      aria-label={name() ?? composerWords().agent}
      aria-busy={parts.isGrowing()}
      class="group flex flex-col items-stretch"
      // Its text stands above already, in the first piece.
      classList={{ '-mt-4': isGoingOn() }}
      data-message={props.message.id}
    >
      <Show
        when={!props.message.isDeleted}
        fallback={
          <>
            <Tombstone by={props.message.deletedBy?.name} />
            <Branches message={props.message} focusOn={props.focusOn} onSelect={props.onSelect} />
          </>
        }
      >
        <Show when={!isGoingOn()}>
          <AnswererName name={name()} at={props.message.createdAt} />
        </Show>
        <div class="flex flex-col gap-3 empty:hidden" classList={{ 'pt-3': isGoingOn() }}>
          <Index each={parts.shown()}>
            {(part, index) => (
              <Show
                when={part().kind === 'TEXT'}
                fallback={<Thinking text={part().text} isGrowing={parts.isThoughtGrowing(index)} />}
              >
                <AnswerText text={part().text} isGrowing={parts.isTextGrowing(index)} isKept={props.isLast} />
              </Show>
            )}
          </Index>
          <Show when={parts.isWaiting()}>
            <Waiting />
          </Show>
          <Show when={!isContinued()}>
            <RunOutcome
              message={props.message}
              isEmpty={parts.isEmpty()}
              isLast={props.isLast && !place.isClosed()}
              isAsking={props.isAsking}
              onRegenerate={() => props.onRegenerate()}
              onContinue={props.onContinue}
            />
          </Show>
        </div>
        <div
          class="mt-1 -ml-2 flex h-8 items-center gap-0.5 text-ink-faint touch:h-10"
          // What goes on has its tools below its last piece.
          classList={{ 'h-0! mt-0!': isContinued() && props.message.siblings.length < 2 }}
        >
          <Branches message={props.message} focusOn={props.focusOn} onSelect={props.onSelect} />
          <Show when={!parts.isGrowing() && !isContinued()}>
            <AnswerTools
              message={props.message}
              text={parts.wholeText}
              onRegenerate={props.onRegenerate}
              onInspect={props.onInspect}
            />
          </Show>
        </div>
      </Show>
    </article>
  );
}

/** In a room with the time, as that of every other author. */
function AnswererName(props: { name: string | undefined; at: string }) {
  const place = useChatPlace();
  return (
    <p class="mb-1.5 flex items-baseline gap-2 text-small">
      <span class="font-semibold">{props.name}</span>
      <Show when={place.isRoom()}>
        <AgentMark />
        <time class="shrink-0 font-mono text-tiny text-ink-faint" datetime={props.at} title={formatMoment(props.at)}>
          {formatTime(props.at)}
        </time>
      </Show>
    </p>
  );
}

function Waiting() {
  return (
    <p class="flex h-6.5 items-center gap-2 text-ink-faint">
      <span class="h-4 w-2 animate-[blink_1.1s_steps(2)_infinite] bg-accent" aria-hidden="true" />
      <span class="sr-only">{runWords().waiting}</span>
    </p>
  );
}
