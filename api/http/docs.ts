/** The guides and the reference at /docs, as scripts/docs makes them for each build. */
import { existsSync, readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';

import sirv from 'sirv';

import { sendNotFound } from './send-json.ts';

/** Nothing inline, and nothing from elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** @param folder of the built web app, which has them in `docs`. */
export function serveDocs(folder: string): RequestListener {
  const missing = join(folder, 'docs/404.html');
  if (!existsSync(missing)) return (_request, response) => sendNotFound(response);
  const notFound = readFileSync(missing);
  const files = sirv(folder, {
    gzip: true,
    brotli: true,
    setHeaders(response, path) {
      response.setHeader('Cache-Control', 'no-cache');
      response.setHeader('Content-Security-Policy', POLICY);
      // To be read, and `.ts` is no video.
      if (/\.(graphql|m?ts)$/.test(path)) response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    },
  });
  return (request, response) =>
    files(request, response, () => {
      response.writeHead(404, {
        'Content-Type': 'text/html; charset=utf-8',
        'Cache-Control': 'no-store',
        'Content-Security-Policy': POLICY,
      });
      response.end(request.method === 'HEAD' ? undefined : notFound);
    });
}
