import { useClient } from '@urql/solid';
import { graphql } from '../generated';
import { perform } from '../graphql/perform';
import { toast } from '../ui/toasts';

const EditMessage = graphql(`
  mutation EditMessage($input: EditMessageInput!) {
    editMessage(input: $input) {
      __typename
      ... on EditMessagePayload {
        message {
          ...MessageFields
        }
      }
      ... on InvalidInputError {
        issues {
          reason
        }
      }
      ... on Error {
        reason
      }
    }
  }
`);

const DeleteMessage = graphql(`
  mutation DeleteMessage($input: DeleteMessageInput!) {
    deleteMessage(input: $input) {
      __typename
      ... on DeleteMessagePayload {
        message {
          ...MessageFields
        }
      }
      ... on Error {
        reason
      }
    }
  }
`);

export function createMessageActions() {
  const client = useClient();

  /** Returns what went wrong, in words. */
  async function edit(id: string, content: string): Promise<string | null> {
    const done = await perform(client, EditMessage, { input: { id, content } });
    return done.payload ? null : done.words;
  }

  async function remove(id: string) {
    const done = await perform(client, DeleteMessage, { input: { id } });
    if (!done.payload) toast(done.words);
  }

  return { edit, remove };
}
