import type { Element } from 'hast';
import ImageIcon from 'lucide-solid/icons/image';
import remarkGfm from 'remark-gfm';
import {
  createContext,
  createMemo,
  createSignal,
  Index,
  Show,
  useContext,
  type Component,
  type JSX,
  type ParentComponent,
} from 'solid-js';
import { SolidMarkdown, type SolidMarkdownComponents } from 'solid-markdown';
import { Dynamic } from 'solid-js/web';
import { t } from '../i18n';
import { CodeBlock } from './code-block';
import { growBlocks, noBlocks } from './markdown-blocks';
import { rawAsText, textOf, tidyElements } from './markdown-trees';

/**
 * The only place that makes elements from text. Each block is a tree of its own, so that a block which can no longer change is
 * never parsed again and keeps its DOM, and a selection in it survives.
 */
export const Markdown: Component<{ text: string; isGrowing?: boolean }> = (props) => {
  const blocks = createMemo(
    (before: typeof noBlocks) => growBlocks(before, props.text, props.isGrowing ?? false),
    noBlocks,
  );
  const sources = () => [...blocks().settled, ...blocks().tail];
  return (
    <div class="prose">
      <Index each={sources()}>
        {(source, index) => <Block source={source()} isOpen={blocks().isOpen && index === sources().length - 1} />}
      </Index>
    </div>
  );
};

interface BlockProps {
  source: string;
  /** It is code, or ends in code, whose closing fence has not been written yet. */
  isOpen: boolean;
}

const Block: Component<BlockProps> = (props) => (
  <BlockContext.Provider value={props}>
    <SolidMarkdown
      renderingStrategy="reconcile"
      remarkPlugins={[remarkGfm, rawAsText]}
      rehypePlugins={[tidyElements]}
      components={components}
    >
      {props.source}
    </SolidMarkdown>
  </BlockContext.Provider>
);

const BlockContext = createContext<BlockProps>({ source: '', isOpen: false });

type FromMarkdown = { node: Element };

// An answer stands under the page's own headings, so its first level is not the page's.
const Heading: ParentComponent<{ level: number }> = (props) => (
  <Dynamic component={`h${Math.min(6, props.level + 2)}`} class={`md-h${props.level}`}>
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

/** Fetching an image tells its host who reads what and when, so it waits for a click. */
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
  const block = useContext(BlockContext);
  const code = () => props.node.children.find((child): child is Element => child.type === 'element');
  const language = () => {
    const classes = code()?.properties['className'];
    const name = Array.isArray(classes) ? classes.map(String).find((each) => each.startsWith('language-')) : undefined;
    return name?.slice('language-'.length) ?? '';
  };
  return <CodeBlock code={textOf(code()).replace(/\n$/, '')} language={language()} isOpen={block.isOpen} />;
};

const Table: ParentComponent = (props) => (
  <div tabindex="0" role="region" aria-label={t().markdown.table} class="overflow-x-auto">
    <table>{props.children}</table>
  </div>
);

type Aligned = { style?: JSX.CSSProperties & { textAlign?: 'left' | 'right' | 'center' } };

const HeadCell: ParentComponent<Aligned> = (props) => (
  <th scope="col" style={{ 'text-align': props.style?.textAlign }}>
    {props.children}
  </th>
);

const Cell: ParentComponent<Aligned> = (props) => (
  <td style={{ 'text-align': props.style?.textAlign }}>{props.children}</td>
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
} as unknown as SolidMarkdownComponents;

function safeUrl(text: string | undefined, protocols: readonly string[]): URL | undefined {
  const url = URL.parse(text ?? '');
  return url && protocols.includes(url.protocol) ? url : undefined;
}
