import { graphql } from '../generated';

/** All that a tab receives, over one connection. */
export const Feed = graphql(`
  subscription Feed($chats: [ChatCursor!]!, $agentsVersion: String!, $isActive: Boolean = true) {
    feed(chats: $chats, agentsVersion: $agentsVersion, isActive: $isActive) {
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
      ... on PresenceChange {
        people {
          personId
          presence
        }
      }
      ... on TypingChange {
        chatId
        people {
          id
          name
        }
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
