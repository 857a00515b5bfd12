/** Runs, and the answers that they give. */
import { graphql } from '../../generated/graphql/gql.ts';

export const RegenerateAnswer = graphql(`
  mutation RegenerateAnswer($input: RegenerateAnswerInput!) {
    regenerateAnswer(input: $input) {
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
      ... on RegenerateAnswerPayload {
        chat {
          id
          revision
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
          agent {
            id
          }
        }
      }
    }
  }
`);

export const ContinueAnswer = graphql(`
  mutation ContinueAnswer($input: ContinueAnswerInput!) {
    continueAnswer(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ContinueAnswerPayload {
        answers {
          id
          parent {
            id
          }
        }
        runs {
          id
          agent {
            handle
          }
          trigger {
            id
          }
        }
      }
    }
  }
`);

export const RunEvents = graphql(`
  subscription RunEvents($runId: ID!, $from: Int!) {
    runEvents(runId: $runId, from: $from) {
      __typename
      ... on MessageStart {
        run {
          id
        }
        message {
          id
        }
      }
      ... on ContentDelta {
        from
        to
        part
        kind
        text
      }
      ... on MessageEnd {
        run {
          id
          status
          stopReason
        }
        message {
          id
          content
          parts {
            kind
            text
          }
        }
      }
      ... on RunError {
        code
        reason
        retryable
        run {
          id
          status
        }
        message {
          id
          content
          parts {
            kind
            text
          }
        }
      }
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
        isCut
        stopReason
        model
        provider
        initiator {
          id
          name
        }
        failure {
          code
          reason
          retryable
        }
        usage {
          inputTokens
          outputTokens
          cacheReadTokens
          cacheWriteTokens
        }
        contexts {
          type
          version
          content
        }
        history {
          id
          content
          editedContent
        }
        omittedMessageCount
        createdAt
        startedAt
        firstTokenAt
        endedAt
        message {
          id
          content
          parts {
            kind
            text
          }
        }
      }
    }
  }
`);

export const ActiveRuns = graphql(`
  query ActiveRuns($chatId: ID!) {
    chat(id: $chatId) {
      activeRuns {
        id
      }
    }
  }
`);

export const StopRun = graphql(`
  mutation StopRun($input: StopRunInput!) {
    stopRun(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on StopRunPayload {
        run {
          id
          status
          message {
            content
          }
        }
      }
    }
  }
`);
