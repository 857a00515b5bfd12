import { graphql } from '../generated';
import type { ChangelogFieldsFragment, ShownChangeFragment, ShownChangesQuery } from '../generated/graphql';

export const ShownChanges = graphql(`
  query ShownChanges($first: Int, $after: String, $last: Int, $before: String, $filter: ChangeFilter) {
    changes(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
      edges {
        cursor
        node {
          ...ShownChange
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

  fragment ShownChange on Change {
    commit
    seq
    at
    actor {
      kind
      subject
      person {
        name
        handle
      }
      agent {
        name
        handle
      }
    }
    requestId
    table
    operation
    rowId
    isErased
    fields {
      name
      isMasked
      before
      after
    }
  }
`);

export const ChangelogState = graphql(`
  query ChangelogState {
    changelog {
      ...ChangelogFields
    }
  }

  fragment ChangelogFields on Changelog {
    isOn
    problem
    commit
    tables
    lagCommits
    lagSeconds
    bytes
    baseAt
    baseWantedAt
    verifiedAt
    verifyProblem
  }
`);

export const WriteChangelogBase = graphql(`
  mutation WriteChangelogBase($input: WriteChangelogBaseInput!) {
    writeChangelogBase(input: $input) {
      __typename
      ... on WriteChangelogBasePayload {
        changelog {
          ...ChangelogFields
        }
      }
      ...FailureFields
    }
  }
`);

export type ChangePage = NonNullable<ShownChangesQuery['changes']>;
export type ShownChange = ShownChangeFragment;
export type Changelog = ChangelogFieldsFragment;

/** No two changes have the same. */
export const keyOf = ({ commit, seq }: Pick<ShownChange, 'commit' | 'seq'>) => `${commit}-${seq}`;
