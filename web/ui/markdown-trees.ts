/** What is done to the trees between parsing and showing. */
import type { Element, ElementContent, Nodes as HtmlNodes, Root as HtmlRoot } from 'hast';
import type {
  Emphasis,
  List,
  ListItem,
  Nodes,
  Parents,
  PhrasingContent,
  RootContent,
  Table,
  TableRow,
  Text,
} from 'mdast';
import { defaultHandlers, toHast, type Handlers, type State } from 'mdast-util-to-hast';
import type { FormulaNode } from './markdown-math-syntax';
import { inlineTags, type Definitions } from './markdown-syntax';

declare module 'mdast' {
  interface CodeData {
    /** How many of its two fences have been written. */
    fences?: number;
  }
}

/** Makes a parsed node ready to be shown: HTML becomes text or one of the allowed elements, and positions go. */
export function prepare<Node extends Nodes>(node: Node, depth = 0): Node {
  if (!('position' in node)) return node;
  // Positions would become attributes, and each takes memory.
  delete node.position;
  if (node.type === 'html') return htmlAsText(node.value) as Nodes as Node;
  if (!('children' in node) || !node.children) return node;
  const parent: Parents = node;
  if (depth > DEEPEST) (parent as { children: Nodes[] }).children = flatten(parent);
  const children: Nodes[] = parent.children.map((child) => prepareChild(child, parent, depth + 1));
  const hasRaw = children.some((child) => raw.has(child));
  (parent as { children: Nodes[] }).children = pairTags(children);
  // The line breaks of HTML that is shown as text are a part of it.
  if (parent.type === 'paragraph' && hasRaw) parent.data = { hProperties: { className: ['md-raw'] } };
  return node;
}

/** Each level is some levels of calls when it is shown: thousands of `>` would end in a stack overflow. */
const DEEPEST = 60;

/** The words of what is nested too deeply, without their form. */
function flatten(parent: Parents): Nodes[] {
  const words: string[] = [];
  const waiting: Nodes[] = [...parent.children];
  for (let node = waiting.shift(); node; node = waiting.shift()) {
    if ('value' in node) words.push(node.value);
    else if ('children' in node && node.children) waiting.unshift(...node.children);
  }
  const text: Nodes = { type: 'text', value: words.join(' ') };
  return holdsWords.has(parent.type) ? [text] : [{ type: 'paragraph', children: [text] }];
}

const raw = new WeakSet<Nodes>();
const holdsWords = new Set<Nodes['type']>([
  'paragraph',
  'heading',
  'emphasis',
  'strong',
  'delete',
  'link',
  'linkReference',
  'tableCell',
]);

function prepareChild(child: Nodes, parent: Parents, depth: number): Nodes {
  if (child.type !== 'html' || !holdsWords.has(parent.type)) return prepare(child, depth);
  delete child.position;
  if (!tag.test(child.value)) {
    const text: Nodes = { type: 'text', value: child.value };
    raw.add(text);
    return text;
  }
  return child;
}

function htmlAsText(value: string): RootContent {
  return {
    type: 'paragraph',
    children: [{ type: 'text', value }],
    data: { hProperties: { className: ['md-raw'] } },
  };
}

const tag = new RegExp(`^<(/?)(${inlineTags.join('|')})(?:\\s[^>]*)?/?>$`, 'i');

/** Each level of nesting is a level of calls when it is shown. */
const DEEPEST_TAGS = 8;

/** Makes elements of allowed tags that come in pairs. A tag without its other half is the text that it is. */
function pairTags(children: Nodes[]): Nodes[] {
  const open: { name: string; index: number }[] = [];
  const shown: Nodes[] = [];
  for (const child of children) {
    const [, slash, name] = (child.type === 'html' && tag.exec(child.value.toLowerCase())) || [];
    if (child.type !== 'html') shown.push(child);
    else if (name === 'br') shown.push({ type: 'break' });
    else {
      const start = slash ? open.findLastIndex((each) => each.name === name) : -1;
      const opening = open[start];
      if (opening && name) {
        const inside = shown.splice(opening.index + 1) as PhrasingContent[];
        shown[opening.index] = elementOf(name, inside);
        open.length = start;
      } else {
        if (!slash && name && open.length < DEEPEST_TAGS) open.push({ name, index: shown.length });
        shown.push({ type: 'text', value: child.value });
      }
    }
  }
  return shown;
}

/** An mdast node of the same kind as emphasis, shown by another element. */
function elementOf(name: string, children: PhrasingContent[]): Emphasis {
  return { type: 'emphasis', data: { hName: name }, children };
}

/** Marks code at the very end of a growing text whose closing fence has not been written. */
export function markOpenCode(last: Nodes | undefined): void {
  let node = last;
  while (node && 'children' in node && node.children) node = node.children.at(-1);
  if (node?.type === 'code' && node.data?.fences === 1) node.data.hProperties = { isOpen: true };
}

export function footnotesIn(node: Nodes): readonly string[] {
  if (node.type === 'footnoteReference') return [node.identifier];
  if (node.type === 'footnoteDefinition' || !('children' in node) || !node.children) return none;
  const known = footnotes.get(node);
  if (known) return known;
  const found = node.children.flatMap((child) => footnotesIn(child));
  footnotes.set(node, found);
  return found;
}

const none: readonly string[] = [];
/** A long list that grows is asked again and again for items that do not change. */
const footnotes = new WeakMap<Nodes, readonly string[]>();

/** The numbers of the footnotes by their identifiers. */
export type FootnoteNumbers = ReadonlyMap<string, number>;

export interface Conversion {
  definitions: Definitions;
  footnotes: FootnoteNumbers;
  /** The elements of list items and table rows that no longer change. */
  kept: WeakMap<ListItem | TableRow, KeptElement>;
}

export interface KeptElement {
  element: Element;
  /** An item of a list with blank lines between its items holds paragraphs. */
  isLoose: boolean;
}

/** The element that shows a block; null for a definition, which shows nothing. */
export function toElement(node: RootContent, { definitions, footnotes, kept }: Conversion): Element | null {
  const standIns = new Map<Nodes, Element>();
  const own = { formula, text, footnoteReference, listItem: keeping('listItem'), tableRow: keeping('tableRow') };
  const tree = toHast(
    { type: 'root', children: [withStandIns(), ...definitions.values()] },
    { handlers: own as unknown as Handlers },
  );
  const root: HtmlRoot = tree.type === 'root' ? tree : { type: 'root', children: [] };
  const element = root.children.find((child) => child.type === 'element');
  if (element) tidy(element);
  return element ?? null;

  function footnoteReference(_state: State, { identifier }: { identifier: string }): Element {
    const number = footnotes.get(identifier);
    const shown: ElementContent =
      number === undefined
        ? { type: 'text', value: identifier }
        : { type: 'element', tagName: 'md-footnote', properties: { number }, children: [] };
    return { type: 'element', tagName: 'sup', properties: {}, children: [shown] };
  }

  /** The library visits each node that it is given: for a part that has its element already, one node is enough. */
  function withStandIns(): RootContent {
    if (node.type !== 'list' && node.type !== 'table') return node;
    const isLoose = isLooseList(node);
    const children = node.children.map((part) => {
      const found = kept.get(part);
      if (!found || found.isLoose !== isLoose) return part;
      const standIn = { ...part, children: [] };
      standIns.set(standIn, found.element);
      return standIn;
    });
    return { ...node, children } as List | Table;
  }

  function keeping(type: 'listItem' | 'tableRow') {
    return (state: State, part: ListItem | TableRow, parent: Parents | undefined): Element =>
      standIns.get(part) ?? defaultHandlers[type](state, part as never, parent);
  }
}

export function isLooseList(node: RootContent): boolean {
  return node.type === 'list' && (Boolean(node.spread) || node.children.some(({ spread }) => spread));
}

/** The library takes the indentation away, which HTML shown as text keeps. */
function text(state: State, node: Text, parent: Parents | undefined): ElementContent {
  if (parent?.type === 'paragraph' && parent.data?.hProperties) return { type: 'text', value: node.value };
  return defaultHandlers.text(state, node);
}

function formula(_state: State, { source, tex, isDisplay }: FormulaNode): ElementContent {
  if (tex === '') return { type: 'text', value: source };
  return { type: 'element', tagName: 'md-formula', properties: { source, tex, isDisplay }, children: [] };
}

const holdsWordsHere = new Set(['p', 'li', 'em', 'strong', 'del', 'a', 'td', 'th', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
const hasDirection = new Set(['p', 'li', 'td', 'th', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
/** By the rules of HTML `auto` does not look into children that have a direction of their own. */
const takesDirectionOfText = new Set(['ul', 'ol', 'blockquote', 'table']);

function tidy(element: Element): void {
  if (tidied.has(element)) return;
  // Ids would meet those of other answers.
  delete element.properties['id'];
  const dir = directionFor(element);
  if (dir) element.properties = { dir, ...element.properties };
  if (holdsWordsHere.has(element.tagName)) keepSpaces(element);
  else if (element.tagName !== 'pre' && element.tagName !== 'code')
    element.children = element.children.filter((child) => child.type !== 'text' || child.value !== '\n');
  for (const child of element.children) if (child.type === 'element') tidy(child);
}

function directionFor(element: Element): 'auto' | 'ltr' | 'rtl' | null {
  if (element.tagName === 'code') return 'ltr';
  if (hasDirection.has(element.tagName)) return 'auto';
  return takesDirectionOfText.has(element.tagName) ? (directionOf(element) ?? 'auto') : null;
}

const tidied = new WeakSet<Element>();

/** From now on the element is taken as it is. */
export function markTidied(element: Element): void {
  tidied.add(element);
}

/** solid-markdown drops a text that is only a line's end, but between two elements it is a space. */
function keepSpaces(element: Element): void {
  const classes = element.properties['className'];
  const space = Array.isArray(classes) && classes.includes('md-raw') ? ' \n' : ' ';
  for (const child of element.children) if (child.type === 'text' && child.value === '\n') child.value = space;
}

const strong = /\p{L}/u;
const rightToLeft =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** By its first letter, leaving code out. */
function directionOf(node: HtmlNodes): 'rtl' | 'ltr' | null {
  if (node.type === 'text') {
    const [letter] = strong.exec(node.value) ?? [];
    return letter === undefined ? null : rightToLeft.test(letter) ? 'rtl' : 'ltr';
  }
  if (!('children' in node) || (node.type === 'element' && node.tagName === 'code')) return null;
  for (const child of node.children) {
    const direction = directionOf(child);
    if (direction) return direction;
  }
  return null;
}

export function textOf(node: ElementContent | undefined): string {
  if (!node) return '';
  if (node.type === 'text') return node.value;
  return 'children' in node ? node.children.map(textOf).join('') : '';
}
