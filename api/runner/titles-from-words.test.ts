import { expect, test } from 'vitest';

import { testServer, useConfab } from '../testing/confab.ts';
import { says } from '../testing/model-server.ts';
import { person, wordsOf } from '../testing/person.ts';

useConfab({ chatTitles: 'words' });

test('with CHAT_TITLES=words no model is asked for a title', async () => {
  const ann = await person('ann');
  const { model } = testServer();
  const answers = ['One.', 'Two.', 'Three.'];
  // A call for a title would take the words of the next answer.
  model.next(...answers.map((answer) => says(answer)));
  for (const answer of answers) expect(wordsOf((await ann.asks('What is a monad?')).events)).toBe(answer);
  expect(model.calls).toHaveLength(answers.length);
});
