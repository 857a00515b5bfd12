import type { AnyVariables, Client, CombinedError, OperationContext, TypedDocumentNode } from '@urql/core';
import { isUnauthenticated } from './client';
import type { Failure } from './failure-fields';
import { sayError, sayFailure } from './failure-words';

/** What the one field of a mutation may come to: its payload or one of its failures. */
type OutcomeOf<Data> = NonNullable<Data[Exclude<keyof Data, '__typename'>]>;

export type Performed<Outcome> =
  | { payload: Exclude<Outcome, { reason: string }> }
  | {
      payload: null;
      failure: Extract<Outcome, { reason: string }> | null;
      words: string;
      /** Whether the same may succeed later by itself: the server is not reached, or the session has ended, for now. */
      canPass: boolean;
    };

/**
 * Runs a mutation of one field and separates its payload from its failures: an expected one is kept beside its words, an
 * unexpected one has words alone. `context.additionalTypenames` names the types of rows that it changes and that are not in the store:
 * cached answers that hold them are fetched again.
 */
export async function perform<Data extends object, Variables extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  context: Partial<OperationContext> = {},
): Promise<Performed<OutcomeOf<Data>>> {
  type Outcome = OutcomeOf<Data>;
  const { data, error } = await client.mutation(document, variables, context).toPromise();
  if (error || !data)
    return { payload: null, failure: null, words: error ? sayError(error) : '', canPass: !!error && canPass(error) };

  const outcome = Object.entries(data).find(([field]) => field !== '__typename')?.[1] as Outcome;
  if (!isFailure(outcome)) return { payload: outcome as Exclude<Outcome, { reason: string }> };
  return {
    payload: null,
    failure: outcome as Extract<Outcome, { reason: string }>,
    words: sayFailure(outcome),
    canPass: false,
  };
}

function canPass(error: CombinedError): boolean {
  if (isUnauthenticated(error)) return true;
  const status = (error.response as Response | undefined)?.status;
  // What a proxy answers while the server behind it is away.
  return error.networkError ? status === undefined || [408, 502, 503, 504].includes(status) : false;
}

function isFailure(outcome: object): outcome is Failure {
  return 'reason' in outcome;
}
