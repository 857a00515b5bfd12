/** Titles of chats: from the first words of a question, or from what a model answered when it was asked for one. */

/** UTF-16 code units. */
const LONGEST_OF_WORDS = 60;
const LONGEST_OF_MODEL = 80;
/** A longer line is no title but an answer. */
const LONGEST_LINE = 160;

/** A name for a chat that has none, from its first message: the first line's first words. */
export function titleFrom(content: string): string {
  const [line = ''] = content.trim().split(/\r?\n/, 1);
  return shortened(line.replaceAll(/\s+/g, ' ').trim(), LONGEST_OF_WORDS);
}

/** One plain line from whatever a model said when it was asked for a title; empty where that is no title. */
export function titleFromModel(said: string): string {
  const line = plainOf(firstLineOf(said));
  if (line.length > LONGEST_LINE || !/[\p{L}\p{N}]/u.test(line)) return '';
  return shortened(line, LONGEST_OF_MODEL);
}

/** Whether more words could change what `titleFromModel` makes of these. */
export function isTitleOpen(said: string): boolean {
  return !/\S.*[\r\n]/.test(said) && said.length <= 2 * LONGEST_LINE;
}

function firstLineOf(said: string): string {
  const lines = said.toWellFormed().split(/[\p{Zl}\p{Zp}\r\n]+/u);
  // Control characters, and invisible ones: bidirectional marks, zero-width spaces, tags. The two joiners belong to scripts and emoji.
  const visible = lines.map((line) =>
    line.replaceAll(/[\p{Cc}\p{Zs}]+/gu, ' ').replaceAll(/(?![\u200c\u200d])\p{Cf}/gu, ''),
  );
  return visible.find((line) => line.trim() !== '' && !/^\s*(`{3}|~{3}|-{3})/.test(line)) ?? '';
}

/** Without what models put around a title: Markdown, a label, quotation marks, a full stop. */
function plainOf(line: string): string {
  let plain = line;
  for (let before = ''; before !== plain;) {
    before = plain;
    plain = plain
      .trim()
      .replace(/^(?:#{1,6}|[-*+>])\s+/, '')
      .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/\*\*|`/g, '')
      .replaceAll(/\s+/g, ' ')
      .replace(/^(?:\p{L}+ )?(?:title|название|заголовок|titel|titre|título|标题)\s*[:：]\s*/iu, '')
      .replace(/^([*_~]+)(.*)\1$/u, '$2')
      .replace(/(?<!\.)[.。．｡]$|\.{3}$/u, '');
    plain = unquoted(plain);
  }
  return plain;
}

const QUOTATION_MARKS = ['""', "''", '“”', '‘’', '«»', '„“', '„”', '””', '‹›', '「」', '『』', '《》'];

/** Without a pair that encloses the whole line. */
function unquoted(line: string): string {
  const inner = line.slice(1, -1);
  const pair = QUOTATION_MARKS.find(
    (marks) => line.length > 1 && line.startsWith(marks.charAt(0)) && line.endsWith(marks.charAt(1)),
  );
  // Two quotations in one line: `"A" and "B"`.
  if (!pair || inner.includes(pair.charAt(0)) || inner.includes(pair.charAt(1))) return line;
  return inner;
}

function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const cut = text
    .slice(0, longest)
    .toWellFormed()
    .replace(/\uFFFD$/, '');
  return `${cut.replace(/\s+\S*$/, '') || cut}…`;
}
