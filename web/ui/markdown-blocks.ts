import type { Code, Definition, FootnoteDefinition, List, ListItem, Nodes, RootContent, Table, TableRow } from 'mdast';
import { normalizeIdentifier } from 'micromark-util-normalize-identifier';
import { heal } from './markdown-heal';
import { parseMarkdown, type Definitions } from './markdown-syntax';
import { footnotesIn, markOpenCode, prepare } from './markdown-trees';

/** A paragraph, list, table and so on at the top level of a text. */
export interface Block {
  source: string;
  node: RootContent;
  /** How many of the first items of a list, or rows of a table, no longer change. */
  kept: number;
  /** The footnotes that it refers to, in order. */
  footnotes: readonly string[];
}

/** A growing text in blocks. Those that can no longer change are settled: they are not parsed again. */
export interface Blocks {
  text: string;
  isGrowing: boolean;
  settled: readonly Block[];
  tail: readonly Block[];
  /** How much of the text the settled blocks cover. */
  settledLength: number;
  /** The beginning of the last block, where it is long. */
  long: LongBlock | null;
  /** Those of the settled blocks. */
  settledDefinitions: Definitions;
  /** Those of other texts that this one belongs to, before its own. */
  given: Definitions;
  /** Those given and its own. */
  definitions: Definitions;
}

/** What is already certain of a long last block, so that only its end is parsed again. */
interface LongBlock {
  /** Lines to put before the rest, so that the parser takes it for the same block. */
  head: string;
  /** Where in the text the rest begins. */
  readLength: number;
  begun: List | Table | Code;
}

const noDefinitions: Definitions = new Map();

export const noBlocks: Blocks = {
  text: '',
  isGrowing: true,
  settled: [],
  tail: [],
  settledLength: 0,
  long: null,
  settledDefinitions: noDefinitions,
  given: noDefinitions,
  definitions: noDefinitions,
};

/**
 * The last block may still grow and may join the one before it ("1. a", blank line, "2" is a paragraph until ". b"
 * makes it the same list), so the last two stay open. The same is true of items in a list and of rows in a table.
 */
const OPEN_BLOCKS = 2;

/** @param given definitions of other texts. Those that are new change only the blocks that use them. */
export function growBlocks(before: Blocks, text: string, isGrowing: boolean, given = noDefinitions): Blocks {
  if (text === before.text && isGrowing === before.isGrowing && given === before.given) return before;
  const length = before.long?.readLength ?? before.settledLength;
  const start = withGiven(text.startsWith(before.text.slice(0, length)) ? before : noBlocks, given);
  if (text === start.text && isGrowing === start.isGrowing) return start;
  const known = merge(given, start.settledDefinitions);
  const { blocks, long, isLongLast } = parseTail(start, text, isGrowing, known);

  const count = isLongLast ? blocks.length - 1 : countSettled(blocks);
  const fresh = blocks.slice(0, count);
  const tail = blocks.slice(count);
  const settledDefinitions = withDefinitions(start.settledDefinitions, fresh);
  const definitions = withDefinitions(merge(given, settledDefinitions), tail);
  // A definition that is still being written would change with each delta.
  const certain = isGrowing ? merge(given, settledDefinitions) : definitions;
  const labels = changedLabels(known, certain);
  const unresolved = count === 0 ? start.settled : [...start.settled, ...fresh];
  return {
    text,
    isGrowing,
    settled: resolveAgain(unresolved, labels, certain),
    tail,
    settledLength: start.settledLength + fresh.reduce((sum, { source }) => sum + source.length, 0),
    long: long && tail.some((block) => usesAny(block, labels)) ? null : long,
    settledDefinitions,
    given,
    definitions,
  };
}

/** The definitions of these blocks that count in other texts: a definition that is still being written does not. */
export function certainDefinitions({ isGrowing, settled, tail }: Blocks): (Definition | FootnoteDefinition)[] {
  return (isGrowing ? settled : [...settled, ...tail]).flatMap(({ node }) => definitionsIn(node));
}

/** All footnotes that these blocks define. */
export function footnoteDefinitions({ settled, tail }: Blocks): FootnoteDefinition[] {
  const found = [...settled, ...tail].flatMap(({ node }) => definitionsIn(node));
  return found.filter((node) => node.type === 'footnoteDefinition');
}

export function footnoteList(notes: readonly FootnoteDefinition[]): Block {
  const node: List = {
    type: 'list',
    ordered: true,
    spread: false,
    children: notes.map(({ children }) => ({ type: 'listItem', spread: false, children })),
    data: { hProperties: { className: ['md-footnotes'] } },
  };
  return { source: '', node, kept: 0, footnotes: footnotesIn(node) };
}

function withGiven(blocks: Blocks, given: Definitions): Blocks {
  if (given === blocks.given) return blocks;
  const definitions = merge(given, blocks.definitions);
  // What was a reference has become text again: the other texts are not those from before.
  if ([...blocks.given.keys()].some((label) => !given.has(label))) return { ...noBlocks, given, definitions: given };
  const before = blocks.isGrowing ? merge(blocks.given, blocks.settledDefinitions) : blocks.definitions;
  const certain = blocks.isGrowing ? merge(given, blocks.settledDefinitions) : definitions;
  const labels = changedLabels(before, certain);
  const tail = resolveAgain(blocks.tail, labels, definitions);
  if (blocks.isGrowing) markOpenCode(tail.at(-1)?.node);
  return {
    ...blocks,
    settled: resolveAgain(blocks.settled, labels, certain),
    tail,
    long: tail.some((block, index) => block !== blocks.tail[index]) ? null : blocks.long,
    given,
    definitions,
  };
}

/** How many characters are parsed again when the text grows. */
export function unsettledLength({ text, settledLength, long }: Blocks): number {
  return text.length - (long?.readLength ?? settledLength);
}

/** What stands right below a definition goes with it: alone, "2. two" would be a list. */
function countSettled(blocks: readonly Block[]): number {
  let count = Math.max(0, blocks.length - OPEN_BLOCKS);
  while (count > 0 && isJoined(blocks[count - 1], blocks[count])) count--;
  return count;
}

function isJoined(block: Block | undefined, next: Block | undefined): boolean {
  return block?.node.type === 'definition' && next?.node.type !== 'definition' && !/\n\s*\n$/.test(block.source);
}

interface Tail {
  blocks: Block[];
  /** One of the two last blocks. */
  long: LongBlock | null;
  isLongLast: boolean;
}

function parseTail(start: Blocks, text: string, isGrowing: boolean, known: Definitions): Tail {
  // The end of the text may bring definitions for all of it.
  const long = isGrowing || !text.slice(start.settledLength).includes(']:') ? start.long : null;
  const from = long?.readLength ?? start.settledLength;
  const raw = (long?.head ?? '') + text.slice(from);
  const source = isGrowing ? heal(raw) : raw;
  const { children } = parseMarkdown(source, known);
  const [first] = children;
  const joined = long && first ? join(long.begun, first) : null;
  if (long && !joined) return parseTail({ ...start, long: null }, text, isGrowing, known);

  const base = from - (long?.head.length ?? 0);
  const last = children.at(-1);
  const begun = joined && children.length === 1 ? long : null;
  const longLast = isGrowing && last ? lengthen(begun, last, source, base) : null;
  const longBefore = isGrowing && joined && children.length === OPEN_BLOCKS && !longLast ? long : null;
  if (isGrowing) markOpenCode(last);

  const starts = startsOf(children, source);
  const blocks = children.map((node, index) => {
    const part = source.slice(index === 0 ? 0 : starts[index], starts[index + 1]);
    const own = index === 0 && joined ? joined : node;
    const whole = index === 0 && long ? text.slice(start.settledLength, from) + part.slice(long.head.length) : part;
    return makeBlock(whole, own);
  });
  const nextLong = longLast ?? longBefore;
  const longBlock = blocks.at(longLast ? -1 : 0);
  if (nextLong && longBlock) longBlock.kept = partsOf(nextLong.begun);
  return { blocks, long: nextLong, isLongLast: longLast !== null };
}

/** A heading right behind a definition begins, for the parser, where the definition does. */
function startsOf(nodes: readonly RootContent[], source: string): number[] {
  let end = 0;
  return nodes.map((node) => {
    const start = Math.max(end, lineStart(source, offsetOf(node)));
    const newline = source.indexOf('\n', node.position?.end.offset ?? 0);
    end = newline < 0 ? source.length : newline + 1;
    return start;
  });
}

function makeBlock(source: string, node: RootContent): Block {
  const prepared = prepare(node);
  return { source, node: prepared, kept: 0, footnotes: footnotesIn(prepared) };
}

/** The whole block, of its certain beginning and of what the rest was parsed to; null where these do not fit. */
function join(begun: LongBlock['begun'], rest: RootContent): RootContent | null {
  if (begun.type === 'code' && rest.type === 'code') return { ...rest, value: `${begun.value}\n${rest.value}` };
  if (begun.type === 'table' && rest.type === 'table')
    return { ...rest, children: [...rest.children.slice(0, 1), ...begun.children, ...rest.children.slice(1)] };
  if (begun.type === 'list' && rest.type === 'list' && begun.ordered === rest.ordered)
    return {
      ...rest,
      start: begun.start ?? null,
      spread: Boolean(begun.spread) || Boolean(rest.spread),
      children: [...begun.children, ...rest.children],
    };
  return null;
}

function partsOf(begun: LongBlock['begun']): number {
  return begun.type === 'code' ? 0 : begun.children.length;
}

/** @param base the offset in the text at which the source begins. */
function lengthen(long: LongBlock | null, node: RootContent, source: string, base: number): LongBlock | null {
  const begun = long?.begun;
  if (node.type === 'list') return lengthenList(begun?.type === 'list' ? begun : null, node, source, base) ?? long;
  if (node.type === 'table') return lengthenTable(begun?.type === 'table' ? begun : null, node, source, base) ?? long;
  if (node.type === 'code') return lengthenCode(begun?.type === 'code' ? begun : null, node, source, base) ?? long;
  return null;
}

/** Fewer are not worth the effort. */
const FEW_PARTS = 6;
const FEW_LINES = 20;

function lengthenList(begun: List | null, node: List, source: string, base: number): LongBlock | null {
  if (node.children.length < FEW_PARTS) return null;
  const fresh = node.children.slice(0, -OPEN_BLOCKS);
  const next = node.children[fresh.length];
  if (!next) return null;
  const isSpread = [...fresh, next].some((item, index, items) => isAfterBlankLine(items[index - 1], item));
  return {
    head: '',
    readLength: base + lineStart(source, offsetOf(next)),
    begun: {
      ...node,
      start: begun ? (begun.start ?? null) : (node.start ?? null),
      spread: Boolean(begun?.spread) || isSpread,
      children: [...(begun?.children ?? []), ...fresh.map((item) => prepare(item))],
    },
  };
}

function isAfterBlankLine(before: ListItem | undefined, item: ListItem): boolean {
  return before !== undefined && (item.position?.start.line ?? 0) - (before.position?.end.line ?? 0) > 1;
}

function lengthenTable(begun: Table | null, node: Table, source: string, base: number): LongBlock | null {
  const [, ...rows] = node.children;
  const [firstRow] = rows;
  if (!firstRow || rows.length < FEW_PARTS) return null;
  const fresh: TableRow[] = rows.slice(0, -OPEN_BLOCKS);
  const next = rows[fresh.length];
  if (!next) return null;
  return {
    head: source.slice(lineStart(source, offsetOf(node)), lineStart(source, offsetOf(firstRow))),
    readLength: base + lineStart(source, offsetOf(next)),
    begun: { ...node, children: [...(begun?.children ?? []), ...fresh.map((row) => prepare(row))] },
  };
}

/** Only code whose fence is open grows. */
function lengthenCode(begun: Code | null, node: Code, source: string, base: number): LongBlock | null {
  const lines = node.value.split('\n');
  if (node.data?.fences !== 1 || lines.length < FEW_LINES) return null;
  const begin = lineStart(source, offsetOf(node));
  const head = source.slice(begin, source.indexOf('\n', begin) + 1);
  const fresh = lines.slice(0, -OPEN_BLOCKS);
  let readLength = begin + head.length;
  for (const _line of fresh) readLength = source.indexOf('\n', readLength) + 1;
  const value = fresh.join('\n');
  return {
    head,
    readLength: base + readLength,
    begun: { ...node, value: begun ? `${begun.value}\n${value}` : value },
  };
}

/** A definition makes references of what was text, in the blocks that name it. */
function resolveAgain(blocks: readonly Block[], fresh: ReadonlySet<string>, known: Definitions): readonly Block[] {
  if (fresh.size === 0) return blocks;
  return blocks.map((block, index) => {
    if (!usesAny(block, fresh)) return block;
    const node = parseAgain(block, blocks[index - 1], known);
    return node ? makeBlock(block.source, node) : block;
  });
}

/** Behind the definition that it stands right below, where it does. */
function parseAgain(block: Block, before: Block | undefined, known: Definitions): RootContent | undefined {
  if (!before || !isJoined(before, block)) return parseMarkdown(block.source, known).children[0];
  return parseMarkdown(before.source + block.source, known).children[1];
}

function usesAny(block: Block, fresh: ReadonlySet<string>): boolean {
  if (fresh.size === 0 || block.node.type === 'code' || block.node.type === 'definition') return false;
  return labelsIn(block).some((label) => fresh.has(label));
}

function changedLabels(before: Definitions, after: Definitions): ReadonlySet<string> {
  if (before === after) return noLabels;
  return new Set([...after].flatMap(([label, node]) => (isSameTarget(before.get(label), node) ? [] : [label])));
}

export function isSameDefinitions(one: Definitions, other: Definitions): boolean {
  return one.size === other.size && changedLabels(one, other).size === 0;
}

const noLabels: ReadonlySet<string> = new Set();

function isSameTarget(one: Definition | FootnoteDefinition | undefined, other: Definition | FootnoteDefinition) {
  if (one === undefined || one === other) return one === other;
  if (one.type === 'footnoteDefinition' || other.type === 'footnoteDefinition') return one.type === other.type;
  return one.url === other.url && one.title === other.title;
}

const labelsOf = new WeakMap<Block, string[]>();

/** What stands in square brackets. */
function labelsIn(block: Block): string[] {
  let found = labelsOf.get(block);
  if (!found) {
    found = [...block.source.matchAll(/\[((?:[^[\]\\]|\\.)+)\]/gs)].map(([, label = '']) => normalizeIdentifier(label));
    labelsOf.set(block, found);
  }
  return found;
}

function withDefinitions(known: Definitions, blocks: readonly Block[]): Definitions {
  return addDefinitions(
    known,
    blocks.flatMap(({ node }) => definitionsIn(node)),
  );
}

/** The first of a label counts. The same map where nothing is new. */
export function addDefinitions(known: Definitions, found: Iterable<Definition | FootnoteDefinition>): Definitions {
  let all: Map<string, Definition | FootnoteDefinition> | undefined;
  for (const node of found) {
    const label = labelOf(node);
    if (!(all ?? known).has(label)) (all ??= new Map(known)).set(label, node);
  }
  return all ?? known;
}

function merge(first: Definitions, second: Definitions): Definitions {
  if (first.size === 0) return second;
  return addDefinitions(first, second.values());
}

const containers = new Set<Nodes['type']>(['footnoteDefinition', 'blockquote', 'list', 'listItem']);
const nothingDefined: readonly (Definition | FootnoteDefinition)[] = [];
const definitionsOf = new WeakMap<Nodes, readonly (Definition | FootnoteDefinition)[]>();

function definitionsIn(node: Nodes): readonly (Definition | FootnoteDefinition)[] {
  if (node.type === 'definition') return [node];
  if (!containers.has(node.type) || !('children' in node) || !node.children) return nothingDefined;
  const known = definitionsOf.get(node);
  if (known) return known;
  const inside = node.children.flatMap((child: Nodes) => definitionsIn(child));
  const found = node.type === 'footnoteDefinition' ? [node, ...inside] : inside;
  definitionsOf.set(node, found);
  return found;
}

function labelOf(node: Definition | FootnoteDefinition): string {
  return normalizeIdentifier(node.type === 'definition' ? node.identifier : `^${node.identifier}`);
}

function offsetOf(node: Nodes): number {
  return node.position?.start.offset ?? 0;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}
