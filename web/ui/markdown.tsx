import ImageIcon from 'lucide-solid/icons/image';
import type { Definition, Nodes, RootContent } from 'mdast';
import {
  createComputed,
  createContext,
  createSignal,
  Index,
  Show,
  useContext,
  type Accessor,
  type Component,
  type JSX,
} from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import { Dynamic } from 'solid-js/web';
import { t } from '../i18n';
import { CodeBlock } from './code-block';
import { growBlocks, noBlocks } from './markdown-blocks';

/**
 * The only place that makes elements from text. It walks the syntax tree, so nothing can appear that has no renderer
 * below: raw HTML is text, and an address that is not https, http or mailto is no link.
 */
export const Markdown: Component<{ text: string; isGrowing?: boolean }> = (props) => {
  const [blocks, setBlocks] = createStore<RootContent[]>([]);
  const [definitions, setDefinitions] = createSignal<ReadonlyMap<string, Definition>>(new Map());
  let grown = noBlocks;
  let shown: readonly RootContent[] = [];

  createComputed(() => {
    grown = growBlocks(grown, props.text, props.isGrowing ?? false);
    const next = [...grown.settled, ...grown.tail];
    setDefinitions(definitionsOf(next));
    next.forEach((node, index) => {
      // Merged in place rather than replaced, so that what did not change keeps its DOM.
      if (shown[index] !== node) setBlocks(index, reconcile(node, { key: null, merge: true }));
    });
    if (next.length < shown.length) setBlocks((all) => all.slice(0, next.length));
    shown = next;
  });

  return (
    <Definitions.Provider value={definitions}>
      <div class="prose">
        <Index each={blocks}>{(block) => <Piece node={block()} />}</Index>
      </div>
    </Definitions.Provider>
  );
};

const Definitions = createContext<Accessor<ReadonlyMap<string, Definition>>>(() => new Map());

function definitionsOf(nodes: readonly Nodes[], found = new Map<string, Definition>()): Map<string, Definition> {
  for (const node of nodes) {
    if (node.type === 'definition' && !found.has(node.identifier)) found.set(node.identifier, node);
    if (node.type === 'blockquote' || node.type === 'list' || node.type === 'listItem')
      definitionsOf(node.children, found);
  }
  return found;
}

type Renderers = { [Type in Nodes['type']]?: Component<{ node: Extract<Nodes, { type: Type }> }> };

const Piece: Component<{ node: Nodes }> = (props) => (
  // The table pairs every type with the renderer of that type, which TypeScript cannot follow through a lookup.
  <Dynamic component={renderers[props.node.type] as Component<{ node: Nodes }> | undefined} node={props.node} />
);

const Pieces: Component<{ of: readonly Nodes[] | undefined }> = (props) => (
  <Index each={props.of ?? []}>{(child) => <Piece node={child()} />}</Index>
);

const renderers: Renderers = {
  paragraph: (props) => (
    <p>
      <Pieces of={props.node.children} />
    </p>
  ),
  heading: (props) => (
    // An answer stands under the page's own headings, so its first level is not the page's.
    <Dynamic component={`h${Math.min(6, props.node.depth + 2)}`} class={`md-h${props.node.depth}`}>
      <Pieces of={props.node.children} />
    </Dynamic>
  ),
  text: (props) => <>{props.node.value}</>,
  html: (props) => <>{props.node.value}</>,
  break: () => <br />,
  thematicBreak: () => <hr />,
  emphasis: (props) => (
    <em>
      <Pieces of={props.node.children} />
    </em>
  ),
  strong: (props) => (
    <strong>
      <Pieces of={props.node.children} />
    </strong>
  ),
  delete: (props) => (
    <del>
      <Pieces of={props.node.children} />
    </del>
  ),
  inlineCode: (props) => <code>{props.node.value}</code>,
  code: (props) => (
    <CodeBlock code={props.node.value} language={props.node.lang ?? ''} isOpen={props.node.data?.isOpen ?? false} />
  ),
  blockquote: (props) => (
    <blockquote>
      <Pieces of={props.node.children} />
    </blockquote>
  ),
  link: (props) => (
    <Link url={props.node.url}>
      <Pieces of={props.node.children} />
    </Link>
  ),
  linkReference: (props) => {
    const definitions = useContext(Definitions);
    return (
      <Link url={definitions().get(props.node.identifier)?.url ?? ''}>
        <Pieces of={props.node.children} />
      </Link>
    );
  },
  image: (props) => <Picture url={props.node.url} alt={props.node.alt ?? ''} />,
  imageReference: (props) => {
    const definitions = useContext(Definitions);
    return <Picture url={definitions().get(props.node.identifier)?.url ?? ''} alt={props.node.alt ?? ''} />;
  },
  list: (props) => {
    const isLoose = () => props.node.spread || (props.node.children ?? []).some((item) => item.spread);
    const items = () => <ListItems items={props.node.children} isLoose={isLoose() ?? false} />;
    return (
      <Show when={props.node.ordered} fallback={<ul>{items()}</ul>}>
        <ol start={props.node.start ?? 1}>{items()}</ol>
      </Show>
    );
  },
  table: (props) => <Table node={props.node} />,
  footnoteReference: (props) => <sup>{props.node.label ?? props.node.identifier}</sup>,
  footnoteDefinition: (props) => (
    <div class="flex gap-2 text-small text-ink-soft">
      <sup class="pt-2">{props.node.label ?? props.node.identifier}</sup>
      <div>
        <Pieces of={props.node.children} />
      </div>
    </div>
  ),
};

type Of<Type extends Nodes['type']> = Extract<Nodes, { type: Type }>;

const ListItems: Component<{ items: readonly Of<'listItem'>[] | undefined; isLoose: boolean }> = (props) => (
  <Index each={props.items ?? []}>
    {(item) => (
      <li classList={{ task: typeof item().checked === 'boolean' }}>
        <Show when={typeof item().checked === 'boolean'}>
          <input
            type="checkbox"
            class="mr-2 align-[-1px] accent-accent"
            aria-label={item().checked ? t().markdown.done : t().markdown.open}
            checked={item().checked ?? false}
            disabled
          />
        </Show>
        <Index each={item().children ?? []}>
          {(child) => (
            <Show when={tightParagraph(child(), props.isLoose)} fallback={<Piece node={child()} />}>
              {(paragraph) => <Pieces of={paragraph().children} />}
            </Show>
          )}
        </Index>
      </li>
    )}
  </Index>
);

function tightParagraph(node: Nodes, isLoose: boolean): Of<'paragraph'> | false {
  return !isLoose && node.type === 'paragraph' && node;
}

const Table: Component<{ node: Of<'table'> }> = (props) => {
  const align = (column: number) => ({ 'text-align': props.node.align?.[column] ?? undefined });
  return (
    <div tabindex="0" role="region" aria-label={t().markdown.table} class="overflow-x-auto">
      <table>
        <thead>
          <tr>
            <Index each={props.node.children?.[0]?.children ?? []}>
              {(cell, column) => (
                <th scope="col" style={align(column)}>
                  <Pieces of={cell().children} />
                </th>
              )}
            </Index>
          </tr>
        </thead>
        <tbody>
          <Index each={props.node.children?.slice(1) ?? []}>
            {(row) => (
              <tr>
                <Index each={row().children ?? []}>
                  {(cell, column) => (
                    <td style={align(column)}>
                      <Pieces of={cell().children} />
                    </td>
                  )}
                </Index>
              </tr>
            )}
          </Index>
        </tbody>
      </table>
    </div>
  );
};

const Link: Component<{ url: string; children: JSX.Element }> = (props) => (
  <Show when={safeUrl(props.url, ['https:', 'http:', 'mailto:'])} fallback={props.children}>
    {(url) => (
      <a href={url().href} target="_blank" rel="noopener noreferrer nofollow">
        {props.children}
      </a>
    )}
  </Show>
);

/** Fetching an image tells its host who reads what and when, so it waits for a click. */
const Picture: Component<{ url: string; alt: string }> = (props) => {
  const [isWanted, setWanted] = createSignal(false);
  const url = () => safeUrl(props.url, ['https:', 'http:']);
  return (
    <Show when={url()} fallback={props.alt}>
      {(safe) => (
        <Show
          when={isWanted()}
          fallback={
            <button
              type="button"
              class="inline-flex items-center gap-1.5 rounded border border-line bg-raised px-2 text-small text-ink-soft hover:bg-hover"
              aria-label={t().markdown.loadImage(safe().host)}
              onClick={() => setWanted(true)}
            >
              <ImageIcon size={14} aria-hidden="true" />
              {props.alt || t().markdown.image(safe().host)}
              <span class="font-mono text-tiny text-ink-faint">{safe().host}</span>
            </button>
          }
        >
          <img src={safe().href} alt={props.alt} referrerpolicy="no-referrer" class="max-h-120 max-w-full rounded-lg" />
        </Show>
      )}
    </Show>
  );
};

function safeUrl(text: string, protocols: readonly string[]): URL | undefined {
  const url = URL.parse(text);
  return url && protocols.includes(url.protocol) ? url : undefined;
}
