import { expect, test } from 'vitest';

import { agentName, chatTitle, messageContent } from '../graphql-builder/limits.ts';
import { holdsControls, isVisible } from './names.ts';

test.each(['', ' ', '\u00a0', '\u200b', '\u3164', '\u2800', '\ufe0f', '\u202e\u200d'])('%j shows nothing', (text) => {
  expect(isVisible(text)).toBe(false);
  for (const kind of [chatTitle, agentName, messageContent]) expect(kind.safeParse(text).success).toBe(false);
});

test.each(['Анна', 'علي', '張', '👩‍💻', '\u200fעדה', '0', '-'])('%j shows something', (text) => {
  expect(isVisible(text)).toBe(true);
  for (const kind of [chatTitle, agentName, messageContent]) expect(kind.safeParse(text).success).toBe(true);
});

test.each(['a\u0007bell', '\u202elive', 'a\u2066b', 'a\u0085b', 'a\u2028b'])(
  '%j cannot be a name or a title',
  (text) => {
    expect(holdsControls(text)).toBe(true);
    for (const kind of [chatTitle, agentName])
      expect(kind.safeParse(text).error?.issues).toMatchObject([{ params: { code: 'NOT_STORABLE' } }]);
  },
);

test('a title of two lines has that one fault', () => {
  expect(chatTitle.safeParse('a\nb').error?.issues).toMatchObject([{ params: { code: 'NOT_ONE_LINE' } }]);
  expect(chatTitle.safeParse('a\tb').success).toBe(true);
});
