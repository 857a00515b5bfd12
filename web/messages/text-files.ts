/** Text out of the files that are dropped or pasted into a message. */

/** UTF-16 code units, as the server counts a message. */
export const LONGEST_MESSAGE = 100_000;
/** A code unit of a text takes three bytes of UTF-8 at most; then there may be a byte order mark. */
const LARGEST_FILE = 3 * LONGEST_MESSAGE + 3;
const MOST_FILES = 20;
const knownBinary = /^(?:image|audio|video|font)\/|pdf|zip|msword|officedocument|opendocument/;

export type FileProblem = 'unsupportedFile' | 'longFile';

/** Their texts, one below the other; or why they cannot be had. */
export async function textOfFiles(files: readonly File[]): Promise<{ text: string } | { problem: FileProblem }> {
  if (files.some(({ type }) => knownBinary.test(type))) return { problem: 'unsupportedFile' };
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (files.length > MOST_FILES || size > LARGEST_FILE) return { problem: 'longFile' };
  const texts: string[] = [];
  for (const file of files) {
    const text = await textOf(file);
    if (text === null) return { problem: 'unsupportedFile' };
    texts.push(text);
  }
  const text = texts.join('\n');
  return text.length > LONGEST_MESSAGE ? { problem: 'longFile' } : { text };
}

/** Null where it is no text, or cannot be read, as a folder. */
async function textOf(file: File): Promise<string | null> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    return text.includes('\0') ? null : text.replaceAll('\r\n', '\n');
  } catch {
    return null;
  }
}
