import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { chooseLanguage } from '../i18n';
import { sayAgentDescription } from '../agents/describe';

afterEach(() => chooseLanguage('en'));

test('each description of a built-in agent of the API is known word for word', async () => {
  const source = await readFile('api/agents/built-in.ts', 'utf8');
  const descriptions = [...source.matchAll(/\bdescription:\s*'([^']+)'/g)].map(([, words]) => words ?? '');
  // As many as there are agents: none may be written in a form that is not found here.
  expect(descriptions).toHaveLength(source.match(/\bprovider: '/g)?.length ?? 0);
  chooseLanguage('ru');
  for (const words of descriptions) expect(sayAgentDescription(words)).not.toBe(words);
  expect(sayAgentDescription('An administrator’s own words.')).toBe('An administrator’s own words.');
});
