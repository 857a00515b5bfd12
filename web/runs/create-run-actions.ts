import { useClient } from '@urql/solid';
import { createSignal } from 'solid-js';
import { graphql } from '../generated';
import { makeClientId } from '../graphql/client-id';
import { perform } from '../graphql/perform';
import { toast } from '../ui/toasts';

const StopRun = graphql(`
  mutation StopRun($input: StopRunInput!) {
    stopRun(input: $input) {
      __typename
      ... on StopRunPayload {
        run {
          id
        }
      }
      ... on Error {
        reason
      }
    }
  }
`);

const RegenerateAnswer = graphql(`
  mutation RegenerateAnswer($input: RegenerateAnswerInput!) {
    regenerateAnswer(input: $input) {
      __typename
      ... on RegenerateAnswerPayload {
        chat {
          ...ChatFields
        }
        answer {
          ...MessageFields
        }
      }
      ... on InvalidInputError {
        issues {
          reason
        }
      }
      ... on RunLimitError {
        limit
      }
      ... on Error {
        reason
      }
    }
  }
`);

export function createRunActions() {
  const client = useClient();
  const [isAsking, setAsking] = createSignal(false);

  async function stop(runId: string) {
    const done = await perform(client, StopRun, { input: { id: runId } });
    if (!done.payload) toast(done.words);
  }

  /** Asks again for an answer; the new one takes the old one's place in the thread. */
  async function answerAgain(messageId: string) {
    if (isAsking()) return;
    setAsking(true);
    const done = await perform(client, RegenerateAnswer, { input: { messageId, clientId: makeClientId() } });
    if (!done.payload) toast(done.words);
    setAsking(false);
  }

  return { stop, answerAgain, isAsking };
}
