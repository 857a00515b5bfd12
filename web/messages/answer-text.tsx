import { batch, createComputed, createMemo, createSignal, Index, onMount, Show, untrack, type JSX } from 'solid-js';

import { createPacedMemo } from '../ui/create-paced-memo';
import { Footnotes, LONG_TAIL, Markdown } from '../ui/markdown';
import { noBlocks, unsettledLength } from '../ui/markdown-blocks';
import { collectDefinitions, noAnswerDefinitions, type AnswerDefinitions } from './answer-definitions';
import { useBuildWindow, type Slice } from './build-window';
import { growSlices, noSlices, SHORTEST_SLICE, type Slices } from './text-slices';

interface AnswerTextProps {
  text: string;
  isGrowing: boolean;
  /** It stays built also far from the view. */
  isKept: boolean;
}

/** The text of an answer. Where it is long and far from the view, it is one plain text: a chat may hold thousands of slices. */
export function AnswerText(props: AnswerTextProps) {
  return (
    <PlainUntilNear text={props.text} isGrowing={props.isGrowing} isKept={props.isKept || props.isGrowing} isText>
      <SlicedText {...props} />
    </PlainUntilNear>
  );
}

/** In slices of which those near the view are built. */
function SlicedText(props: AnswerTextProps) {
  const slices = createMemo<Slices>(
    (before) => growSlices(before, props.text, { isGrowing: props.isGrowing }),
    noSlices,
  );
  const texts = () => slices().texts;
  // Nothing is parsed before a slice is built: most slices of a long answer are far from the view.
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
        {(text, index) => {
          const isGrowing = () => props.isGrowing && index === texts().length - 1;
          return (
            <PlainUntilNear
              text={text()}
              isGrowing={isGrowing()}
              isKept={props.isKept || props.isGrowing}
              onBuild={() => setParsed(true)}
            >
              <Markdown text={text()} isGrowing={isGrowing()} definitions={definitions()} numbers={numbers()} />
            </PlainUntilNear>
          );
        }}
      </Index>
      <Show when={notes().length > 0}>
        <Footnotes notes={notes()} definitions={definitions()} numbers={numbers()} isGrowing={props.isGrowing} />
      </Show>
    </div>
  );
}

interface PlainUntilNearProps extends AnswerTextProps {
  /** A whole text, not a slice of one. */
  isText?: boolean;
  onBuild?: () => void;
  children: JSX.Element;
}

/** Until it is built, a text is shown as it is: it can be found, copied and read aloud, and costs little. */
function PlainUntilNear(props: PlainUntilNearProps) {
  const buildWindow = useBuildWindow();
  const [isBuilt, setBuilt] = createSignal(
    untrack(() => !buildWindow || (props.isText === true && props.text.length < SHORTEST_SLICE)),
  );
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
          props.onBuild?.();
          setBuilt(true);
        }),
      release: (shownHeight) => {
        setHeight(shownHeight);
        setBuilt(false);
      },
    };
  }

  return (
    <div
      ref={(place) => (element = place)}
      data-text={props.isText ? '' : undefined}
      data-slice={props.isText ? undefined : ''}
      // What moves as a whole is not repainted. Rings around what has the focus are not cut off.
      class="[overflow-clip-margin:0.5rem] [contain:content]"
      classList={{ 'not-first:pt-3': !props.isText && startsSection.test(props.text) }}
    >
      <Show
        when={isBuilt()}
        fallback={
          <div
            dir="auto"
            class="overflow-hidden text-read wrap-anywhere whitespace-pre-wrap [content-visibility:auto] [unicode-bidi:plaintext]"
            style={{ height: `${height() ?? estimatedHeight(props.text)}px` }}
          >
            {props.text}
          </div>
        }
      >
        {props.children}
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
