import Eye from 'lucide-solid/icons/eye';
import RotateCw from 'lucide-solid/icons/rotate-cw';
import StepForward from 'lucide-solid/icons/step-forward';
import Users from 'lucide-solid/icons/users';
import { createMemo, For, Index, Show, type JSX } from 'solid-js';
import { createOfferedAgents } from '../../agents/agents';
import { failureWords } from '../../graphql/words';
import { t } from '../../i18n';
import { sayRunFailure } from '../../runs/say-run-failure';
import { runWords } from '../../runs/words';
import { threadWords, composerWords } from '../words';
import { formatMoment, formatTime } from '../../i18n/format';
import { hasFailed, isActive, type Run } from '../../store/run';
import type { Part, RunText } from '../../store/run-text';
import { AgentMark } from '../../ui/agent-mark';
import { heal } from '../../ui/markdown-heal';
import { Button, IconButton, iconButtonShape } from '../../ui/button';
import { CopyButton } from '../../ui/copy-button';
import { Menu, MenuItem } from '../../ui/menu';
import { Notice } from '../../ui/notice';
import { AnswerText } from '../answer-text';
import { Branches, type Direction } from '../branches';
import { answererOf, effectiveContent, type Message } from '../../store/message-fragments';
import { Tombstone } from './bubble';
import { useChatPlace } from '../place';
import { Thinking } from '../thinking';

interface AnswerProps {
  message: Message;
  /** What a run has written so far, while it writes. */
  textOf: (runId: string) => RunText | undefined;
  /** The pieces that this one goes on with; none for an answer from its beginning. */
  opening: readonly Message[];
  /** The pieces that go on with it, each in the middle of a sentence, may be: the first piece shows the text of them all. */
  rest: readonly Message[];
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
  const isGrowing = () => isActive(props.message.run);
  const name = () => answererOf(props.message)?.name;
  const parts = createMemo(() => partsOf(props.message, props.textOf));
  const isContinued = () => props.rest.length > 0;
  const isGoingOn = () => props.opening.length > 0;
  const shown = createMemo<readonly Part[]>(() => {
    if (isGoingOn()) return parts().filter(({ kind }) => kind === 'THINKING');
    const whole = withRest(
      parts(),
      props.rest.map((piece) => textIn(partsOf(piece, props.textOf))),
    );
    const { run } = props.rest.at(-1) ?? props.message;
    return run?.isCut ? withCleanEnd(whole) : whole;
  });
  const isGrowingAt = (index: number) =>
    index === shown().length - 1 && isActive((props.rest.at(-1) ?? props.message).run);
  const isStillThinking = () => isGrowing() && parts().at(-1)?.kind === 'THINKING';
  const wholeText = () =>
    [...props.opening, props.message].map((piece) => textIn(partsOf(piece, props.textOf))).join('');

  return (
    <article
      aria-label={name() ?? composerWords().agent}
      aria-busy={isGrowing()}
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
          <p class="mb-1.5 flex items-baseline gap-2 text-small">
            <span class="font-semibold">{name()}</span>
            <Show when={place.isRoom()}>
              <AgentMark />
            </Show>
          </p>
        </Show>
        <div class="flex flex-col gap-3 empty:hidden" classList={{ 'pt-3': isGoingOn() }}>
          <Index each={shown()}>
            {(part, index) => (
              <Show
                when={part().kind === 'TEXT'}
                fallback={<Thinking text={part().text} isGrowing={isStillThinking() && index === shown().length - 1} />}
              >
                <AnswerText text={part().text} isGrowing={isGrowingAt(index)} isKept={props.isLast} />
              </Show>
            )}
          </Index>
          <Show when={isGrowing() && parts().length === 0}>
            <Waiting />
          </Show>
          <Show when={!isContinued()}>
            <RunOutcome
              message={props.message}
              isEmpty={textIn(parts()).trim() === ''}
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
          <Show when={!isGrowing() && !isContinued()}>
            <CopyButton label={threadWords().copyAnswer} doneLabel={t().common.copied} text={wholeText} />
            <Show when={!place.isClosed() && props.message.agent}>
              <RegenerateMenu agent={props.message.agent} onRegenerate={props.onRegenerate} />
            </Show>
            <Show when={props.message.run}>
              {(run) => (
                <IconButton label={threadWords().inspect} onClick={() => props.onInspect(run().id)}>
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

function partsOf(message: Message, textOf: AnswerProps['textOf']): readonly Part[] {
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
  return last?.kind === 'TEXT' ? [...parts.slice(0, -1), { ...last, text: heal(last.text, { isOver: true }) }] : parts;
}

function Waiting() {
  return (
    <p class="flex h-6.5 items-center gap-2 text-ink-faint">
      <span class="h-4 w-2 animate-[blink_1.1s_steps(2)_infinite] bg-accent" aria-hidden="true" />
      <span class="sr-only">{runWords().waiting}</span>
    </p>
  );
}

interface RunOutcomeProps {
  message: Message;
  isEmpty: boolean;
  isLast: boolean;
  isAsking: boolean;
  onRegenerate: () => void;
  onContinue: () => void;
}

/** How the answer ended, where it did not simply say all it had to say. */
function RunOutcome(props: RunOutcomeProps) {
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

/** The same agent once more, or another one. */
function RegenerateMenu(props: { agent: Message['agent']; onRegenerate: (agentId?: string) => void }) {
  const place = useChatPlace();
  return (
    <Menu
      label={threadWords().regenerate}
      placement="bottom-start"
      triggerClass={iconButtonShape}
      trigger={<RotateCw size={14} aria-hidden="true" />}
    >
      <MenuItem icon={<RotateCw size={15} />} onSelect={() => props.onRegenerate()}>
        {threadWords().regenerate}
      </MenuItem>
      <Show when={!place.isRoom()}>
        <OtherAgents than={props.agent?.id} onChoose={(id) => props.onRegenerate(id)} />
      </Show>
    </Menu>
  );
}

function OtherAgents(props: { than: string | undefined; onChoose: (agentId: string) => void }) {
  const agents = createOfferedAgents();
  return (
    <For each={agents().filter((agent) => agent.isAvailable && agent.id !== props.than)}>
      {(agent) => (
        <MenuItem icon={<Users size={15} />} onSelect={() => props.onChoose(agent.id)}>
          <span class="flex items-baseline gap-2">
            {threadWords().answerBy(agent.name)}
            <span class="font-mono text-tiny text-ink-faint">{agent.effectiveModel}</span>
          </span>
        </MenuItem>
      )}
    </For>
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
