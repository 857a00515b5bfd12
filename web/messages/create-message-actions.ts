import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import { perform } from '../graphql/perform';
import { toast } from '../ui/toasts';

const EditMessage = graphql(`
  mutation EditMessage($input: EditMessageInput!) {
    editMessage(input: $input) {
      __typename
      ... on EditMessagePayload {
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

const DeleteMessage = graphql(`
  mutation DeleteMessage($input: DeleteMessageInput!) {
    deleteMessage(input: $input) {
      __typename
      ... on DeleteMessagePayload {
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

const SelectBranch = graphql(`
  mutation SelectBranch($input: SelectBranchInput!) {
    selectBranch(input: $input) {
      __typename
      ... on SelectBranchPayload {
        chat {
          ...ChatFields
          messages(last: 50) {
            nodes {
              ...MessageFields
            }
          }
        }
      }
      ...FailureFields
    }
  }
`);

export function createMessageActions() {
  const feed = useFeed();

  /** Returns what went wrong, in words. */
  async function edit(id: string, content: string): Promise<string | null> {
    const done = await perform(feed.client, EditMessage, { input: { id, content } });
    if (!done.payload) return done.words;
    const { chat, ...message } = done.payload.message;
    feed.putMutation(chat, [message]);
    return null;
  }

  async function remove(id: string) {
    const done = await perform(feed.client, DeleteMessage, { input: { id } });
    if (!done.payload) return toast(done.words);
    const { chat, ...message } = done.payload.message;
    feed.putMutation(chat, [message]);
  }

  /** The thread goes through this message from now on, down to the newest one below it. */
  async function selectBranch(messageId: string) {
    const done = await perform(feed.client, SelectBranch, { input: { messageId } });
    if (!done.payload) return toast(done.words);
    const { messages, ...chat } = done.payload.chat;
    feed.putPage(chat, messages.nodes, { isNewest: true });
  }

  return { edit, remove, selectBranch };
}
