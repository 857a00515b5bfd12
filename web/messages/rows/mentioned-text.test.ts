import { expect, test } from 'vitest';

import type { Mention } from '../../store/message-fragments';
import { piecesOf } from './mentioned-text';

const mention = (name: string | null): Mention => ({ name, isRoom: false, refusal: null, person: null, agent: null });

test('the names that mention a person are set off, and no others', () => {
  const pieces = piecesOf('Hi @Anna. And @bob, a@anna.org, @annas @anna', [mention('anna'), mention(null)]);
  expect(pieces.map(({ text, mention: found }) => (found ? `[${text}]` : text)).join('')).toBe(
    'Hi [@Anna]. And @bob, a@anna.org, @annas [@anna]',
  );
});

test('a message without mentions is one piece', () => {
  expect(piecesOf('Hi @anna', [])).toEqual([{ text: 'Hi @anna', mention: null }]);
});
