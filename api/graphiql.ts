/** GraphiQL's page, made once: it is several MB of text, and always the same. */
import { createHash } from 'node:crypto';

import { type GraphiQLOptions, type Plugin } from 'graphql-yoga';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

export const graphiqlOptions: GraphiQLOptions = {
  title: 'Confab GraphiQL',
  credentials: 'same-origin',
  subscriptionsProtocol: 'SSE',
  // Its stream would else ask by GET, which is for queries.
  method: 'POST',
  additionalHeaders: { 'x-graphql-yoga-csrf': '1' },
  defaultQuery:
    '# Sign in to Confab in this browser, and what you ask here is asked as you.\n{\n  viewer {\n    name\n  }\n  chats(first: 10) {\n    nodes {\n      id\n      title\n      messages(last: 2) {\n        nodes {\n          role\n          content\n        }\n      }\n    }\n  }\n}\n',
};

let page: string | undefined;

export function graphiqlPage(): string {
  return (page ??= renderGraphiQL(graphiqlOptions));
}

let policy: string | undefined;

/** The page's own scripts and nothing else. Its editor makes its workers of blobs. */
function pagePolicy(): string {
  return (policy ??= [
    "default-src 'none'",
    `script-src ${scriptHashes(graphiqlPage()).join(' ')}`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'font-src data:',
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '));
}

function scriptHashes(html: string): string[] {
  return [...html.matchAll(/<script>([^]*?)<\/script/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
}

/** The only HTML that /graphql answers with. */
export function useGraphiqlPolicy(): Plugin {
  return {
    onResponse({ response: { headers } }) {
      if (headers.get('content-type')?.startsWith('text/html')) headers.set('Content-Security-Policy', pagePolicy());
    },
  };
}
