import { expect, test } from 'vitest';

import type { Run } from '../store/run';
import { sayRunFailure } from './say-run-failure';

type Code = NonNullable<Run['failure']>['code'];
const said = (provider: Run['provider'], code: Code) =>
  sayRunFailure({ provider, failure: { code, reason: '', retryable: false } });

test('a model that fell silent is a model, and a service agent that did is an agent', () => {
  expect(said('ANTHROPIC', 'UPSTREAM_SILENT')).toBe('The model fell silent.');
  expect(said('EXTERNAL', 'UPSTREAM_SILENT')).toBe('Nothing came from the agent for too long.');
  expect(said('EXTERNAL', 'UPSTREAM_ERROR')).toBe('The agent could not go on.');
});

test('all faults of the server have the same words', () => {
  expect(said('EXTERNAL', 'INTERNAL')).toBe(said('ECHO', 'INTERNAL'));
});

test('a refused key names the setting of its provider', () => {
  expect(said('OPENAI', 'PROVIDER_AUTH')).toContain('OPENAI_API_KEY');
});
