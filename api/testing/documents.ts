/** What tests ask for again and again. */
import { graphql } from '../generated/graphql/gql.ts';

export const CreateChat = graphql(`
  mutation CreateChat($input: CreateChatInput!) {
    createChat(input: $input) {
      __typename
      ... on Error { reason }
      ... on ChatLimitError { limit }
      ... on InvalidInputError { issues { path reason } }
      ... on CreateChatPayload { chat { id title revision agent { id handle } chosenAgent { id } } }
    }
  }
`);

export const SendMessage = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on Error { reason }
      ... on InvalidInputError { issues { path reason } }
      ... on RunInProgressError { run { id status } }
      ... on SendMessagePayload {
        chat { id title revision }
        message { id seq role content parent { id } }
        answer { id seq role content parent { id } }
        run { id status model provider }
      }
    }
  }
`);

export const RunEvents = graphql(`
  subscription RunEvents($runId: ID!, $from: Int!) {
    runEvents(runId: $runId, from: $from) {
      __typename
      ... on MessageStart { run { id } message { id } }
      ... on ContentDelta { from to part kind text }
      ... on MessageEnd { run { id status stopReason } message { id content parts { kind text } } }
      ... on RunError { code reason retryable run { id status } message { id content parts { kind text } } }
    }
  }
`);

export const RunById = graphql(`
  query RunById($id: ID!) {
    node(id: $id) {
      __typename
      ... on Run {
        id
        status
        stopReason
        model
        provider
        failure { code reason retryable }
        usage { inputTokens outputTokens cacheReadTokens cacheWriteTokens }
        contexts { type version content }
        history { id content editedContent }
        omittedMessageCount
        createdAt
        startedAt
        firstTokenAt
        endedAt
        message { id content parts { kind text } }
      }
    }
  }
`);

export const Thread = graphql(`
  query Thread($chatId: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: ID) {
    chat(id: $chatId) {
      messages(first: $first, after: $after, last: $last, before: $before, around: $around) {
        edges { cursor node { id seq role content } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }
`);
