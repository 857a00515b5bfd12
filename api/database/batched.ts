/**
 * For DataLoaders of rows: what is asked for in one turn of the event loop, by however many requests, is read by one statement, and
 * nothing is kept for the next one.
 */
export const batched = { cache: false, batchScheduleFn: (load: () => void) => void setImmediate(load) } as const;
