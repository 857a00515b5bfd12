import type { ModelServer } from './model-server.ts';

/** Where people of `person` go. */
export interface TestServer {
  /** As `http://127.0.0.1:4321`. */
  readonly url: string;
  /** What the agent Claude asks: script its answers. */
  readonly model: ModelServer;
}

let current: TestServer | undefined;

/** The server at hand, for those who act on it. */
export function testServer(): TestServer {
  if (!current) throw new Error('Call useConfab() at the top of the test file.');
  return current;
}

export function useServerAt(url: string, model: ModelServer): void {
  current = { url, model };
}
