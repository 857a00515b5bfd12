import { graphql } from '../generated';

/** All that a tab is told, over one connection. */
export const Feed = graphql(`
  subscription Feed($chats: [ChatCursor!]!, $agentsVersion: String!) {
    feed(chats: $chats, agentsVersion: $agentsVersion) {
      __typename
      ... on ChatChange {
        chat {
          ...ChatFields
        }
        revision
        headId
        messages {
          ...MessageFields
        }
        runs {
          ...RunFields
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
          ...ChatFields
        }
      }
      ... on Tick {
        pageVersion
      }
      ... on ChatGone {
        chatId
      }
      ... on AgentsChange {
        version
        agents {
          ...AgentFields
        }
      }
    }
  }
`);
