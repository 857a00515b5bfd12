import { BREAK, type ExecutionResult, getOperationAST, Kind, OperationTypeNode, print, visit } from 'graphql';
import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';

import { networkOf } from '../../auth/accounts.ts';
import { chargeIntrospection } from '../../auth/throttle.ts';
import type { RequestContext } from '../../graphql-builder/context.ts';
import { tooManyRequests } from './too-many.ts';

/** In UTF-16 code units. GraphiQL's question is answered with some 200,000. */
const CACHE_CHARACTERS = 4 * 1024 * 1024;

/**
 * Questions about the schema alone have one answer for everybody, as long as the process lives: it is kept as text. Without a session, each
 * question that has to be worked out is charged to its address.
 */
export function useIntrospectionCache(): Plugin<RequestContext> {
  const answers = new LRUCache<string, string>({
    maxSize: CACHE_CHARACTERS,
    sizeCalculation: (answer, question) => answer.length + question.length,
  });
  return {
    async onExecute({ args: { document, operationName, contextValue }, setResultAndStopExecution }) {
      if (!asksOfSchema(document)) return;
      const question = questionOf(document, operationName, contextValue);
      const answer = question === null ? undefined : answers.get(question);
      if (answer !== undefined) {
        setResultAndStopExecution(asText(answer));
        return;
      }
      const refusal = contextValue.viewer ? null : await chargeIntrospection(networkOf(contextValue.request.headers));
      if (refusal) {
        const reason = 'Too many questions about the schema without a session.';
        setResultAndStopExecution({ errors: [tooManyRequests(reason, refusal.msBeforeNext)] });
        return;
      }
      return {
        onExecuteDone({ result, setResult }) {
          if (question === null || !('data' in result) || result.errors || !result.data) return;
          const text = JSON.stringify({ data: result.data });
          answers.set(question, text);
          setResult(asText(text));
        },
      };
    },
  };
}

/** Anywhere in the document. The name of a type alone costs nothing. */
function asksOfSchema(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, {
    Field({ name: { value } }) {
      if (value !== '__schema' && value !== '__type') return undefined;
      isFound = true;
      return BREAK;
    },
  });
  return isFound;
}

/** What its answer is kept by; null: it is not kept. */
function questionOf(
  document: DocumentNode,
  operationName: string | null | undefined,
  { params }: RequestContext,
): string | null {
  if (!isIntrospection(document, operationName)) return null;
  // Those with variables are rare, and variables can be nested deeper than JSON can be written.
  if (Object.keys(params.variables ?? {}).length > 0) return null;
  // As printed, so that other spaces and comments make no other question.
  return `${operationName ?? ''} ${print(document)}`;
}

/** A result that is written as this text. */
function asText(text: string): ExecutionResult & { stringify: () => string } {
  return { data: {}, stringify: () => text };
}

/** Whether nothing but the schema is asked about. */
export function isIntrospection(document: DocumentNode, operationName: string | null | undefined): boolean {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.QUERY) return false;
  const names = operation.selectionSet.selections.map((each) => (each.kind === Kind.FIELD ? each.name.value : ''));
  return names.every((name) => name.startsWith('__')) && names.some((name) => name !== '__typename');
}
