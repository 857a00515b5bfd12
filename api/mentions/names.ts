/**
 * Which `@names` a text calls: those in its words, not those in code and in quotes. Read line by line and in linear time, since it
 * is anybody's text: a Markdown parser takes half a minute for some texts of this length.
 */

/** More names than that are not read. */
export const MOST_NAMES = 50;

/** Each name once, in small letters, in the order in which they first stand there. */
export function namesIn(text: string): string[] {
  if (!text.includes('@')) return [];
  const names = new Set<string>();
  for (const block of blocksOf(text)) {
    for (const [, name = ''] of withoutCode(block).matchAll(NAME)) {
      names.add(name.toLowerCase());
      if (names.size >= MOST_NAMES) return [...names];
    }
  }
  return [...names];
}

/** What a name may mean: itself, and itself without the punctuation that ends it. The longest first. */
export function readingsOf(name: string): string[] {
  const readings = [name];
  for (let shorter = name; /[._-]$/.test(shorter);) readings.push((shorter = shorter.slice(0, -1)));
  return readings.filter((reading) => reading.length >= 2);
}

/** Neither inside a word nor in an address: `a@b.c` and `https://example.org/@b` name no one. */
const NAME = /(?<![\p{L}\p{N}_.+/@-])@([a-z0-9][a-z0-9._-]{1,31})(?![\p{L}\p{N}_])/giu;

/** The paragraphs, without fenced and indented code and without quotes. */
function* blocksOf(text: string): Generator<string> {
  let block: string[] = [];
  let fence: Fence | null = null;
  let isQuote = false;
  let isList = false;
  for (const line of text.split(/\r\n|[\r\n]/)) {
    if (fence) {
      if (closes(fence, line)) fence = null;
      continue;
    }
    const isBlank = line.trim() === '';
    const isIndented = /^( {4}| {0,3}\t)/.test(line);
    // Indented lines are code where no paragraph and no list goes on.
    const isCode = isIndented && block.length === 0 && !isList;
    fence = isIndented && !isList ? null : fenceOf(line);
    if (isBlank || fence || isCode || isQuoteStart(line)) {
      if (block.length > 0) yield block.join('\n');
      block = [];
      isQuote = !isBlank && !fence && !isCode;
      continue;
    }
    // A quote goes on without its mark until a blank line.
    if (isQuote) continue;
    if (LIST_ITEM.test(line)) isList = true;
    else if (!/^\s/.test(line) && block.length === 0) isList = false;
    block.push(line);
  }
  if (block.length > 0) yield block.join('\n');
}

const LIST_ITEM = /^ {0,3}([-+*]|\d{1,9}[.)])( |\t|$)/;

function isQuoteStart(line: string): boolean {
  return /^ {0,3}(([-+*]|\d{1,9}[.)]) {1,4})?>/.test(line);
}

interface Fence {
  mark: string;
  length: number;
}

function fenceOf(line: string): Fence | null {
  const [, run = '', info = ''] = /^\s*(?:(?:[-+*]|\d{1,9}[.)]) {1,4})?(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  const mark = run[0];
  // Backticks that close on the same line are a span of code.
  return mark && !(mark === '`' && info.includes('`')) ? { mark, length: run.length } : null;
}

function closes({ mark, length }: Fence, line: string): boolean {
  const trimmed = line.trim();
  return trimmed.length >= length && trimmed === mark.repeat(trimmed.length);
}

/** With a blank for each span of code: from a run of backticks to the next one of the same length. */
function withoutCode(block: string): string {
  const runs = [...block.matchAll(/`+/g)].map(({ index, 0: run }) => ({ index, length: run.length }));
  const later = new Map<number, number[]>();
  for (const { index, length } of runs.toReversed()) {
    const indices = later.get(length) ?? [];
    indices.push(index);
    later.set(length, indices);
  }
  let kept = '';
  let from = 0;
  for (const { index, length } of runs) {
    if (index < from) continue;
    const isEscaped = /(?<!\\)(\\\\)*\\$/.test(block.slice(Math.max(0, index - 20), index));
    const closings = later.get(length) ?? [];
    while ((closings.at(-1) ?? Infinity) <= index) closings.pop();
    const closing = closings.at(-1);
    if (isEscaped || closing === undefined) continue;
    kept += `${block.slice(from, index)} `;
    from = closing + length;
  }
  return kept + block.slice(from);
}
