import { graphql } from '../generated';

export const RunFields = graphql(`
  fragment RunFields on Run {
    id
    status
    isCut
    stopReason
    failure {
      code
      reason
      retryable
    }
    provider
    model
    usage {
      inputTokens
      outputTokens
      cacheReadTokens
      cacheWriteTokens
    }
    contextWindow
    createdAt
    startedAt
    firstTokenAt
    endedAt
  }
`);
