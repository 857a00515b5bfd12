/** Messages, their thread and its branches. */
import { graphql } from '../../generated/graphql/gql.ts';

export const SendMessage = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
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
      ... on RunLimitError {
        limit
      }
      ... on RunInProgressError {
        run {
          id
          status
        }
      }
      ... on SendMessagePayload {
        chat {
          id
          title
          revision
        }
        message {
          id
          seq
          role
          content
          parent {
            id
          }
        }
        answers {
          id
          seq
          role
          content
          parent {
            id
          }
        }
        runs {
          id
          status
          model
          provider
        }
      }
    }
  }
`);

export const Thread = graphql(`
  query Thread($chatId: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: ID) {
    chat(id: $chatId) {
      messages(first: $first, after: $after, last: $last, before: $before, around: $around) {
        edges {
          cursor
          node {
            id
            seq
            role
            content
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
  }
`);

export const MessageState = graphql(`
  fragment MessageState on Message {
    id
    seq
    role
    content
    parts {
      kind
      text
    }
    editedContent
    editedAt
    deletedAt
    parent {
      id
    }
  }
`);

export const MessageById = graphql(`
  query MessageById($id: ID!) {
    node(id: $id) {
      __typename
      ... on Message {
        clientId
        ...MessageState
      }
    }
  }
`);

export const EditMessage = graphql(`
  mutation EditMessage($input: EditMessageInput!) {
    editMessage(input: $input) {
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
      ... on EditMessagePayload {
        message {
          ...MessageState
        }
      }
    }
  }
`);

export const DeleteMessage = graphql(`
  mutation DeleteMessage($id: ID!) {
    deleteMessage(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on RunInProgressError {
        run {
          id
          status
        }
      }
      ... on DeleteMessagePayload {
        message {
          ...MessageState
        }
      }
    }
  }
`);

export const SelectBranch = graphql(`
  mutation SelectBranch($input: SelectBranchInput!) {
    selectBranch(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on SelectBranchPayload {
        chat {
          id
          revision
        }
      }
    }
  }
`);

export const Branches = graphql(`
  query Branches($chatId: ID!) {
    chat(id: $chatId) {
      revision
      messages(last: 100) {
        nodes {
          id
          content
          siblings {
            id
            content
            run {
              status
            }
          }
        }
      }
    }
  }
`);
