/** Who answers which address: /graphql, /api/auth, /health, /ready, /metrics, and else the built web app. */
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { toNodeHandler } from 'better-auth/node';
import sirv from 'sirv';
import { sendNodeResponse } from '@whatwg-node/server';

import { accounts, CLIENT_ADDRESS_HEADER } from '../auth/accounts.ts';
import { answeringClient } from '../auth/client.ts';
import { checkRedis } from '../redis/connections.ts';
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { eventsOf, writeEvents } from '../graphql/responses/subscription.ts';
import { answerGraphiql, asksForGraphiql } from './graphiql.ts';
import { log } from '../log.ts';
import { responseEnded } from '../operations/metrics.ts';
import { answerScrape, hasMetrics } from '../operations/scrape.ts';
import { isForeignOrigin } from './origin.ts';
import { requestIdNow, withRequestId } from '../operations/request-id.ts';
import { rememberStream } from './open-streams.ts';
import { makeYoga } from '../graphql/yoga.ts';

/** A message of 100,000 characters fits in whatever script: three bytes each in UTF-8, and twice that where JSON escapes them. */
export const LARGEST_BODY = 640 * 1024;

const READY_WITHIN_MS = 3_000;

/**
 * How long an idle connection stays open. Longer than any proxy or client keeps one (nginx: 60 s), so that it is always they who
 * close it: a request that is sent while we close is lost, and a POST is not sent again by itself.
 */
export const KEEP_ALIVE_MS = 75_000;
/** Has to be above `KEEP_ALIVE_MS`: on some versions of Node it runs from the end of the request before. */
const HEADERS_WITHIN_MS = 80_000;

/**
 * A connection that carries no byte for so long is closed: whoever takes nothing of an answer would hold it in our memory. Streams
 * send a comment every 12 s, and no request takes that long to be answered.
 */
const STALLED_MS = 80_000;

/** An HTTP server with the timeouts of Confab. Not listening yet. */
export function createHttpServer(handler: RequestListener, stalledMs = STALLED_MS): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_WITHIN_MS }, handler);
  return server.setTimeout(stalledMs);
}

export function makeHttpHandler(): RequestListener {
  const yoga = makeYoga();
  const auth = toNodeHandler(accounts());
  const webApp = serveWebApp();

  return (request, response) => {
    const requestId = crypto.randomUUID();
    response.setHeader('x-request-id', requestId);
    secure(response);
    request.headers[CLIENT_ADDRESS_HEADER] = addressOf(request);
    dropInvalidProtocol(request);
    logWhenDone(request, response, requestId);
    if (refuseStrangeAddress(request, response) || refuseLargeBody(request, response)) return;

    withRequestId(requestId, () => {
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
      if (path === '/graphql' || path.startsWith('/api/auth/')) protectApiAnswer(response);
      if (path === '/graphql') {
        if (asksForGraphiql(request)) return answer(response, answerGraphiql(request, response));
        if (refuseForeignOrigin(request, response)) return;
        rememberStream(requestId, response);
        return answer(response, answerGraphQL(yoga, request, response));
      }
      if (path.startsWith('/api/auth/'))
        return answer(
          response,
          answeringClient(response, () => auth(request, response)),
        );
      if (path === '/health') return sendJson(response, 200, { status: 'ok' });
      if (path === '/ready') return answer(response, sendReadiness(response));
      if (path === '/metrics' && hasMetrics()) return answer(response, answerScrape(request, response));
      return isPage(request, path) ? webApp(request, response) : sendNotFound(response);
    });
  };
}

/** A stream of events is written by us; all else as Yoga's adapter does it. */
async function answerGraphQL(
  yoga: ReturnType<typeof makeYoga>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answered = await yoga.handleNodeRequestAndResponse(request, response);
  const events = eventsOf(answered);
  await (events ? writeEvents(events, answered, response) : sendNodeResponse(answered, response, request, true));
}

/** A fault that nobody caught answers one request with 500, rather than end the process and all the others. */
function answer(response: ServerResponse, work: void | Promise<void>): void {
  Promise.resolve(work).catch((error: unknown) => {
    log.error({ requestId: requestIdNow(), error }, 'Unforeseen error');
    if (response.headersSent) response.destroy();
    else
      sendJson(response, 500, {
        errors: [{ message: 'Something went wrong on the server.', extensions: { code: 'INTERNAL' } }],
      });
  });
}

/** A name or an address, and a port: no credentials, path or spaces, which some libraries take and others throw at. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i;

/** Libraries make a URL of the `Host` header and the path, and throw where that cannot be. */
function refuseStrangeAddress({ headers, url = '/' }: IncomingMessage, response: ServerResponse): boolean {
  const { host = 'localhost' } = headers;
  if (url.startsWith('/') && HOST.test(host) && URL.canParse(`http://${host}${url}`)) return false;
  sendJson(response, 400, {
    errors: [{ message: 'That is no address of this server.', extensions: { code: 'BAD_ADDRESS' } }],
  });
  return true;
}

/** better-auth puts this header before `://` and throws where that makes no URL. */
function dropInvalidProtocol({ headers }: IncomingMessage): void {
  if (!/^https?$/.test(String(headers['x-forwarded-proto'] ?? 'http'))) delete headers['x-forwarded-proto'];
}

function refuseForeignOrigin(request: IncomingMessage, response: ServerResponse): boolean {
  if (!isForeignOrigin(request)) return false;
  request.resume();
  const message =
    'This page is of another origin than the server. Where it is not, set PUBLIC_URL to the address of the page.';
  sendJson(response, 403, { errors: [{ message, extensions: { code: 'FOREIGN_ORIGIN' } }] });
  return true;
}

/** The web app answers for every path of its own; a mistyped address of the API, or one that is switched off, is not one. */
function isPage({ method }: IncomingMessage, path: string): boolean {
  return (method === 'GET' || method === 'HEAD') && !/^\/(api|graphql|metrics)(\/|$)/.test(path);
}

function sendNotFound(response: ServerResponse): void {
  sendJson(response, 404, {
    errors: [{ message: 'There is nothing at this address.', extensions: { code: 'NOT_FOUND' } }],
  });
}

function secure(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'same-origin');
  response.setHeader('X-Frame-Options', 'DENY');
  if (env.PUBLIC_URL?.startsWith('https:')) response.setHeader('Strict-Transport-Security', 'max-age=31536000');
}

/** For answers of /graphql and /api/auth, pages among them: what they hold is for one person, and they load nothing. */
function protectApiAnswer(response: ServerResponse): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
}

/** By what the request says of itself: Node reads no more than that. Without a length, nothing can be said beforehand. */
function refuseLargeBody(request: IncomingMessage, response: ServerResponse): boolean {
  const hasUnknownLength = request.headers['transfer-encoding'] !== undefined;
  const isTooLarge = Number(request.headers['content-length'] ?? 0) > LARGEST_BODY;
  if (!hasUnknownLength && !isTooLarge) return false;
  const [status, code, message] = hasUnknownLength
    ? ([411, 'LENGTH_REQUIRED', 'Say the length of the request in Content-Length.'] as const)
    : ([413, 'TOO_LARGE', 'A request may have at most 640 KiB, and a message at most 100,000 characters.'] as const);
  // The rest of the body is still on its way: without this, a client that goes on sending would see a reset, not the answer.
  request.resume();
  response.setHeader('Connection', 'close');
  sendJson(response, status, { errors: [{ message, extensions: { code } }] });
  return true;
}

/** The connection's own address, or what the trusted proxy in front says; never what a client claims. */
function addressOf(request: IncomingMessage): string {
  const forwarded = env.TRUST_PROXY ? String(request.headers['x-forwarded-for'] ?? '') : '';
  return forwarded.split(',').at(-1)?.trim() || request.socket.remoteAddress || 'unknown';
}

async function sendReadiness(response: ServerResponse): Promise<void> {
  const isReady =
    (await answers(response, 'The database', () => db.$queryRaw`SELECT 1`)) &&
    (await answers(response, 'Redis', checkRedis));
  if (isReady) sendJson(response, 200, { status: 'ready' });
}

/** Else says so. */
async function answers(response: ServerResponse, who: string, ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await Promise.race([ask(), tooLate(who)]);
    return true;
  } catch (error) {
    log.warn({ error }, `Not ready: ${who} does not answer`);
    sendJson(response, 503, { status: 'not ready', reason: `${who} does not answer.` });
    return false;
  }
}

/** A server that is paused, or behind a network that is cut, does not say no. */
async function tooLate(who: string): Promise<never> {
  await delay(READY_WITHIN_MS, undefined, { ref: false });
  throw new Error(`${who} did not answer within ${READY_WITHIN_MS} ms.`);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}

const POLICY = [
  "default-src 'self'",
  // Images from elsewhere load when a reader clicks them.
  "img-src 'self' data: https: http:",
  "style-src 'self' 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

function serveWebApp(): RequestListener {
  const folder = join(import.meta.dirname, '../../web/dist');
  if (!existsSync(folder)) {
    return (_request, response) =>
      sendJson(response, 404, { error: 'The web app is not built. npm run build makes it.' });
  }
  const files = sirv(folder, {
    single: true,
    gzip: true,
    brotli: true,
    setHeaders(response, path) {
      const isHashed = path.startsWith('/assets/');
      response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      response.setHeader('Content-Security-Policy', POLICY);
    },
  });
  return (request, response) => files(request, response, () => sendNotFound(response));
}

function logWhenDone(request: IncomingMessage, response: ServerResponse, requestId: string): void {
  const began = performance.now();
  response.once('close', () => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const ms = Math.round(performance.now() - began);
    log.info({ requestId, method: request.method, path, status: response.statusCode, ms }, 'Request');
    responseEnded(path, response.statusCode);
  });
}
