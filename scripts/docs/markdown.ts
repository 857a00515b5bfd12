/** Markdown of this repository as HTML: CommonMark with GFM's tables and addresses. HTML in it is left out. */
import type { Element, ElementContent, Root, RootContent } from 'hast';
import { toHtml } from 'hast-util-to-html';
import type { Heading, Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { toHast } from 'mdast-util-to-hast';
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal';
import { gfmTable } from 'micromark-extension-gfm-table';

import { renderCode } from './code.ts';
import { Html } from './markup.ts';

/** Where a link leads on the pages. Null: to nothing that they have, so that its words stay as text. */
export type ResolveLink = (url: string) => string | null;

const keep: ResolveLink = (url) => url;

export async function renderMarkdown(source: string, resolve: ResolveLink = keep): Promise<Html> {
  const tree = parse(source);
  resolveLinks(tree, resolve);
  nameHeadings(tree);
  const root = toHast(tree) as Root;
  root.children = (await Promise.all(root.children.map(renderBlock))) as RootContent[];
  // What `renderCode` gives is HTML already.
  return new Html(toHtml(root, { allowDangerousHtml: true }));
}

/** The text of its first heading. */
export function titleOf(source: string): string {
  const heading = parse(source).children.find(({ type }) => type === 'heading');
  if (!heading) throw new Error(`It has no heading: ${source.slice(0, 100)}`);
  return wordsOf(heading);
}

/** The addresses of its links, in their order. */
export function linksOf(source: string): string[] {
  const links: string[] = [];
  visit(parse(source), (node) => node.type === 'link' && links.push(node.url));
  return links;
}

function parse(source: string) {
  return fromMarkdown(source, {
    extensions: [gfmTable(), gfmAutolinkLiteral()],
    mdastExtensions: [gfmFromMarkdown()],
  });
}

function visit(node: Nodes, see: (node: Nodes) => unknown): void {
  see(node);
  if ('children' in node) for (const child of node.children) visit(child, see);
}

function wordsOf(node: Nodes): string {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(wordsOf).join('') : '';
}

function resolveLinks(tree: Nodes, resolve: ResolveLink): void {
  visit(tree, (node) => {
    if (node.type !== 'link') return;
    const url = resolve(node.url);
    if (url === null) node.data = { hName: 'span', hProperties: { href: undefined } };
    else node.url = url;
  });
}

/** As GitHub names them, so that links to a section work in both places. */
function nameHeadings(tree: Nodes): void {
  const used = new Map<string, number>();
  visit(tree, (node) => {
    if (node.type !== 'heading' || node.depth === 1) return;
    const slug = slugOf(node);
    const before = used.get(slug) ?? 0;
    used.set(slug, before + 1);
    node.data = { hProperties: { id: before === 0 ? slug : `${slug}-${before}` } };
  });
}

function slugOf(heading: Heading): string {
  return wordsOf(heading)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

async function renderBlock(node: RootContent | ElementContent): Promise<RootContent | ElementContent> {
  if (node.type !== 'element') return node;
  if (node.tagName === 'pre') return { type: 'raw', value: (await codeOf(node)).text };
  if (node.tagName === 'table') return scrolled(withoutEmptyHead(node));
  return { ...node, children: (await Promise.all(node.children.map(renderBlock))) as ElementContent[] };
}

function codeOf({ children: [code] }: Element): Promise<Html> {
  if (code?.type !== 'element') return renderCode('', '');
  const [text] = code.children;
  const { className } = code.properties;
  const [language = ''] = Array.isArray(className) ? className.map(String) : [];
  return renderCode(text?.type === 'text' ? text.value : '', language.replace('language-', ''));
}

/** Some tables have no titles of columns, which Markdown cannot say. */
function withoutEmptyHead(table: Element): Element {
  const isEmpty = (part: ElementContent): boolean =>
    part.type === 'text' ? part.value.trim() === '' : part.type === 'element' && part.children.every(isEmpty);
  return {
    ...table,
    children: table.children.filter((part) => !(part.type === 'element' && part.tagName === 'thead' && isEmpty(part))),
  };
}

function scrolled(table: Element): Element {
  return { type: 'element', tagName: 'div', properties: { className: ['scroll'], tabIndex: 0 }, children: [table] };
}
