/** GraphiQL's page. It has 9 MB, so all who load it share one copy in memory. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

import { graphiqlTabs } from './graphiql-tabs.ts';

const options: Parameters<typeof renderGraphiQL>[0] = {
  title: 'Confab GraphiQL',
  credentials: 'same-origin',
  subscriptionsProtocol: 'SSE',
  // Its stream would else ask by GET, which is for queries.
  method: 'POST',
  additionalHeaders: { 'x-graphql-yoga-csrf': '1', 'x-client-name': 'confab-graphiql' },
  defaultTabs: graphiqlTabs,
};

/** To the guides and the reference: at the foot of GraphiQL's side bar, above its own buttons. */
const docsLink = `
  <style>
    .docs-link { position: fixed; inset: auto auto 158px 0; width: 60px; text-align: center; font: 500 13px system-ui; color: #4d5a72; }
    .docs-link:hover { text-decoration: underline; }
    .graphiql-dark .docs-link { color: #b7c2d7; }
    @media (prefers-color-scheme: dark) { body:not(.graphiql-light) .docs-link { color: #b7c2d7; } }
  </style>
  <a class="docs-link" href="/docs" target="_blank">Docs</a>`;

interface Page {
  html: Buffer;
  gzip: Buffer;
  policy: string;
}

let page: Promise<Page> | undefined;

/** By Yoga's rule: a browser that opens the address, and no program that sends a query by GET. */
export function asksForGraphiql({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && (headers.accept?.includes('text/html') ?? false);
}

export async function answerGraphiql({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  page ??= makePage();
  const { html, gzip: compressed, policy } = await page;
  const isCompressed = /\bgzip\b/.test(headers['accept-encoding'] ?? '');
  const body = isCompressed ? compressed : html;
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': body.length,
    'Content-Security-Policy': policy,
    Vary: 'Accept-Encoding',
    ...(isCompressed && { 'Content-Encoding': 'gzip' }),
  });
  response.end(body);
}

async function makePage(): Promise<Page> {
  // From our own server: Yoga's usual page asks a CDN for itself.
  const text = renderGraphiQL(options).replace('<div id="root"></div>', (root) => `${root}${docsLink}`);
  const html = Buffer.from(text);
  return { html, gzip: await promisify(gzip)(html), policy: policyOf(text) };
}

/** The page's own scripts and nothing else. Its editor makes its workers of blobs. */
function policyOf(html: string): string {
  const scripts = [...html.matchAll(/<script>([^]*?)<\/script/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'font-src data:',
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
