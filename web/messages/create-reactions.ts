import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import { perform } from '../graphql/perform';
import type { Message } from '../store/message-fragments';
import { toast } from '../ui/toasts';

const React = graphql(`
  mutation React($input: ReactInput!) {
    react(input: $input) {
      __typename
      ... on ReactPayload {
        message {
          chat {
            ...ChatFields
          }
          ...MessageFields
        }
      }
      ...FailureFields
    }
  }
`);

const Unreact = graphql(`
  mutation Unreact($input: UnreactInput!) {
    unreact(input: $input) {
      __typename
      ... on UnreactPayload {
        message {
          chat {
            ...ChatFields
          }
          ...MessageFields
        }
      }
      ...FailureFields
    }
  }
`);

/** Returns what gives an emoji to a message, or takes it back where the viewer gave it. */
export function createReactions() {
  const feed = useFeed();
  return async function toggle(message: Message, emoji: string) {
    const input = { messageId: message.id, emoji };
    const isGiven = message.reactions.some((each) => each.emoji === emoji && each.viewerReacted);
    const done = isGiven
      ? await perform(feed.client, Unreact, { input })
      : await perform(feed.client, React, { input });
    if (!done.payload) return toast(done.words);
    const { chat, ...changed } = done.payload.message;
    feed.putMutation(chat, [changed]);
  };
}
