/** For LIKE, and Prisma's `contains` and `startsWith`, which leave that to the caller: text in which `%` and `_` stand for themselves. */
export function literally(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
