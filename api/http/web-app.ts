/** The built web app: its files, and its first page for every address of its own. */
import { existsSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';

import sirv from 'sirv';

import { sendJson, sendNotFound } from './send-json.ts';

const POLICY = [
  "default-src 'self'",
  // Images from elsewhere load when a reader clicks them.
  "img-src 'self' data: https: http:",
  "style-src 'self' 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export const webFolder = join(import.meta.dirname, '../../web/dist');

/** @param folder where it is built. */
export function serveWebApp(folder: string): RequestListener {
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
