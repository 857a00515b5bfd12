import { createComputed, createMemo, createSignal, Index, onMount, Show, untrack } from 'solid-js';

import { Markdown } from '../ui/markdown';
import { useBuildWindow, type Slice } from './build-window';
import { growSlices, noSlices, type Slices } from './text-slices';

interface AnswerTextProps {
  text: string;
  isGrowing: boolean;
  /** It stays built also far from the view. */
  isKept: boolean;
}

/** The text of an answer, in slices of which those near the view are built. */
export function AnswerText(props: AnswerTextProps) {
  const slices = createMemo<Slices>(
    (before) => growSlices(before, props.text, { isGrowing: props.isGrowing }),
    noSlices,
  );
  const texts = () => slices().texts;
  return (
    <div class="flex flex-col gap-3">
      <Index each={texts()}>
        {(text, index) => (
          <TextSlice
            text={text()}
            isGrowing={props.isGrowing && index === texts().length - 1}
            isKept={props.isKept || props.isGrowing}
          />
        )}
      </Index>
    </div>
  );
}

/** Until it is built, its Markdown is shown as it is: it can be found, copied and read aloud, and costs little. */
function TextSlice(props: AnswerTextProps) {
  const buildWindow = useBuildWindow();
  const [isBuilt, setBuilt] = createSignal(!buildWindow);
  const [height, setHeight] = createSignal<number | null>(null);
  let element: HTMLElement | undefined;
  createComputed(() => props.isGrowing && setBuilt(true));
  onMount(() => element && buildWindow?.add(sliceAt(element)));

  function sliceAt(place: HTMLElement): Slice {
    return {
      element: place,
      isBuilt,
      isKept: () => untrack(() => props.isKept),
      build: () => setBuilt(true),
      release: () => {
        setHeight(place.firstElementChild?.getBoundingClientRect().height ?? null);
        setBuilt(false);
      },
    };
  }

  return (
    <div
      ref={(place) => (element = place)}
      data-slice
      class={startsSection.test(props.text) ? 'not-first:pt-3' : undefined}
    >
      <Show
        when={isBuilt()}
        fallback={
          <div
            class="overflow-hidden text-read wrap-anywhere whitespace-pre-wrap [content-visibility:auto]"
            style={{ height: `${height() ?? estimatedHeight(props.text)}px` }}
          >
            {props.text}
          </div>
        }
      >
        <Markdown text={props.text} isGrowing={props.isGrowing} />
      </Show>
    </div>
  );
}

/** As between the blocks of one slice, there is more space before these headings. Definitions may stand before them. */
const startsSection = /^(?:\[.*\n+)*#{1,3}\s/;

const LINE_PX = 26;
const LINE_CHARACTERS = 76;

/** Near enough for the scroll bar; what is near the view is measured. */
function estimatedHeight(text: string): number {
  let breaks = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) breaks += 1;
  return Math.ceil(text.length / LINE_CHARACTERS + breaks / 2) * LINE_PX;
}
