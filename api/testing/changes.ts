/** The change log as an administrator reads it. */
import { db } from '../database/db.ts';
import { graphql } from '../generated/graphql/gql.ts';
import type { ChangeFilter, ChangesQuery, ChangesQueryVariables } from '../generated/graphql/graphql.ts';
import { encodeCursor } from '../paging/pages.ts';
import type { Person } from './person.ts';

export const Changes = graphql(`
  query Changes($first: Int, $after: String, $last: Int, $before: String, $filter: ChangeFilter) {
    changes(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
      nodes {
        ...ChangeParts
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }

  fragment ChangeParts on Change {
    commit
    seq
    at
    actor {
      kind
      subject
      person {
        name
      }
      agent {
        name
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

export const FollowChanges = graphql(`
  subscription FollowChanges($after: SafeInt) {
    changes(after: $after) {
      commit
      changes {
        ...ChangeParts
      }
    }
  }
`);

export type SeenChange = NonNullable<ChangesQuery['changes']>['nodes'][number];

/** All that the filter means, after that transaction, a page after the other. `isBackward`: from the newest on; still given oldest first. */
export async function readAllChanges(
  who: Person,
  filter: ChangeFilter = {},
  { size = 100, isBackward = false, after = 0 } = {},
): Promise<{ changes: SeenChange[]; pages: number }> {
  const changes: SeenChange[] = [];
  let place: string | null | undefined = isBackward ? null : encodeCursor([after, Number.MAX_SAFE_INTEGER]);
  for (let pages = 1; ; pages += 1) {
    const page: ChangesQueryVariables = isBackward
      ? { last: size, before: place ?? null }
      : { first: size, after: place ?? null };
    const { changes: found } = await who.ask(Changes, { ...page, filter });
    if (!found) throw new Error(`${who.name} is no administrator.`);
    if (isBackward) changes.unshift(...found.nodes);
    else changes.push(...found.nodes);
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = found.pageInfo;
    if (!(isBackward ? hasPreviousPage : hasNextPage)) return { changes, pages };
    place = isBackward ? startCursor : endCursor;
  }
}

/** Takes no part in a test that counts. */
export async function forgetChanges(): Promise<void> {
  await db.$executeRaw`DELETE FROM change_commit`;
  await db.$executeRaw`DELETE FROM change_entry`;
}
