import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import { perform } from '../graphql/perform';

const SetTyping = graphql(`
  mutation SetTyping($input: SetTypingInput!) {
    setTyping(input: $input) {
      __typename
      ... on SetTypingPayload {
        seconds
      }
      ...FailureFields
    }
  }
`);

const EVERY_MS = 3_000;

/** To be called with each key: notifies the room's members every three seconds. Failures are ignored. */
export function createTyping(): (roomId: string) => void {
  const { client } = useFeed();
  let saidAt = -Infinity;
  return (roomId) => {
    const now = performance.now();
    if (now - saidAt < EVERY_MS) return;
    saidAt = now;
    void perform(client, SetTyping, { input: { chatId: roomId } });
  };
}
