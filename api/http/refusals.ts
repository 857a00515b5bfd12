/** Requests that are refused before anything reads their bodies. Each sends its refusal itself and returns true. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { SECRET_INSIDE } from '../tokens/secret.ts';
import { isForeignOrigin } from './origin.ts';
import { sendError } from './send-json.ts';

/** A name or an address, and a port: no credentials, path or spaces, which some libraries take and others throw at. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i;

/** Libraries make a URL of the `Host` header and the path, and throw where that cannot be. */
export function refuseInvalidAddress({ headers, url = '/' }: IncomingMessage, response: ServerResponse): boolean {
  const { host = 'localhost' } = headers;
  if (url.startsWith('/') && HOST.test(host) && URL.canParse(`http://${host}${url}`)) return false;
  sendError(response, 400, 'BAD_ADDRESS', 'That is no address of this server.');
  return true;
}

/** Addresses are written into logs and histories, and go to other pages as `Referer`. */
export function refuseTokenInAddress(request: IncomingMessage, response: ServerResponse): boolean {
  const { url = '/' } = request;
  const address = decoded(url);
  if (!SECRET_INSIDE.test(address) && !/[?&]access_token=/.test(address)) return false;
  request.resume();
  const message = 'Send the token in a header, as Authorization: Bearer …, and revoke this one: addresses are logged.';
  sendError(response, 400, 'TOKEN_IN_ADDRESS', message);
  return true;
}

/** By the headers: Node reads no more than `Content-Length` says. Without a length, nothing can be said beforehand. */
export function refuseLargeBody(request: IncomingMessage, response: ServerResponse, mostBytes: number): boolean {
  const hasUnknownLength = request.headers['transfer-encoding'] !== undefined;
  const isTooLarge = Number(request.headers['content-length'] ?? 0) > mostBytes;
  if (!hasUnknownLength && !isTooLarge) return false;
  // The rest of the body is still on its way: without this, a client that goes on sending would see a reset, not the answer.
  request.resume();
  response.setHeader('Connection', 'close');
  if (hasUnknownLength) sendError(response, 411, 'LENGTH_REQUIRED', 'Say the length of the request in Content-Length.');
  else
    sendError(
      response,
      413,
      'TOO_LARGE',
      `A request may have at most ${mostBytes / 1024} KiB, and a message at most 100,000 characters.`,
    );
  return true;
}

export function refuseForeignOrigin(request: IncomingMessage, response: ServerResponse): boolean {
  if (!isForeignOrigin(request)) return false;
  request.resume();
  const message =
    'This page is of another origin than the server. Where it is not, set PUBLIC_URL to the address of the page.';
  sendError(response, 403, 'FOREIGN_ORIGIN', message);
  return true;
}

/** Each escape by itself: an invalid one stays as it is. */
function decoded(url: string): string {
  return url.replaceAll(/%[\dA-Fa-f]{2}/g, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)));
}
