import { language } from './language';

/**
 * The words of a feature, as a function that gives those of the language chosen now. Called where they are shown, so that they change
 * with it. A key that one of the languages lacks is a compile error.
 */
export function makeWords<Words extends object>({ en, ru }: { en: Words; ru: NoInfer<Words> }): () => Words {
  const words = { en, ru };
  return () => words[language()];
}
