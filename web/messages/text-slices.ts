/**
 * Cuts a long Markdown text into slices that can be parsed one without the other, given the definitions of all. A cut is made
 * only where a new top-level block begins for certain, and depends only on the text before it: so a text that grows keeps its
 * cuts, and a streamed text is cut like a loaded one.
 */
export interface Slices {
  readonly texts: readonly string[];
  readonly scan: Scan;
}

interface Scan {
  text: string;
  shortest: number;
  /** Where each slice but the first begins. */
  cuts: readonly number[];
  /** Where the first line begins that was not yet read to its end. */
  position: number;
  /** The code or formula that the position is in. */
  opened: Opened | null;
  /** It is not clear where code begins and ends: from there on there are no cuts. */
  isUncertain: boolean;
  /** How far the list's items are indented that the position may be in; 0: it is in no list. */
  listIndent: number;
  /** What opened the code in an item that the position is in, or nothing. */
  itemFence: string;
  isAfterBlank: boolean;
}

interface Opened {
  /** Of its first line. */
  indent: number;
  isCode: boolean;
  end: RegExp;
}

/** A slice of this length is built in some 5 to 15 ms, and is about one screen high. */
export const SHORTEST_SLICE = 1_500;

const startOfScan: Scan = {
  text: '',
  shortest: SHORTEST_SLICE,
  cuts: [],
  position: 0,
  opened: null,
  isUncertain: false,
  listIndent: 0,
  itemFence: '',
  isAfterBlank: false,
};

export const noSlices: Slices = { texts: [], scan: startOfScan };

interface Options {
  isGrowing: boolean;
  shortest?: number;
}

/** The slices of `text`. Where it goes on from the text before, only what is new is read. */
export function growSlices(before: Slices, text: string, { isGrowing, shortest = SHORTEST_SLICE }: Options): Slices {
  const scan = { ...(text.startsWith(before.scan.text) ? before.scan : startOfScan), text, shortest };
  for (let next = text.indexOf('\n', scan.position); next !== -1; next = text.indexOf('\n', scan.position)) {
    readLine(scan, text.slice(scan.position, next));
    scan.position = next + 1;
  }
  const rest = text.slice(scan.position);
  // Its first characters decide already whether the last line begins a block.
  cutBefore(scan, rest.slice(0, 2));
  const whole = { ...scan };
  if (!isGrowing) readLine(whole, rest);
  return { texts: textsOf(whole), scan };
}

function readLine(scan: Scan, line: string): void {
  if (scan.opened) {
    if (!scan.opened.isCode && (fence.test(line) || html.test(line))) scan.isUncertain = true;
    // It may have ended with an item of a list.
    if (/\S/.test(line) && line.search(/\S/) < scan.opened.indent) scan.isUncertain = true;
    if (scan.opened.end.test(line)) scan.opened = null;
    return;
  }
  if (/^\s*$/.test(line)) {
    scan.isAfterBlank = true;
    return;
  }
  cutBefore(scan, line);
  if (html.test(line)) scan.isUncertain = true;
  readList(scan, line);
  scan.isAfterBlank = false;
  scan.opened = openedBy(scan, line);
  if (scan.opened) scan.listIndent = 0;
}

/** After a blank line, none of these goes on with a list, a quote or a paragraph. */
const startOfBlock = /^(?:[\p{L}#|`]|\*\*)/u;

function cutBefore(scan: Scan, line: string): void {
  if (scan.opened || scan.isUncertain || !scan.isAfterBlank || scan.cuts.at(-1) === scan.position) return;
  if (scan.position - (scan.cuts.at(-1) ?? 0) < scan.shortest) return;
  if (startOfBlock.test(line)) scan.cuts = [...scan.cuts, scan.position];
}

/** Other lines go on with an item's paragraph, also without its indentation. */
const interruptsItem = /^ {0,3}[>#`~<$\\*_-]/;

/** In an item, code ends with the item: only code outside of it can hold lines that look like a new block. */
function readList(scan: Scan, line: string): void {
  const [item] = /^ {0,3}(?:[-+*]|\d{1,9}[.)])(?: +|$)/.exec(line) ?? [];
  const indent = line.search(/\S/);
  if (scan.listIndent > 0 && indent >= scan.listIndent) readItemFence(scan, line);
  else if (item) Object.assign(scan, { listIndent: item.length, itemFence: '' });
  else if (scan.isAfterBlank || scan.itemFence || interruptsItem.test(line))
    Object.assign(scan, { listIndent: 0, itemFence: '' });
}

function readItemFence(scan: Scan, line: string): void {
  const [, mark = ''] = /^\s*(?:(?:[-+*]|\d{1,9}[.)])\s+)*(`{3,}|~{3,})/.exec(line) ?? [];
  if (!mark) return;
  if (!scan.itemFence) scan.itemFence = mark;
  else if (mark.startsWith(scan.itemFence) && line.trim() === mark) scan.itemFence = '';
}

/** In HTML, what looks like code or a list may be none. An address in angle brackets is not HTML. */
const html = /^ {0,3}<(?:[/?!]|[a-z][a-z0-9-]*(?:[\s/>]|$))/i;

const fence = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;

/** The block that this line opens, where it is one that may hold blank lines. */
function openedBy({ listIndent }: Scan, line: string): Opened | null {
  const indent = line.search(/\S/);
  if (listIndent > 0 && indent >= listIndent) return null;
  const [, mark = ''] = fence.exec(line) ?? [];
  if (mark) return { indent, isCode: true, end: new RegExp(`^ {0,3}${mark[0]}{${mark.length},}\\s*$`) };
  if (/^ {0,3}\$\$(?!.*\$\$)/.test(line)) return { indent, isCode: false, end: /\$\$\s*$/ };
  if (/^ {0,3}\\\[(?!.*\\\])/.test(line)) return { indent, isCode: false, end: /\\\]/ };
  return null;
}

function textsOf({ text, cuts }: Scan): string[] {
  return [0, ...cuts].map((start, index) => text.slice(start, cuts[index]));
}
