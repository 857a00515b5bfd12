/** The answers of /graphql that go on: event streams. An end in order lets each go when nothing more will come on it from here. */
import type { ServerResponse } from 'node:http';

const open = new Map<string, ServerResponse>();

export function rememberStream(requestId: string, response: ServerResponse): void {
  open.set(requestId, response);
  response.once('close', () => open.delete(requestId));
}

export interface Closing {
  stop(): void;
}

/** Longer than a feed takes to read and write what ended a run. */
const POLL_STREAMS_MS = 250;

/**
 * Cuts each stream that is not needed any more, now and as time goes by. Cut rather than completed: a client takes a stream that was
 * completed for one that has nothing more to say, and one that was cut for a reason to connect again, to another node.
 */
export function closeUnneededStreams(isNeeded: (requestId: string) => boolean): Closing {
  let idle = new Set(open.keys());

  function closeIdle(): void {
    // Unneeded twice in a row: what was said last is then on its way.
    const unneeded = [...open].filter(([requestId, { headersSent }]) => headersSent && !isNeeded(requestId));
    for (const [requestId, response] of unneeded) if (idle.has(requestId)) response.socket?.destroySoon();
    idle = new Set(unneeded.map(([requestId]) => requestId));
  }

  closeIdle();
  const polling = setInterval(closeIdle, POLL_STREAMS_MS);
  return { stop: () => clearInterval(polling) };
}
