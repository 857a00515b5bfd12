/** All that a client needs to have the same as everybody. */
import { graphql } from '../api/generated/graphql/gql.ts';

export const WatchRun = graphql(`
  subscription WatchRun($runId: ID!, $from: Int!) {
    runEvents(runId: $runId, from: $from) {
      __typename
      ... on ContentDelta {
        from
        to
        text
      }
      ... on MessageEnd {
        run {
          status
        }
        message {
          parts {
            text
          }
        }
      }
      ... on RunError {
        run {
          status
        }
        message {
          parts {
            text
          }
        }
      }
    }
  }
`);

export const WatchChat = graphql(`
  subscription WatchChat($chats: [ChatCursor!]!) {
    feed(chats: $chats) {
      __typename
      ... on ChatChange {
        revision
        headId
        chat {
          title
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
          parts {
            text
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
          text
        }
      }
      ... on ChatGone {
        chatId
      }
      ... on Tick {
        at
      }
    }
  }
`);
