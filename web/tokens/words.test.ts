import { afterEach, expect, test } from 'vitest';

import { chooseLanguage } from '../i18n';
import { tokenWords } from './words';

afterEach(() => chooseLanguage('en'));

test.each([
  ['en', [], 1, 'Only one chat'],
  ['en', [], 3, 'Only 3 chats'],
  ['en', ['Launch'], 1, 'Only “Launch”'],
  ['en', ['Launch', 'Support'], 2, 'Only “Launch”, “Support”'],
  ['en', ['Launch'], 3, 'Only “Launch” and 2 more'],
  ['ru', [], 3, 'Только чаты: 3'],
  ['ru', ['Запуск'], 3, 'Только «Запуск» и ещё 2'],
] as const)('in %s, what a token is bound to of which one sees %j of %i: %s', (language, titles, count, words) => {
  chooseLanguage(language);
  expect(tokenWords().boundToChats(titles, count)).toBe(words);
});
