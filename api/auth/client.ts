/** Lets code that better-auth calls know whether the client still waits for the answer. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';

const current = new AsyncLocalStorage<ServerResponse>();

/** Runs `work` as the answer to one request. */
export function answeringClient<T>(response: ServerResponse, work: () => T): T {
  return current.run(response, work);
}

/** False outside of a request. */
export function clientIsGone(): boolean {
  return current.getStore()?.destroyed ?? false;
}
