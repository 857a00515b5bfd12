/** What names and titles may hold: each stands in one line, beside words of others. */

/** Whether it holds something that is drawn: not only spaces and characters of no width. */
export function isVisible(text: string): boolean {
  return /[^\p{Z}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text);
}

/** Control characters but for the tab, separators of lines and paragraphs, and marks that change the direction of what stands behind them. */
export function holdsControls(text: string): boolean {
  return /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(text.replaceAll('\t', ''));
}
