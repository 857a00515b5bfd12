/**
 * Keeps answers to queries whose data is not in the store (web/store). A mutation that names what it changes in `additionalTypenames`
 * makes the answers that hold such rows be fetched again. All other mutations, and the queries of `fetchFresh`, bypass the cache.
 */
import { cacheExchange, type Exchange, type Operation, type OperationResult } from '@urql/core';
import { filter, merge, share, type Source } from 'wonka';

export const documentCache: Exchange =
  ({ forward, ...rest }) =>
  (operations) => {
    const asked = share(operations);
    const bypassing = filter((each: Operation) => !isCached(each))(asked);
    let answers!: Source<OperationResult>;
    // An exchange forwards once, so both ways share one request pipeline and part again behind it.
    const cache = cacheExchange({
      ...rest,
      forward(missing) {
        answers = share(forward(merge([missing, bypassing])));
        return filter(({ operation }: OperationResult) => isCached(operation))(answers);
      },
    });
    const cached = cache(filter(isCached)(asked));
    return merge([cached, filter(({ operation }: OperationResult) => !isCached(operation))(answers)]);
  };

/** For the context of a query that bypasses the cache. */
export const bypassCache = { bypassesCache: true } as const;

function isCached({ kind, context }: Operation): boolean {
  if (context['bypassesCache']) return false;
  return kind !== 'mutation' || !!context.additionalTypenames;
}
