/** Who answers which address. The first route that matches a request answers it. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { sendNodeResponse } from '@whatwg-node/server';
import { toNodeHandler } from 'better-auth/node';

import { accounts } from '../auth/accounts.ts';
import { answeringClient } from '../auth/client.ts';
import { eventsOf, writeEvents } from '../graphql/responses/subscription.ts';
import { makeYoga } from '../graphql/yoga.ts';
import { requestIdNow } from '../operations/request-id.ts';
import { answerScrape, hasMetrics } from '../operations/scrape.ts';
import { allowOrigin, answerPreflight } from './cors.ts';
import { serveDocs } from './docs.ts';
import { answerGraphiql, asksForGraphiql } from './graphiql.ts';
import { answerReadiness } from './health.ts';
import { rememberStream } from './open-streams.ts';
import { refuseForeignOrigin } from './refusals.ts';
import { sendJson, sendNotFound } from './send-json.ts';
import { serveWebApp, webFolder } from './web-app.ts';

/** What may prove who sends a request. A route is given no credential of a kind that it does not name. */
export type Credential = 'SESSION_COOKIE' | 'API_TOKEN' | 'METRICS_TOKEN';

export interface Route {
  matches: (request: IncomingMessage, path: string) => boolean;
  /** Of the body of a request, in bytes. */
  mostBytes: number;
  credentials: readonly Credential[];
  /** Answers of the API are for one person and load nothing: never cached, with the strictest policy. */
  isPrivate?: boolean;
  answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
}

/** A message of 100,000 characters fits in whatever script: three bytes each in UTF-8, and twice that where JSON escapes them. */
export const LARGEST_BODY = 640 * 1024;

export function makeRoutes(): readonly Route[] {
  const yoga = makeYoga();
  const auth = toNodeHandler(accounts());
  const docs = serveDocs(webFolder);
  const webApp = serveWebApp(webFolder);
  return [
    {
      matches: (request, path) => path === '/graphql' && asksForGraphiql(request),
      mostBytes: LARGEST_BODY,
      credentials: [],
      isPrivate: true,
      answer: answerGraphiql,
    },
    {
      matches: (_request, path) => path === '/graphql',
      mostBytes: LARGEST_BODY,
      credentials: ['SESSION_COOKIE', 'API_TOKEN'],
      isPrivate: true,
      answer: (request, response) => answerGraphQL(yoga, request, response),
    },
    {
      matches: (_request, path) => path.startsWith('/api/auth/'),
      mostBytes: LARGEST_BODY,
      credentials: ['SESSION_COOKIE'],
      isPrivate: true,
      answer: (request, response) => answeringClient(response, () => auth(request, response)),
    },
    {
      matches: (_request, path) => path === '/health',
      mostBytes: LARGEST_BODY,
      credentials: [],
      answer: (_request, response) => sendJson(response, 200, { status: 'ok' }),
    },
    {
      matches: (_request, path) => path === '/ready',
      mostBytes: LARGEST_BODY,
      credentials: [],
      answer: (_request, response) => answerReadiness(response),
    },
    {
      matches: (_request, path) => path === '/metrics' && hasMetrics(),
      mostBytes: LARGEST_BODY,
      credentials: ['METRICS_TOKEN'],
      answer: answerScrape,
    },
    { matches: isDocs, mostBytes: LARGEST_BODY, credentials: [], answer: docs },
    { matches: isPage, mostBytes: LARGEST_BODY, credentials: [], answer: webApp },
    {
      matches: () => true,
      mostBytes: LARGEST_BODY,
      credentials: [],
      answer: (_request, response) => sendNotFound(response),
    },
  ];
}

/** Event streams are written by responses/subscription.ts, all else by Yoga's adapter. */
async function answerGraphQL(
  yoga: ReturnType<typeof makeYoga>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (answerPreflight(request, response) || refuseForeignOrigin(request, response)) return;
  allowOrigin(request, response);
  rememberStream(requestIdNow(), response);
  const answered = await yoga.handleNodeRequestAndResponse(request, response);
  const events = eventsOf(answered);
  await (events ? writeEvents(events, answered, response) : sendNodeResponse(answered, response, request, true));
}

function isDocs({ method }: IncomingMessage, path: string): boolean {
  return (method === 'GET' || method === 'HEAD') && /^\/docs(\/|$)/.test(path);
}

/** The web app answers for every path of its own; a mistyped address of the API, or one that is switched off, is not one. */
function isPage({ method }: IncomingMessage, path: string): boolean {
  return (method === 'GET' || method === 'HEAD') && !/^\/(api|graphql|metrics)(\/|$)/.test(path);
}
