/** Node's HTTP server with Confab's timeouts. */
import { createServer, type RequestListener, type Server } from 'node:http';

/**
 * How long an idle connection stays open. Longer than any proxy or client keeps one (nginx: 60 s), so that it is always they who
 * close it: a request that is sent while we close is lost, and a POST is not sent again by itself.
 */
export const KEEP_ALIVE_MS = 75_000;
/** Has to be above `KEEP_ALIVE_MS`: on some versions of Node it runs from the end of the request before. */
const HEADERS_WITHIN_MS = 80_000;

/**
 * A connection that carries no byte for so long is closed: a client that reads nothing of an answer would hold it in our memory. Streams
 * send a comment every 12 s, and no request takes that long to be answered.
 */
const STALLED_MS = 80_000;

/** An HTTP server with the timeouts of Confab. Not listening yet. */
export function createHttpServer(handler: RequestListener, stalledMs = STALLED_MS): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_WITHIN_MS }, handler);
  return server.setTimeout(stalledMs);
}
