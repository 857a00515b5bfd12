/** Where an address written into a text ends, in answers and in what people write. Read in linear time. */

/** Ideographic and full-width punctuation and spaces, typographic quotes, dashes and middle dots: for a class of a pattern. */
export const punctuation = String.raw`\u00ab\u00b7\u00bb\u2010-\u2015\u2018-\u201f\u2026\u3000-\u3003\u3008-\u3011\u3014-\u301f\u30fb\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65`;

const firstPunctuation = new RegExp(`[${punctuation}]`);
const letter = String.raw`[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}]`;
const firstLetter = new RegExp(letter, 'u');
const beginsWithLetter = new RegExp(`^(?:www\\.)?${letter}`, 'iu');
// The letter is looked for first: looking behind at every place of a long host would be quadratic.
const letterAfterSuffix = new RegExp(`${letter}(?<=\\.[a-z]{2,}${letter})`, 'iu');

/**
 * How much of what looks like an address is one. Chinese, Japanese and Korean are written without spaces, so that the words
 * behind a host would become part of it, and the link would lead to another one. Only a host that begins with such letters
 * may have them.
 */
export function addressLength(address: string): number {
  const [before = '', host = ''] = /^(?:https?:\/\/)?([^/?#\\]*)/i.exec(address) ?? [];
  const inHost = host.search(beginsWithLetter.test(host) ? letterAfterSuffix : firstLetter);
  const cuts = [inHost < 0 ? -1 : before.length - host.length + inHost, address.search(firstPunctuation)];
  let cut = Math.min(...cuts.filter((each) => each >= 0));
  if (cut === Infinity) return address.length;
  while (cut > 0 && `?!.,:*_~'"`.includes(address.charAt(cut - 1))) cut -= 1;
  return cut;
}
