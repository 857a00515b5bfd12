/** `/metrics`, for Prometheus. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { env } from '../env.ts';
import { readMetrics } from './metrics.ts';

/** Is there such an address at all? */
export function hasMetrics(): boolean {
  return env.METRICS === 'open' || env.METRICS_TOKEN !== undefined;
}

/** For a port of its own: it is there until the very end, when the other one takes no more connections. */
export function makeScrapeHandler(): RequestListener {
  return (request, response) => {
    const [path] = (request.url ?? '/').split('?', 1);
    if (path === '/metrics') void answerScrape(request, response).catch(() => response.destroy());
    else response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Here is nothing but /metrics.\n');
  };
}

export async function answerScrape(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isAllowed(request)) return refuse(response);
  const metrics = await readMetrics();
  response.writeHead(metrics ? 200 : 503, {
    'Content-Type': metrics?.contentType ?? 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : (metrics?.text ?? 'Nothing is counted yet.\n'));
}

/** A token that is set is asked for, whatever METRICS says. */
function isAllowed({ headers }: IncomingMessage): boolean {
  if (env.METRICS_TOKEN === undefined) return true;
  const [, given = ''] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  // Compared as digests, which are of one length whatever was given.
  return timingSafeEqual(digest(given), digest(env.METRICS_TOKEN));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refuse(response: ServerResponse): void {
  response.writeHead(401, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'WWW-Authenticate': 'Bearer',
  });
  response.end('Send the METRICS_TOKEN of this server: Authorization: Bearer ….\n');
}
