import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<string>();

export function withRequestId<T>(requestId: string, work: () => T): T {
  return current.run(requestId, work);
}

/** Of the request that is being served. Outside of one, a new id. */
export function requestIdNow(): string {
  return current.getStore() ?? crypto.randomUUID();
}
