import ChevronLeft from 'lucide-solid/icons/chevron-left';
import ChevronRight from 'lucide-solid/icons/chevron-right';
import { onMount, Show, type JSX } from 'solid-js';
import { threadWords } from './words';
import { iconButtonShape } from '../ui/button';
import type { Message } from '../store/message-fragments';

export type Direction = -1 | 1;

/** The message beside this one, to that side; or undefined. */
export function neighbour({ id, siblings }: Message, direction: Direction): string | undefined {
  const place = siblings.findIndex((sibling) => sibling.id === id);
  return place < 0 ? undefined : siblings[place + direction]?.id;
}

interface BranchesProps {
  message: Message;
  /** It came by the button of that side of another one, so the focus is to stand there again. */
  focusOn: Direction | undefined;
  onSelect: (messageId: string, direction: Direction) => void;
}

/** Which of several wordings or answers this is, and the way to the others. */
export function Branches(props: BranchesProps) {
  const place = () => props.message.siblings.findIndex(({ id }) => id === props.message.id) + 1;
  const count = () => props.message.siblings.length;
  return (
    <Show when={count() > 1}>
      <div
        role="group"
        aria-label={threadWords().version(place(), count())}
        class="flex items-center font-mono text-tiny text-ink-faint"
        data-branches
      >
        <Step {...props} direction={-1} label={threadWords().previousVersion}>
          <ChevronLeft size={15} aria-hidden="true" />
        </Step>
        <span class="min-w-7 text-center text-ink-soft" aria-hidden="true">
          {place()}/{count()}
        </span>
        <Step {...props} direction={1} label={threadWords().nextVersion}>
          <ChevronRight size={15} aria-hidden="true" />
        </Step>
      </div>
    </Show>
  );
}

interface StepProps extends BranchesProps {
  direction: Direction;
  label: string;
  children: JSX.Element;
}

function Step(props: StepProps) {
  let button: HTMLButtonElement | undefined;
  const target = () => neighbour(props.message, props.direction);
  onMount(() => props.focusOn === props.direction && button?.focus({ preventScroll: true }));

  return (
    <button
      ref={(element) => (button = element)}
      type="button"
      class={`${iconButtonShape} w-7! touch:size-10! aria-disabled:opacity-40 aria-disabled:hover:bg-transparent`}
      aria-label={props.label}
      title={props.label}
      // Rather than disabled, so that the one who has come to the end keeps the focus.
      aria-disabled={!target()}
      onClick={() => {
        const id = target();
        if (id) props.onSelect(id, props.direction);
      }}
    >
      {props.children}
    </button>
  );
}
