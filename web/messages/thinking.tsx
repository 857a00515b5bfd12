import ChevronRight from 'lucide-solid/icons/chevron-right';
import { createEffect, createSignal, createUniqueId, on, Show } from 'solid-js';
import { runWords } from '../runs/words';

/** How the model thought, folded: of interest to some, in the way of most. */
export function Thinking(props: { text: string; isGrowing: boolean }) {
  const id = createUniqueId();
  const [isOpen, setOpen] = createSignal(false);
  const [seconds, setSeconds] = createSignal<number | null>(null);
  let beganAt: number | null = null;

  // Known only to readers who watched it from the start; later ones see that it thought, not for how long.
  createEffect(
    on(
      () => props.isGrowing,
      (isGrowing) => {
        if (isGrowing) beganAt ??= performance.now();
        else if (beganAt !== null) setSeconds(Math.max(1, Math.round((performance.now() - beganAt) / 1000)));
      },
    ),
  );
  const title = () => {
    if (props.isGrowing) return runWords().thinking;
    const count = seconds();
    return count === null ? runWords().thought : runWords().thoughtFor(count);
  };

  return (
    <div class="text-small text-ink-faint">
      <button
        type="button"
        class="-ml-1.5 flex h-7 items-center touch:h-10 gap-1 rounded-md px-1.5 hover:bg-hover hover:text-ink-soft"
        aria-expanded={isOpen()}
        aria-controls={id}
        onClick={() => setOpen(!isOpen())}
      >
        <ChevronRight size={14} class="transition-transform" classList={{ 'rotate-90': isOpen() }} aria-hidden="true" />
        {title()}
      </button>
      <Show when={isOpen()}>
        <div id={id} dir="auto" class="mt-1 border-l-2 border-line pl-4 leading-6 break-words whitespace-pre-wrap">
          {props.text}
        </div>
      </Show>
    </div>
  );
}
