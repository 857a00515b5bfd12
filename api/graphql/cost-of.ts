import { complexityFromQuery } from '@pothos/plugin-complexity';
import { type DocumentNode, type ExecutionArgs, getOperationAST, Kind, type OperationDefinitionNode } from 'graphql';

import { MOST_COMPLEXITY } from '../graphql-builder/limits.ts';

/**
 * What an operation asks for, in points, before anything of it is executed: the complexity that the builder bounds too. One that is beyond
 * that bound, or whose variables are none, is refused when it is executed, and costs no more than the dearest that is not.
 */
export function costOf({ schema, document, operationName, variableValues, contextValue }: ExecutionArgs): number {
  const operation = getOperationAST(document, operationName);
  if (!operation) return 1;
  try {
    const { complexity } = complexityFromQuery(alone(operation, document), {
      schema,
      ctx: contextValue as object,
      variables: { ...variableValues },
    });
    return Math.ceil(Math.min(Math.max(complexity, 1), MOST_COMPLEXITY));
  } catch {
    return 1;
  }
}

const documents = new WeakMap<OperationDefinitionNode, DocumentNode>();

/** Pothos looks at the first operation of a document. */
function alone(operation: OperationDefinitionNode, { definitions }: DocumentNode): DocumentNode {
  const known = documents.get(operation);
  if (known) return known;
  const fragments = definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] };
  documents.set(operation, document);
  return document;
}
