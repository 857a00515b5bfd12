import type { Element } from 'hast';
import ImageIcon from 'lucide-solid/icons/image';
import type { FootnoteDefinition } from 'mdast';
import { createMemo, createSignal, Show, type Component, type JSX, type ParentComponent } from 'solid-js';
import { SolidMarkdown, type SolidMarkdownComponents } from 'solid-markdown';
import { Dynamic } from 'solid-js/web';
import { t } from '../i18n';
import { CodeBlock } from './code-block';
import { createMarkdownTree } from './create-markdown-tree';
import { createPacedMemo } from './create-paced-memo';
import { footnoteList, growBlocks, noBlocks, unsettledLength, type Blocks } from './markdown-blocks';
import { MathFormula } from './markdown-formula';
import type { Definitions } from './markdown-syntax';
import { textOf, type FootnoteNumbers } from './markdown-trees';

/** Below this many characters parsing takes no time worth saving. */
export const LONG_TAIL = 2_000;

/**
 * The only place that makes elements from text. The text is parsed by us, and only its end again while it grows;
 * solid-markdown shows the tree. A block that can no longer change keeps its elements, and a selection in it survives.
 */
export const Markdown: Component<MarkdownProps> = (props) => {
  const blocks = createPacedMemo(
    (before: Blocks) => growBlocks(before, props.text, props.isGrowing ?? false, props.definitions),
    noBlocks,
    (before) => props.isGrowing === true && unsettledLength(before) > LONG_TAIL,
  );
  const tree = createMarkdownTree(blocks, () => props.numbers ?? noNumbers);
  // The library parses its own text, which is empty, and this plugin puts our tree in place of it.
  return <SolidMarkdown class="prose" rehypePlugins={[() => tree]} components={components} />;
};

interface MarkdownProps {
  text: string;
  isGrowing?: boolean;
  /** Those of the other texts that this one belongs to. */
  definitions?: Definitions;
  /** Those of the footnotes. Without one, a reference shows its label. */
  numbers?: FootnoteNumbers;
}

const noNumbers: FootnoteNumbers = new Map();

interface FootnotesProps {
  notes: readonly FootnoteDefinition[];
  definitions: Definitions;
  numbers: FootnoteNumbers;
  isGrowing: boolean;
}

/** The notes of all texts that belong together, as a list in the order of their numbers. */
export const Footnotes: Component<FootnotesProps> = (props) => {
  const list = createMemo(() => footnoteList(props.notes));
  const blocks = () => ({ ...noBlocks, tail: [list()], definitions: props.definitions, isGrowing: props.isGrowing });
  const tree = createMarkdownTree(blocks, () => props.numbers);
  return <SolidMarkdown class="prose" rehypePlugins={[() => tree]} components={components} />;
};

type FromMarkdown = { node: Element };

// An answer stands under the page's own headings, so its first level is not the page's.
const Heading: ParentComponent<{ level: number }> = (props) => (
  <Dynamic component={`h${Math.min(6, props.level + 2)}`} class={`md-h${props.level}`} dir="auto">
    {props.children}
  </Dynamic>
);

const Link: ParentComponent<{ href?: string | undefined }> = (props) => (
  <Show when={safeUrl(props.href, ['https:', 'http:', 'mailto:'])} fallback={props.children}>
    {(url) => (
      <a href={url().href} target="_blank" rel="noopener noreferrer nofollow">
        {props.children}
      </a>
    )}
  </Show>
);

/** Fetching an image reveals to its host who reads what and when, so it waits for a click. */
const Picture: Component<{ src?: string | undefined; alt?: string | undefined }> = (props) => {
  const [isWanted, setWanted] = createSignal(false);
  return (
    <Show when={safeUrl(props.src, ['https:', 'http:'])} fallback={props.alt}>
      {(url) => (
        <Show
          when={isWanted()}
          fallback={
            <button
              type="button"
              class="inline-flex items-center gap-1.5 rounded border border-line bg-raised px-2 text-small text-ink-soft hover:bg-hover"
              aria-label={t().markdown.loadImage(url().host)}
              onClick={() => setWanted(true)}
            >
              <ImageIcon size={14} aria-hidden="true" />
              {props.alt || t().markdown.image(url().host)}
              <span class="font-mono text-tiny text-ink-faint">{url().host}</span>
            </button>
          }
        >
          <img src={url().href} alt={props.alt} referrerpolicy="no-referrer" class="max-h-120 max-w-full rounded-lg" />
        </Show>
      )}
    </Show>
  );
};

const Code: Component<FromMarkdown> = (props) => {
  const code = createMemo(() => props.node.children.find((child): child is Element => child.type === 'element'));
  const isOpen = createMemo(() => code()?.properties['isOpen'] === true);
  const text = createMemo(() => textOf(code()).replace(/\n$/, ''));
  const language = createMemo(() => {
    const classes = code()?.properties['className'];
    const name = Array.isArray(classes) ? classes.map(String).find((each) => each.startsWith('language-')) : undefined;
    return name?.slice('language-'.length) ?? '';
  });
  return <CodeBlock code={text()} language={language()} isOpen={isOpen()} />;
};

type Directed = { dir?: 'ltr' | 'rtl' | 'auto' };

const Table: ParentComponent<Directed> = (props) => (
  <div tabindex="0" role="region" aria-label={t().markdown.table} class="overflow-x-auto">
    <table dir={props.dir}>{props.children}</table>
  </div>
);

type Aligned = Directed & { style?: JSX.CSSProperties & { textAlign?: 'left' | 'right' | 'center' } };

const HeadCell: ParentComponent<Aligned> = (props) => (
  <th scope="col" dir={props.dir} style={{ 'text-align': props.style?.textAlign }}>
    {props.children}
  </th>
);

const Cell: ParentComponent<Aligned> = (props) => (
  <td dir={props.dir} style={{ 'text-align': props.style?.textAlign }}>
    {props.children}
  </td>
);

const Checkbox: Component<FromMarkdown> = (props) => {
  const isChecked = () => Boolean(props.node.properties['checked']);
  return (
    <input
      type="checkbox"
      class="mr-2 align-[-1px] accent-accent"
      aria-label={isChecked() ? t().markdown.done : t().markdown.open}
      checked={isChecked()}
      disabled
    />
  );
};

const Formula: Component<FromMarkdown> = (props) => {
  const property = (name: string) => String(props.node.properties[name]);
  return (
    <MathFormula
      source={property('source')}
      tex={property('tex')}
      isDisplay={props.node.properties['isDisplay'] === true}
    />
  );
};

/** Leads to the note, in the list of the element that holds all of the texts. Ids would meet those of other answers. */
const FootnoteReference: Component<FromMarkdown> = (props) => {
  const number = () => Number(props.node.properties['number']);
  function showNote(reference: HTMLElement) {
    const note = reference.closest('[data-footnotes]')?.querySelector(`.md-footnotes > li:nth-child(${number()})`);
    if (!(note instanceof HTMLElement)) return;
    note.tabIndex = -1;
    note.scrollIntoView({ block: 'nearest' });
    note.focus({ preventScroll: true });
  }
  return (
    <button
      type="button"
      class="text-accent hover:underline"
      aria-label={t().markdown.footnote(String(number()))}
      onClick={(event) => showNote(event.currentTarget)}
    >
      {number()}
    </button>
  );
};

/** What solid-markdown would let through or show plainly, and we do not. The library types each as the tag's own props and more. */
const components = {
  h1: Heading,
  h2: Heading,
  h3: Heading,
  h4: Heading,
  h5: Heading,
  h6: Heading,
  a: Link,
  img: Picture,
  pre: Code,
  table: Table,
  th: HeadCell,
  td: Cell,
  input: Checkbox,
  'md-formula': Formula,
  'md-footnote': FootnoteReference,
} as unknown as SolidMarkdownComponents;

function safeUrl(text: string | undefined, protocols: readonly string[]): URL | undefined {
  const url = URL.parse(text ?? '');
  return url && protocols.includes(url.protocol) ? url : undefined;
}
