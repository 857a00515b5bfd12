import { createSignal } from 'solid-js';
import type { Chat } from '../store/chat-fragments';
import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import { makeIdempotencyKeys } from '../browser/client-id';
import { perform } from '../graphql/perform';
import type { Message } from '../store/message-fragments';
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
      ...FailureFields
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
        answers {
          ...MessageFields
        }
      }
      ...FailureFields
    }
  }
`);

const ContinueAnswer = graphql(`
  mutation ContinueAnswer($input: ContinueAnswerInput!) {
    continueAnswer(input: $input) {
      __typename
      ... on ContinueAnswerPayload {
        chat {
          ...ChatFields
        }
        answers {
          ...MessageFields
        }
      }
      ...FailureFields
    }
  }
`);

const AskAgent = graphql(`
  mutation AskAgent($input: AskAgentInput!) {
    askAgent(input: $input) {
      __typename
      ... on AskAgentPayload {
        chat {
          ...ChatFields
        }
        message {
          ...MessageFields
        }
      }
      ...FailureFields
    }
  }
`);

export function createRunActions() {
  const feed = useFeed();
  const [isAsking, setAsking] = createSignal(false);
  let nameOf = makeIdempotencyKeys();

  async function stop(runId: string) {
    const done = await perform(feed.client, StopRun, { input: { id: runId } });
    if (!done.payload) toast(done.words);
  }

  /** Asks again for an answer, of another agent where one is named; the new one is shown, and the old one stays beside it. */
  function regenerate(messageId: string, agentId?: string) {
    const clientId = nameOf(`again ${messageId} ${agentId}`);
    const input = { messageId, clientId, agentId: agentId ?? null };
    return asking(async () => shown(await perform(feed.client, RegenerateAnswer, { input })));
  }

  /** Asks for the rest of an answer that broke off. */
  function continueAnswer(messageId: string) {
    const input = { messageId, clientId: nameOf(`on ${messageId}`) };
    return asking(async () => shown(await perform(feed.client, ContinueAnswer, { input })));
  }

  /** Asks an agent of the room to answer a message. It is shown when its turn has come. */
  function ask(messageId: string, agentId: string) {
    const input = { messageId, agentId, clientId: nameOf(`ask ${messageId} ${agentId}`) };
    return asking(async () => {
      const done = await perform(feed.client, AskAgent, { input });
      if (!done.payload) return toast(done.words);
      nameOf = makeIdempotencyKeys();
      feed.putMutation(done.payload.chat, [done.payload.message]);
    });
  }

  async function asking(ask: () => Promise<void>) {
    if (isAsking()) return;
    setAsking(true);
    await ask();
    setAsking(false);
  }

  function shown(done: { payload: { chat: Chat; answers: Message[] } } | { payload: null; words: string }) {
    if (!done.payload) return toast(done.words);
    // Asked once more, it is another answer that is wanted.
    nameOf = makeIdempotencyKeys();
    const { chat, answers } = done.payload;
    feed.putMutation(chat, answers, answers.at(-1)?.id);
  }

  return { stop, regenerate, continueAnswer, ask, isAsking };
}
