import type { AnyVariables, Client, TypedDocumentNode } from '@urql/core';
import { sayError, sayFailure, type ExpectedFailure } from './failure';

/** What the one field of a mutation may come to: its payload or one of its failures. */
type OutcomeOf<Data> = NonNullable<Data[Exclude<keyof Data, '__typename'>]>;

export type Performed<Outcome> =
  | { payload: Exclude<Outcome, { reason: string }> }
  | { payload: null; failure: Extract<Outcome, { reason: string }> | null; words: string };

/**
 * Runs a mutation of one field and tells its payload from its failures: an expected one is kept beside its words, an
 * unexpected one has words alone.
 */
export async function perform<Data extends object, Variables extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Performed<OutcomeOf<Data>>> {
  type Outcome = OutcomeOf<Data>;
  const { data, error } = await client.mutation(document, variables).toPromise();
  if (error || !data) return { payload: null, failure: null, words: error ? sayError(error) : '' };

  const outcome = Object.entries(data).find(([field]) => field !== '__typename')?.[1] as Outcome;
  if (!isFailure(outcome)) return { payload: outcome as Exclude<Outcome, { reason: string }> };
  return { payload: null, failure: outcome as Extract<Outcome, { reason: string }>, words: sayFailure(outcome) };
}

function isFailure(outcome: object): outcome is ExpectedFailure {
  return 'reason' in outcome;
}
