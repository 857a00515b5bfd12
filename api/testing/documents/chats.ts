/** Chats, and their list. */
import { graphql } from '../../generated/graphql/gql.ts';

export const CreateChat = graphql(`
  mutation CreateChat($input: CreateChatInput!) {
    createChat(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ChatLimitError {
        limit
      }
      ... on InvalidInputError {
        issues {
          path
          code
          reason
          limit
        }
      }
      ... on CreateChatPayload {
        chat {
          id
          title
          revision
          agent {
            id
            handle
          }
          chosenAgent {
            id
          }
        }
      }
    }
  }
`);

export const ChatState = graphql(`
  fragment ChatState on Chat {
    id
    title
    revision
    pinnedAt
    archivedAt
    deletedAt
    lastMessageAt
    agent {
      id
      handle
    }
    chosenAgent {
      id
      handle
    }
  }
`);

export const ChatById = graphql(`
  query ChatById($id: ID!) {
    chat(id: $id) {
      ...ChatState
    }
  }
`);

export const ListChats = graphql(`
  query ListChats($first: Int, $after: String, $last: Int, $before: String, $filter: ChatFilter, $search: String) {
    chats(first: $first, after: $after, last: $last, before: $before, filter: $filter, search: $search) {
      nodes {
        id
        title
      }
      edges {
        cursor
        node {
          id
          title
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`);

export const UpdateChat = graphql(`
  mutation UpdateChat($input: UpdateChatInput!) {
    updateChat(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on InvalidInputError {
        issues {
          path
          code
          reason
          limit
        }
      }
      ... on UpdateChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const ArchiveChat = graphql(`
  mutation ArchiveChat($id: ID!) {
    archiveChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ArchiveChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const UnarchiveChat = graphql(`
  mutation UnarchiveChat($id: ID!) {
    unarchiveChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ChatLimitError {
        limit
      }
      ... on UnarchiveChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const PinChat = graphql(`
  mutation PinChat($id: ID!) {
    pinChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on PinChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const UnpinChat = graphql(`
  mutation UnpinChat($id: ID!) {
    unpinChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on UnpinChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const DeleteChat = graphql(`
  mutation DeleteChat($id: ID!) {
    deleteChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on DeleteChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const RestoreChat = graphql(`
  mutation RestoreChat($id: ID!) {
    restoreChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ChatLimitError {
        limit
      }
      ... on RestoreChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);
