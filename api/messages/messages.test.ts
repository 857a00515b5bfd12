import { expect, test } from 'vitest';

import { useConfab, testServer } from '../testing/confab.ts';
import { person, wordsOf } from '../testing/person.ts';
import { says } from '../testing/model-server.ts';

useConfab();

test('a message is answered, word for word', async () => {
  const ann = await person('ann');
  testServer().model.next(says('Hello', ', ', 'world.'));

  const { events, message } = await ann.asks('hello');

  expect(message).toMatchObject({ role: 'USER', content: 'hello' });
  expect(events.map((event) => event.__typename)).toMatchObject({ 0: 'MessageStart', [events.length - 1]: 'MessageEnd' });
  expect(wordsOf(events)).toBe('Hello, world.');
  expect(events.at(-1)).toMatchObject({ run: { status: 'COMPLETED', stopReason: 'END_TURN' }, message: { content: 'Hello, world.' } });
});
