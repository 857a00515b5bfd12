/** Pages of other origins that may ask the API (`ALLOWED_ORIGINS`): with a token alone, never with a cookie. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { env } from '../env.ts';
import { hasToken } from './origin.ts';

const ALLOWED_HEADERS = 'authorization, content-type, accept, x-confab-cost, x-client-name, traceparent';
const SHOWN_HEADERS = 'x-request-id, retry-after, ratelimit, ratelimit-policy';
/** Browsers ask again at the latest after so long. */
const MAX_AGE_SECONDS = 600;

/** What a browser asks before it sends a request of another origin. Returns whether this was one. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  const { headers, method } = request;
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false;
  response.setHeader('Vary', 'Origin, Access-Control-Request-Headers');
  // Without `authorization` it is a request without a token, or with a cookie.
  const asksForToken = /\bauthorization\b/i.test(headers['access-control-request-headers'] ?? '');
  if (asksForToken && isAllowed(headers.origin)) {
    response.setHeader('Access-Control-Allow-Origin', headers.origin ?? '');
    response.setHeader('Access-Control-Allow-Methods', 'GET, POST');
    response.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS);
    response.setHeader('Access-Control-Max-Age', String(MAX_AGE_SECONDS));
  }
  response.writeHead(204).end();
  return true;
}

/** Lets the page read the answer, whatever it will be. */
export function allowOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
  if (env.ALLOWED_ORIGINS.length === 0 || headers.origin === undefined) return;
  response.setHeader('Vary', 'Origin');
  if (!hasToken(headers) || !isAllowed(headers.origin)) return;
  response.setHeader('Access-Control-Allow-Origin', headers.origin);
  response.setHeader('Access-Control-Expose-Headers', SHOWN_HEADERS);
}

function isAllowed(origin: string | undefined): boolean {
  return origin !== undefined && env.ALLOWED_ORIGINS.includes(origin);
}
