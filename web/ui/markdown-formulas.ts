/**
 * Where a formula begins and ends in a text: `\(…\)`, `\[…\]`, `$…$` and `$$…$$`. The parser and the healing of growing
 * text both ask here, so that they agree on what is a formula.
 */

/** In UTF-16 code units, without the delimiters. A longer formula stays text. */
const LONGEST_FORMULA = 2_000;

/** Shown in place of a formula whose end has not been written yet. */
export const PENDING_FORMULA = '…';

export interface Formula {
  tex: string;
  isDisplay: boolean;
  /** The offset behind the closing delimiter. */
  end: number;
}

/** `open`: the text ends inside of what may become a formula. `never`: whatever comes, this is no formula. */
export type FormulaState = Formula | 'open' | 'never';

const closingDelimiters: Record<string, string> = { '\\(': '\\)', '\\[': '\\]', $$: '$$', $: '$' };

/** Looks at the `\` or `$` at the offset. It must not be inside code or escaped. */
export function formulaAt(text: string, offset: number): FormulaState {
  const opening = openingAt(text, offset);
  if (opening === null) return 'never';
  const start = offset + opening.length;
  const found = opening === '$' ? closeDollar(text, start) : closeDelimiter(text, start, opening);
  if (typeof found === 'string') return found;
  const closing = closingDelimiters[opening] ?? '';
  const tex = text.slice(start, found).trim();
  if (tex === '') return 'never';
  return { tex, isDisplay: opening === '\\[' || opening === '$$', end: found + closing.length };
}

function openingAt(text: string, offset: number): string | null {
  const two = text.slice(offset, offset + 2);
  if (two === '$$' || two === '\\(' || two === '\\[') return two;
  if (text[offset] !== '$' || /[\p{L}\p{N}$]/u.test(text[offset - 1] ?? ' ')) return null;
  return /\s/.test(two.slice(1)) ? null : '$';
}

/** The offset of the closing delimiter. */
function closeDelimiter(text: string, start: number, opening: string): number | 'open' | 'never' {
  const closing = closingDelimiters[opening] ?? '';
  // A delimiter alone on its line begins a block that may have blank lines inside.
  const isBlock = opening !== '\\(' && /^[ \t]*\r?\n/.test(text.slice(start, start + 80));
  for (let index = start; index < text.length; index++) {
    if (index - start > LONGEST_FORMULA) return 'never';
    if (text.startsWith(closing, index)) return index;
    if (text[index] === '\\') index++;
    else if (text[index] === '\n' && endsFormula(text, index, isBlock)) return 'never';
  }
  return 'open';
}

function endsFormula(text: string, newline: number, isBlock: boolean): boolean {
  const next = text.slice(newline + 1, newline + 40);
  return isBlock ? /^[ \t]*(?:```|~~~)/.test(next) : /^[ \t>]*\r?\n/.test(next);
}

/**
 * A dollar is also a price: the closing one follows no space and precedes no letter or digit, and what stands between
 * must not read as prose.
 */
function closeDollar(text: string, start: number): number | 'open' | 'never' {
  for (let index = start; index < text.length; index++) {
    if (index - start > LONGEST_FORMULA) return 'never';
    if (text[index] === '\\') index++;
    else if (text[index] === '\n' && endsFormula(text, index, false)) return 'never';
    else if (text[index] === '$') {
      const canClose = !/\s/.test(text[index - 1] ?? ' ') && !/[\p{L}\p{N}$]/u.test(text[index + 1] ?? ' ');
      return canClose && !isProse(text.slice(start, index)) ? index : 'never';
    }
  }
  return isProse(text.slice(start)) ? 'never' : 'open';
}

const proseAfterNumber = [
  // "5 to ", "5k per ", "5/month "
  /^[\d.,]+(?:.*?[\s/]|[^\w\s]*|\w{1,2}\s+)\p{L}{2,}[\s,.;:!?)]/su,
  // "5) ", "5: ", "5。", "5 и"
  /^[\d.,]+[;:?!)"'”»]/u,
  /[\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}。，、；：？！）」]/u,
];
const proseElsewhere = [/(?:^|\s)\p{L}{2,}[,.;:]?\s+\p{L}{2,}[\s,.;:!?]/u];

function isProse(content: string): boolean {
  const bare = withoutCommands(content);
  return (/^\d/.test(bare) ? proseAfterNumber : proseElsewhere).some((pattern) => pattern.test(bare));
}

/** Without TeX commands and what stands in braces; an unclosed brace takes the rest. */
function withoutCommands(content: string): string {
  let depth = 0;
  let bare = '';
  for (const [piece] of content.matchAll(/\\(?:[A-Za-z]+|.)?|[{}]|[^\\{}]+/gs)) {
    if (piece === '{') depth++;
    else if (piece === '}') depth = Math.max(0, depth - 1);
    else if (depth === 0) bare += piece.startsWith('\\') ? '\\' : piece;
  }
  return bare;
}

const code = String.raw`^[ \t>]*~{3,}[^\n]*\n[\s\S]*?\n[ \t>]*~{3,}`;
const marks = new RegExp(`${code}|\`+|\\\\[\\s\\S]?|\\$+`, 'gm');

interface Found {
  start: number;
  formula: Formula | 'open';
}

/** The formulas of a Markdown text outside of its code, in order; at most the last one is open. */
export function findFormulas(text: string): Found[] {
  const found: Found[] = [];
  let from = 0;
  for (const { 0: mark, index } of text.matchAll(marks)) {
    if (index < from) continue;
    if (mark.startsWith('`')) {
      const end = endOfCode(text, index, mark);
      // The rest is code that is still being written.
      if (end === null) return found;
      from = end;
    } else if (mark.startsWith('$') || mark === '\\(' || mark === '\\[') {
      const formula = formulaAt(text, index);
      if (formula === 'never') from = index + mark.length;
      else found.push({ start: index, formula });
      if (formula === 'open') return found;
      if (formula !== 'never') from = formula.end;
    } else from = index + mark.length;
  }
  return found;
}

function endOfCode(text: string, start: number, mark: string): number | null {
  for (const { 0: run, index } of text.slice(start + mark.length).matchAll(/`+/g))
    if (run === mark) return start + mark.length + index + run.length;
  return null;
}
