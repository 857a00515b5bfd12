/** What is done for every request, whichever route answers it. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { CLIENT_ADDRESS_HEADER } from '../auth/accounts.ts';
import { env } from '../env.ts';
import { log } from '../log.ts';
import { responseEnded } from '../operations/metrics.ts';
import { requestIdNow, withRequestId } from '../operations/request-id.ts';
import { hasToken } from './origin.ts';
import { refuseInvalidAddress, refuseLargeBody, refuseTokenInAddress } from './refusals.ts';
import { makeRoutes, type Route } from './routes.ts';
import { sendError } from './send-json.ts';

export function makeHttpHandler(): RequestListener {
  const routes = makeRoutes();

  return (request, response) => {
    const requestId = crypto.randomUUID();
    response.setHeader('x-request-id', requestId);
    secure(response);
    request.headers[CLIENT_ADDRESS_HEADER] = addressOf(request);
    dropInvalidProtocol(request);
    logWhenDone(request, response, requestId);
    if (refuseInvalidAddress(request, response) || refuseTokenInAddress(request, response)) return;

    const route = routes.find(({ matches }) => matches(request, pathOf(request)));
    if (!route) throw new Error('The last route matches every request.');
    if (refuseLargeBody(request, response, route.mostBytes)) return;
    withRequestId(requestId, () => answer(route, request, response));
  };
}

function answer(route: Route, request: IncomingMessage, response: ServerResponse): void {
  if (route.isPrivate) protectAnswer(response);
  dropForeignCredentials(route, request);
  const answering = async () => route.answer(request, response);
  answering().catch((error: unknown) => sendFault(response, error));
}

/** An uncaught error answers one request with 500, rather than end the process and all the others. */
function sendFault(response: ServerResponse, error: unknown): void {
  log.error({ requestId: requestIdNow(), error }, 'Unforeseen error');
  if (response.headersSent) response.destroy();
  else sendError(response, 500, 'INTERNAL', 'Something went wrong on the server.');
}

/** A handler cannot act by a credential that its route does not name. */
function dropForeignCredentials({ credentials }: Route, { headers }: IncomingMessage): void {
  if (!credentials.includes('SESSION_COOKIE')) delete headers.cookie;
  const isToken = hasToken(headers) && credentials.includes('API_TOKEN');
  if (!isToken && !credentials.includes('METRICS_TOKEN')) delete headers.authorization;
  // A browser sends its cookie by itself: a request with a token means the token.
  if (isToken) delete headers.cookie;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}

/** better-auth puts this header before `://` and throws where that makes no URL. */
function dropInvalidProtocol({ headers }: IncomingMessage): void {
  if (!/^https?$/.test(String(headers['x-forwarded-proto'] ?? 'http'))) delete headers['x-forwarded-proto'];
}

function secure(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'same-origin');
  response.setHeader('X-Frame-Options', 'DENY');
  if (env.PUBLIC_URL?.startsWith('https:')) response.setHeader('Strict-Transport-Security', 'max-age=31536000');
}

function protectAnswer(response: ServerResponse): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
}

/** The connection's own address, or what the trusted proxy in front says; never what a client claims. */
function addressOf(request: IncomingMessage): string {
  const forwarded = env.TRUST_PROXY ? String(request.headers['x-forwarded-for'] ?? '') : '';
  // In small letters: better-auth takes `::FFFF:10.0.0.7` for no address.
  return (forwarded.split(',').at(-1)?.trim() || request.socket.remoteAddress || 'unknown').toLowerCase();
}

function logWhenDone(request: IncomingMessage, response: ServerResponse, requestId: string): void {
  const began = performance.now();
  response.once('close', () => {
    const path = pathOf(request);
    const ms = Math.round(performance.now() - began);
    log.info({ requestId, method: request.method, path, status: response.statusCode, ms }, 'Request');
    responseEnded(path, response.statusCode);
  });
}
