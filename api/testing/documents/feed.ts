/** The feed. */
import { graphql } from '../../generated/graphql/gql.ts';

export const Feed = graphql(`
  subscription Feed($chats: [ChatCursor!], $agentsVersion: String) {
    feed(chats: $chats, agentsVersion: $agentsVersion) {
      __typename
      ... on ChatChange {
        revision
        headId
        chat {
          id
          title
          revision
          resetRevision
          pinnedAt
          archivedAt
          deletedAt
          chosenAgent {
            id
          }
        }
        messages {
          id
          seq
          content
          editedContent
          deletedAt
          parent {
            id
          }
          siblings {
            id
          }
        }
        runs {
          id
          status
          message {
            id
          }
        }
      }
      ... on RunDelta {
        runId
        delta {
          from
          to
          part
          kind
          text
        }
      }
      ... on ChatListChange {
        chat {
          id
          title
          revision
        }
      }
      ... on ChatGone {
        chatId
      }
      ... on AgentsChange {
        version
        agents {
          id
          name
          isDefault
        }
      }
      ... on Tick {
        at
      }
    }
  }
`);
