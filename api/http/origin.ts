/** Which pages may send requests with our cookie. */
import type { IncomingMessage } from 'node:http';

import { env } from '../env.ts';

/** As better-auth names it (auth/accounts.ts): with a prefix where cookies are for HTTPS only. */
const SESSION_COOKIE = /(?:^|;\s*)(?:__Secure-)?confab\.session_token=/;

export function hasSessionCookie({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return SESSION_COOKIE.test(headers.cookie ?? '');
}

/** Of the API, as far as is known before it is looked up. */
export function hasToken({ authorization }: IncomingMessage['headers']): boolean {
  return /^Bearer\b/i.test(authorization ?? '');
}

/**
 * Whether this is a POST with our cookie from a page that is not ours. Browsers send `Origin` with every POST; programs
 * need not. A request without our cookie can do nothing in anybody's name, wherever it comes from.
 */
export function isForeignOrigin(request: Pick<IncomingMessage, 'headers' | 'method'>): boolean {
  if (request.method !== 'POST' || !hasSessionCookie(request)) return false;
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site === 'cross-site') return true;
  return origin !== undefined && !isOwnOrigin(origin, request);
}

function isOwnOrigin(origin: string, request: Pick<IncomingMessage, 'headers'>): boolean {
  if (!URL.canParse(origin)) return false;
  const { origin: asked, protocol, host } = new URL(origin);
  if (env.PUBLIC_URL !== undefined && asked === new URL(env.PUBLIC_URL).origin) return true;
  // The protocol is not compared: behind a proxy that ends TLS the request itself comes over plain HTTP.
  return ownHosts(request).some((own) => hostIn(`${protocol}//${own}`) === host);
}

function ownHosts({ headers }: Pick<IncomingMessage, 'headers'>): string[] {
  const forwarded = env.TRUST_PROXY
    ? String(headers['x-forwarded-host'] ?? '')
        .split(',')
        .at(-1)
        ?.trim()
    : '';
  return [headers.host, forwarded].filter((host) => host !== undefined && host !== '') as string[];
}

/** Without the port where it is the protocol's own, as in an `Origin`. */
function hostIn(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}
