import { makeWords } from '../i18n';

export const titleWords = makeWords({
  en: {
    untitled: 'New chat',
  },
  ru: {
    untitled: 'Новый чат',
  },
});
