import { renderHook } from '@solidjs/testing-library';
import { expect, test } from 'vitest';

import { FeedProvider, type Feed } from '../feed/create-feed';
import { createRunActions } from './create-run-actions';

test('what was asked for and not confirmed is asked for under the same name, until it is', async () => {
  const named: string[] = [];
  const lost = { error: { graphQLErrors: [], networkError: new Error('The line is cut.') } };
  const done = { data: { regenerateAnswer: { __typename: 'RegenerateAnswerPayload', chat: {}, answers: [{}] } } };
  const answers = [lost, done, done, lost];
  const client = {
    mutation: (_document: unknown, { input }: { input: { clientId: string } }) => {
      named.push(input.clientId);
      return { toPromise: () => Promise.resolve(answers[named.length - 1]) };
    },
  };
  const feed = { client, putMutation: () => {} } as unknown as Feed;
  const { result: actions, cleanup } = renderHook(() => createRunActions(), {
    wrapper: (props) => <FeedProvider value={feed}>{props.children}</FeedProvider>,
  });

  for (const agentId of ['claude', 'claude', 'claude', 'echo']) await actions.regenerate('answer', agentId);
  const [first, repeated, ...others] = named;
  expect(repeated).toBe(first);
  expect(new Set([first, ...others]).size).toBe(3);
  cleanup();
});
