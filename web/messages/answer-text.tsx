import { batch, createComputed, createMemo, createSignal, Index, onMount, Show, untrack } from 'solid-js';

import { createPacedMemo } from '../ui/create-paced-memo';
import { Footnotes, LONG_TAIL, Markdown } from '../ui/markdown';
import { noBlocks, unsettledLength } from '../ui/markdown-blocks';
import type { Definitions } from '../ui/markdown-syntax';
import type { FootnoteNumbers } from '../ui/markdown-trees';
import { collectDefinitions, noAnswerDefinitions, type AnswerDefinitions } from './answer-definitions';
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
  // Nothing is parsed before a slice is built: most answers of a long thread are far from the view.
  const [isParsed, setParsed] = createSignal(!useBuildWindow());
  createComputed(() => props.isGrowing && setParsed(true));
  const shared = createPacedMemo<AnswerDefinitions>(
    (before) => (isParsed() ? collectDefinitions(before, texts(), props.isGrowing) : before),
    noAnswerDefinitions,
    ({ blocks }) => props.isGrowing && unsettledLength(blocks.at(-1) ?? noBlocks) > LONG_TAIL,
  );
  const definitions = createMemo(() => shared().definitions);
  const numbers = createMemo(() => shared().numbers);
  const notes = createMemo(() => shared().notes);
  return (
    <div class="flex flex-col gap-3" data-footnotes>
      <Index each={texts()}>
        {(text, index) => (
          <TextSlice
            text={text()}
            isGrowing={props.isGrowing && index === texts().length - 1}
            isKept={props.isKept || props.isGrowing}
            definitions={definitions()}
            numbers={numbers()}
            onBuild={() => setParsed(true)}
          />
        )}
      </Index>
      <Show when={notes().length > 0}>
        <Footnotes notes={notes()} definitions={definitions()} numbers={numbers()} isGrowing={props.isGrowing} />
      </Show>
    </div>
  );
}

interface TextSliceProps extends AnswerTextProps {
  definitions: Definitions;
  numbers: FootnoteNumbers;
  onBuild: () => void;
}

/** Until it is built, its Markdown is shown as it is: it can be found, copied and read aloud, and costs little. */
function TextSlice(props: TextSliceProps) {
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
      build: () =>
        batch(() => {
          props.onBuild();
          setBuilt(true);
        }),
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
        <Markdown
          text={props.text}
          isGrowing={props.isGrowing}
          definitions={props.definitions}
          numbers={props.numbers}
        />
      </Show>
    </div>
  );
}

/** As between the blocks of one slice, there is more space before these headings. */
const startsSection = /^#{1,3}\s/;

const LINE_PX = 26;
const LINE_CHARACTERS = 76;

/** Near enough for the scroll bar; what is near the view is measured. */
function estimatedHeight(text: string): number {
  let breaks = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) breaks += 1;
  return Math.ceil(text.length / LINE_CHARACTERS + breaks / 2) * LINE_PX;
}
