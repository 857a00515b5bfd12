import { findFormulas, PENDING_FORMULA } from './markdown-formulas';

/**
 * Completes what the writer has begun, so that a reader never sees raw marks in a text that is still growing. Only the
 * end is touched, and only for as long as it is the end.
 * @param options.isComplete nothing more will come: open marks are closed, but every word is kept, as are half-written
 * formulas, links and images.
 */
export function heal(text: string, { isComplete = false } = {}): string {
  if (isInsideFence(text)) return isComplete ? text : text.replace(/\n[ \t]*(?:`{1,2}|~{1,2})$/, '\n');
  if (endsWithFence.test(text) && isInsideFence(text.slice(0, text.lastIndexOf('\n')))) return text;
  const begun = text.replace(/(^|\n)[ \t>]*[-*+=_#>|`~]+[ \t]*$/, '$1');
  const { masked, formulas } = maskFormulas(isComplete ? begun : begun.replace(halfEscape, '$1'), isComplete);
  const cut = masked.lastIndexOf('\n\n') + 1;
  const healInline = (block: string) => closeMarks(isComplete ? block : withoutHalfLinks(block));
  return unmask(masked.slice(0, cut) + healInline(healTable(masked.slice(cut), healInline)), formulas);
}

/** A backslash at the end that is not escaped itself. */
const halfEscape = /(?<!\\)((?:\\\\)*)\\$/;

/** Formulas as single characters of Unicode's private use, so that nothing inside of them is taken for a mark. */
function maskFormulas(text: string, isComplete: boolean): { masked: string; formulas: string[] } {
  const formulas: string[] = [];
  if (text.includes(MASK)) return { masked: text, formulas };
  let masked = '';
  let from = 0;
  for (const { start, formula } of findFormulas(text)) {
    masked += text.slice(from, start);
    if (formula === 'open' && isComplete && /^\$\d/.test(text.slice(start, start + 2))) {
      // A price: the marks behind it are marks of the text.
      from = start;
      break;
    }
    from = formula === 'open' ? text.length : formula.end;
    const source = formula === 'open' && !isComplete ? pending(text.slice(start)) : text.slice(start, from);
    if (source === '') continue;
    masked += MASK;
    formulas.push(source);
  }
  return { masked: masked + text.slice(from), formulas };
}

/** A formula that is still being written is shown when it is whole; a dollar alone may be a price. */
function pending(source: string): string {
  if (/^\$(?:\d[\d.,]*[\s\p{L}]*)?$/u.test(source)) return '';
  return /^(?:\$\$|\\\[)/.test(source) ? `\\[${PENDING_FORMULA}\\]` : `\\(${PENDING_FORMULA}\\)`;
}

const MASK = '\uE000';

function unmask(text: string, formulas: readonly string[]): string {
  let index = 0;
  return formulas.length === 0 ? text : text.replaceAll(MASK, () => formulas[index++] ?? MASK);
}

const endsWithFence = /\n[ \t>]*(?:`{3,}|~{3,})[ \t]*$/;

export function isInsideFence(text: string): boolean {
  let fence: string | null = null;
  for (const line of text.split('\n')) {
    const mark = /^(?:[\s>]|[-*+] |\d+[.)] )*(`{3,}|~{3,})(.*)$/.exec(line);
    if (!mark) continue;
    const [, run = '', info = ''] = mark;
    if (fence === null) {
      if (run.startsWith('~') || !info.includes('`')) fence = run;
    } else if (run.startsWith(fence) && info.trim() === '') fence = null;
  }
  return fence !== null;
}

/** A header row is a table from its first cell on, before the row of dashes that will make it one. */
function healTable(block: string, healInline: (text: string) => string): string {
  const lines = block.replace(/^\n+/, '').split('\n');
  const [header = '', dashes, ...rows] = lines;
  if (!header.startsWith('|') || rows.length > 0) return block;
  if (dashes !== undefined && !/^[|:\- ]*$/.test(dashes)) return block;
  const columns = header.replace(/\|\s*$/, '').split(/(?<!\\)\|/).length - 1;
  const blank = block.slice(0, block.length - lines.join('\n').length);
  return `${blank}${healInline(header)}\n${'|---'.repeat(columns)}|`;
}

function withoutHalfLinks(block: string): string {
  return block
    .replace(/!\[[^\]\n]*(?:\](?:\([^)\n]*)?)?$/, '')
    .replace(/\[([^\]\n]*)(?:\](?:\([^)\n]*)?)?$/, (raw, label: string) => (/^[ xX]?$/.test(label) ? raw : label));
}

const marks = /\\.|`+|\*+|~~|(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gsu;

/** The parser takes quadratic time for runs of marks, and no writer leaves as many open. */
const MOST_OPEN_MARKS = 20;

function closeMarks(block: string): string {
  const open: string[] = [];
  let code: string | null = null;
  for (const { 0: mark, index } of block.matchAll(marks)) {
    if (mark.startsWith('\\')) continue;
    if (mark.startsWith('`')) {
      if (code === null) code = mark;
      else if (code === mark) code = null;
      continue;
    }
    if (code !== null) continue;
    const before = block[index - 1] ?? ' ';
    const after = block[index + mark.length] ?? ' ';
    const last = open.at(-1);
    if (last !== undefined && /\S/.test(before) && last.startsWith(mark)) {
      if (last === mark) open.pop();
      // Half of the closing mark is there: the other half is on its way.
      else if (index + mark.length === block.length) open[open.length - 1] = last.slice(mark.length);
    } else if (/\S/.test(after)) open.push(mark);
  }
  if (code !== null) return block.endsWith(code) ? block.slice(0, -code.length) : block + code;
  const bare = block.replace(/(?<=^|\s)(?:\*+|~~|_+)$/, '');
  if (open.length === 0 || open.length > MOST_OPEN_MARKS) return bare;
  // A closing mark after a space closes nothing.
  const trimmed = bare.trimEnd();
  // A backslash at the end would escape the first of the marks.
  return trimmed + (halfEscape.test(trimmed) ? '\\' : '') + open.toReversed().join('');
}
