import { type ExecutionResult, getOperationAST, Kind, OperationTypeNode, print } from 'graphql';
import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';

import type { Context } from '../../graphql-builder/context.ts';

/** In UTF-16 code units. GraphiQL's question is answered with some 200,000. */
const CACHE_CHARACTERS = 4 * 1024 * 1024;

/** Questions about the schema alone have one answer for everybody, as long as the process lives: it is kept as text. */
export function useIntrospectionCache(): Plugin<Context> {
  const answers = new LRUCache<string, string>({
    maxSize: CACHE_CHARACTERS,
    sizeCalculation: (answer, question) => answer.length + question.length,
  });
  return {
    onExecute({ args: { document, operationName, contextValue }, setResultAndStopExecution }) {
      if (!isIntrospection(document, operationName)) return;
      const { variables } = contextValue.params;
      // Those with variables are rare, and variables can be nested deeper than JSON can be written.
      if (Object.keys(variables ?? {}).length > 0) return;
      // As printed, so that other spaces and comments make no other question.
      const question = `${operationName ?? ''} ${print(document)}`;
      const answer = answers.get(question);
      if (answer !== undefined) {
        setResultAndStopExecution(asText(answer));
        return;
      }
      return {
        onExecuteDone({ result, setResult }) {
          if (!('data' in result) || result.errors || !result.data) return;
          const text = JSON.stringify({ data: result.data });
          answers.set(question, text);
          setResult(asText(text));
        },
      };
    },
  };
}

/** A result that is written as this text. */
function asText(text: string): ExecutionResult & { stringify: () => string } {
  return { data: {}, stringify: () => text };
}

function isIntrospection(document: DocumentNode, operationName: string | null | undefined): boolean {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.QUERY) return false;
  const names = operation.selectionSet.selections.map((each) => (each.kind === Kind.FIELD ? each.name.value : ''));
  return names.every((name) => name.startsWith('__')) && names.some((name) => name !== '__typename');
}
