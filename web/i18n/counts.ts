import { plural } from './plural';

/** Counted nouns: `counts.en.seconds(2)` is “2 seconds”. */
export const counts = {
  en: {
    seconds: (count: number) => plural('en', count, { one: 'second', other: 'seconds' }),
    messages: (count: number) => plural('en', count, { one: 'message', other: 'messages' }),
    chats: (count: number) => plural('en', count, { one: 'chat', other: 'chats' }),
    answers: (count: number) => plural('en', count, { one: 'answer', other: 'answers' }),
    characters: (count: number) => plural('en', count, { one: 'character', other: 'characters' }),
    tokens: (count: number) => plural('en', count, { one: 'token', other: 'tokens' }),
  },
  ru: {
    seconds: (count: number) =>
      plural('ru', count, { one: 'секунду', few: 'секунды', many: 'секунд', other: 'секунды' }),
    messages: (count: number) =>
      plural('ru', count, { one: 'сообщение', few: 'сообщения', many: 'сообщений', other: 'сообщения' }),
    ofAnswers: (count: number) =>
      plural('ru', count, { one: 'ответа', few: 'ответов', many: 'ответов', other: 'ответа' }),
    ofChats: (count: number) => plural('ru', count, { one: 'чата', few: 'чатов', many: 'чатов', other: 'чата' }),
    symbols: (count: number) =>
      plural('ru', count, { one: 'символ', few: 'символа', many: 'символов', other: 'символа' }),
    tokens: (count: number) => plural('ru', count, { one: 'токен', few: 'токена', many: 'токенов', other: 'токена' }),
  },
};
