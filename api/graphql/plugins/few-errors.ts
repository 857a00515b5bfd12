import type { Plugin } from 'graphql-yoga';

import type { RequestContext } from '../../graphql-builder/context.ts';
import { withoutRepetition } from '../../paging/answer-size.ts';

/** Each field that did not fit into an answer is an error, and there may be thousands. */
export function useFewErrors(): Plugin<RequestContext> {
  return {
    onExecute: () => ({
      onExecuteDone({ result, setResult }) {
        if ('errors' in result && result.errors) setResult({ ...result, errors: withoutRepetition(result.errors) });
      },
    }),
  };
}
