import X from 'lucide-solid/icons/x';
import { createEffect, createSignal, For, onCleanup, Show, type Component } from 'solid-js';
import { Button, IconButton } from './button';

interface Toast {
  id: number;
  words: string;
  action: { label: string; run: () => void } | undefined;
}

const SHOWN_MS = 6_000;
/** One needs longer to decide than to read. */
const SHOWN_WITH_ACTION_MS = 10_000;

const [toasts, setToasts] = createSignal<readonly Toast[]>([]);
let lastId = 0;

/** Those that somebody reads with the pointer or has the focus in. */
const heldIds = new Set<number>();

/** Says something in passing; what must not be missed belongs where it happened instead. */
export function toast(words: string, action?: Toast['action']): void {
  const newest = new Set(toasts().slice(-2));
  const kept = toasts().filter((each) => newest.has(each) || heldIds.has(each.id));
  setToasts([...kept, { id: ++lastId, words, action }]);
}

function dismiss(id: number) {
  setToasts(toasts().filter((each) => each.id !== id));
}

const [boxes, setBoxes] = createSignal<readonly HTMLElement[]>([]);

/** A ref for what toasts must not cover: they stand above it, centred on it. */
export function keepToastsAbove(box: HTMLElement): void {
  setBoxes((all) => [...all, box]);
  onCleanup(() => setBoxes((all) => all.filter((each) => each !== box)));
}

const GAP_PX = 12;
/** With this much between the box and the floor, as on the page of a new chat, toasts stand below it. */
const ROOM_BELOW_PX = 160;

interface Place {
  left: number;
  width: number;
  bottom: number;
}

/** Centred on the page's main part, or on the box in it, and as low as they can be without covering the box. */
function findPlace(): Place {
  const main = [...document.querySelectorAll('main')].findLast(isShown);
  const box = boxes().findLast((each) => isShown(each) && (!main || main.contains(each)));
  const page = (main ?? document.body).getBoundingClientRect();
  const floor = Math.min(page.bottom, window.innerHeight);
  const { left, width, top, bottom } = box?.getBoundingClientRect() ?? { ...sidesOf(page), top: floor, bottom: floor };
  const edge = floor - bottom < ROOM_BELOW_PX ? top : floor;
  return { left, width, bottom: window.innerHeight - edge + GAP_PX };
}

const sidesOf = ({ left, width }: DOMRect) => ({ left, width });
const isShown = (element: Element) => element.getClientRects().length > 0;

/** Where toasts stand, followed for as long as there are any. */
function createPlace() {
  const [place, setPlace] = createSignal<Place>({ left: 0, width: 0, bottom: 0 });
  createEffect(() => {
    if (toasts().length === 0) return;
    const measure = () => setPlace(findPlace());
    const resized = new ResizeObserver(measure);
    // What stands beside the box moves it without a change of its size.
    for (const box of boxes()) for (const each of [box, box.parentElement]) if (each) resized.observe(each);
    for (const main of document.querySelectorAll('main')) resized.observe(main);
    window.addEventListener('resize', measure);
    measure();
    onCleanup(() => {
      resized.disconnect();
      window.removeEventListener('resize', measure);
    });
  });
  return place;
}

export const Toasts: Component<{ dismissLabel: string }> = (props) => {
  const place = createPlace();
  return (
    // Kobalte's dialogs neither close by a click in what has this attribute, nor hide it from screen readers.
    <div
      role="status"
      aria-live="polite"
      data-kb-top-layer=""
      class="pointer-events-none fixed z-[60] flex flex-col items-center gap-2 px-4"
      style={{ left: `${place().left}px`, width: `${place().width}px`, bottom: `${place().bottom}px` }}
    >
      <For each={toasts()}>{(each) => <PassingNotice toast={each} dismissLabel={props.dismissLabel} />}</For>
    </div>
  );
};

/** Goes by itself, but not from under the pointer or the focus. */
function PassingNotice(props: { toast: Toast; dismissLabel: string }) {
  const [isPointedAt, setPointedAt] = createSignal(false);
  const [hasFocus, setFocus] = createSignal(false);
  // oxlint-disable-next-line solid/reactivity -- it is made anew for every toast
  const { id, action } = props.toast;
  createEffect(() => {
    if (isPointedAt() || hasFocus()) {
      heldIds.add(id);
      onCleanup(() => heldIds.delete(id));
    } else {
      const timer = setTimeout(() => dismiss(id), action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
      onCleanup(() => clearTimeout(timer));
    }
  });
  return (
    <div
      class="pointer-events-auto flex max-w-md animate-[appear_140ms_ease-out] items-center gap-3 rounded-lg border border-line-strong bg-raised py-1.5 pr-1.5 pl-4 text-small shadow-lift"
      onPointerEnter={() => setPointedAt(true)}
      onPointerLeave={() => setPointedAt(false)}
      onFocusIn={() => setFocus(true)}
      onFocusOut={() => setFocus(false)}
    >
      <span class="min-w-0 flex-1 break-words">{props.toast.words}</span>
      <Show when={props.toast.action}>
        {(shown) => (
          <Button
            isSmall
            look="quiet"
            class="font-medium text-accent!"
            onClick={() => {
              dismiss(id);
              shown().run();
            }}
          >
            {shown().label}
          </Button>
        )}
      </Show>
      <IconButton label={props.dismissLabel} class="size-7! touch:size-10!" onClick={() => dismiss(id)}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
