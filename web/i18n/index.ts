import { en } from './en';
import { makeWords } from './make-words';
import { ru } from './ru';

export { chooseLanguage, language } from './language';
export { makeWords } from './make-words';
export type { Language } from './plural';

/** Words that more than one feature needs; all others are in the features' own `words.ts`. */
export const t = makeWords({ en, ru });
