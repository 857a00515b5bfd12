const LONGEST = 60;

/** A name for a chat that has none, from its first message: the first line's first words. */
export function titleFrom(content: string): string {
  const [line = ''] = content.trim().split(/\r?\n/, 1);
  const text = line.replaceAll(/\s+/g, ' ').trim();
  if (text.length <= LONGEST) return text;
  const cut = text
    .slice(0, LONGEST)
    .toWellFormed()
    .replace(/\uFFFD$/, '');
  return `${cut.replace(/\s+\S*$/, '') || cut}…`;
}
