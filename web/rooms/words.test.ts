import { afterEach, expect, test } from 'vitest';

import { chooseLanguage } from '../i18n';
import { roomWords } from './words';

afterEach(() => chooseLanguage('en'));

test.each([
  ['en', ['Ann'], 0, 'Ann is typing…'],
  ['en', ['Ann', 'Ben'], 0, 'Ann and Ben are typing…'],
  ['en', ['Ann', 'Ben', 'Cid'], 1, 'Ann, Ben, Cid, and 1 other are typing…'],
  ['en', ['Ann', 'Ben', 'Cid'], 7, 'Ann, Ben, Cid, and 7 others are typing…'],
  ['ru', ['Анна'], 0, 'Анна печатает…'],
  ['ru', ['Анна', 'Борис'], 0, 'Анна и Борис печатают…'],
  ['ru', ['Анна', 'Борис', 'Вера'], 2, 'Анна, Борис, Вера и ещё 2 человека печатают…'],
  ['ru', ['Анна', 'Борис', 'Вера'], 5, 'Анна, Борис, Вера и ещё 5 человек печатают…'],
] as const)('in %s, %s and %i more: %s', (language, names, more, words) => {
  chooseLanguage(language);
  expect(roomWords().writing(names, more)).toBe(words);
});
