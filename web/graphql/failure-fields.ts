import { graphql } from '../generated';
import type { FailureFieldsFragment } from '../generated/graphql';

export const FailureFields = graphql(`
  fragment FailureFields on Error {
    code
    reason
    ... on ForbiddenError {
      subject
    }
    ... on ChatLimitError {
      limit
    }
    ... on RunLimitError {
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
  }
`);

/** An expected failure, as it comes in a result's union. */
export type Failure = FailureFieldsFragment;

/** What is wrong with one field of an input. */
export type InputIssue = Extract<Failure, { issues: unknown }>['issues'][number];
