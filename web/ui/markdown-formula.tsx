import { createEffect, createMemo, createSignal, onCleanup, Show, type Component } from 'solid-js';
import { t } from '../i18n';
import { PENDING_FORMULA } from './markdown-formulas';
import type * as Library from './markdown-math';

/** The library is large and most answers have no formula, so it is loaded with the first one. */
const [library, setLibrary] = createSignal<typeof Library | 'failed' | null>(null);
let isLoading = false;

async function load() {
  if (isLoading) return;
  isLoading = true;
  try {
    setLibrary(await import('./markdown-math'));
  } catch {
    setLibrary('failed');
  }
}

interface FormulaProps {
  /** With its delimiters. */
  source: string;
  tex: string;
  isDisplay: boolean;
}

/** A formula of TeX as MathML. What cannot be drawn is shown as its source. */
export const MathFormula: Component<FormulaProps> = (props) => {
  // The same values come again with each delta: a formula is redrawn only when one of them changes.
  const source = createMemo(() => props.source);
  const tex = createMemo(() => props.tex);
  const isDisplay = createMemo(() => props.isDisplay);
  const isPending = createMemo(() => tex() === PENDING_FORMULA);
  const drawing = createMemo(() => {
    if (isPending()) return 'pending';
    const loaded = library();
    if (loaded === null) void load();
    if (loaded === null) return 'pending';
    return loaded === 'failed' ? null : loaded.drawFormula(tex(), isDisplay());
  });

  const [element, setElement] = createSignal<HTMLElement>();
  const scrolls = createScrolls(() => (isDisplay() && drawing() !== 'pending' ? element() : undefined));

  return (
    <Show when={drawing()} fallback={<code dir="ltr">{source()}</code>}>
      {(drawn) => (
        <span
          ref={setElement}
          class="md-formula"
          classList={{ 'md-formula-display': isDisplay(), 'md-formula-pending': drawn() === 'pending' }}
          data-tex={isPending() ? undefined : source()}
          tabindex={scrolls() ? '0' : undefined}
          role={isDisplay() ? 'group' : undefined}
          aria-label={isDisplay() ? t().markdown.formula : undefined}
        >
          <Show when={drawn() !== 'pending'} fallback={PENDING_FORMULA}>
            {drawn()}
          </Show>
        </span>
      )}
    </Show>
  );
};

/** Whether an element is too narrow for its content: only then must it be reachable with the keyboard. */
function createScrolls(element: () => HTMLElement | undefined): () => boolean {
  const [scrolls, setScrolls] = createSignal(false);
  createEffect(() => {
    const place = element();
    // jsdom has no layout.
    if (!place || !('ResizeObserver' in globalThis)) return;
    const resized = new ResizeObserver(() => setScrolls(place.scrollWidth > place.clientWidth));
    resized.observe(place);
    onCleanup(() => resized.disconnect());
  });
  return scrolls;
}
