/** Listens, and shuts down in order at a signal. */
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { addressToOpen } from './http/address.ts';
import { type Confab, openConfab } from './confab.ts';
import { env, SettingError } from './env.ts';
import { keepKnownDocuments } from './graphql/known-documents.ts';
import { makeHttpHandler } from './http/handler.ts';
import { createHttpServer } from './http/listener.ts';
import { log } from './log.ts';
import { makeScrapeHandler } from './operations/scrape.ts';
import { closeUnneededStreams } from './http/open-streams.ts';
import { version } from './operations/version.ts';

/** Listen backlog, up to `net.core.somaxconn`. Node's 511 drops connections when all tabs reconnect after a restart. */
const BACKLOG = 4_096;
/** How long the end may take at least, whatever the grace: then the process goes, done or not. */
const LONGEST_END_MS = 10_000;

try {
  await start();
} catch (error) {
  if (error instanceof SettingError) console.error(`Confab did not start: ${error.message}`);
  else console.error('Confab did not start, for a reason that it does not know:', error);
  process.exit(1);
}

async function start(): Promise<void> {
  const confab = await openConfab();
  keepKnownDocuments(env.DATA_DIR);
  const server = createHttpServer(makeHttpHandler());
  await listen(server, 'PORT', env.PORT);
  if (env.METRICS_PORT !== undefined)
    await listen(createHttpServer(makeScrapeHandler()), 'METRICS_PORT', env.METRICS_PORT);
  endAtSignal(server, confab);
  const { port } = server.address() as AddressInfo;
  console.log(`Confab ${version} is at ${env.PUBLIC_URL ?? addressToOpen(env.HOST, port)}`);
}

async function listen(server: Server, setting: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: env.HOST, backlog: BACKLOG }, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') {
      throw new SettingError(
        `Port ${port} is taken by another program: stop that one, or set ${setting} to another number.`,
      );
    }
    // ENOTFOUND, EAI_AGAIN: the host does not resolve.
    if (['EADDRNOTAVAIL', 'EACCES', 'EAFNOSUPPORT', 'EINVAL', 'ENOTFOUND', 'EAI_AGAIN'].includes(error.code ?? '')) {
      throw new SettingError(
        `It may not listen on ${env.HOST}:${port} (${error.code}): set HOST or ${setting} to something else.`,
      );
    }
    throw error;
  });
}

function endAtSignal(server: Server, confab: Confab): void {
  let isEnding = false;
  const end = (signal: NodeJS.Signals) => {
    if (isEnding) process.exit(1);
    isEnding = true;
    log.info({ signal }, 'Shutting down: waiting for running answers to end');
    server.close();
    // Connections that are kept alive would go on asking, and a run that begins now would end at once.
    server.removeAllListeners('request').on('request', refuse);
    const closing = closeUnneededStreams(confab.readersOfOwnRuns());
    // What cannot be stored for want of a database is settled by another node, or by the next start, from its last checkpoint.
    setTimeout(
      () => {
        log.error('Shutdown timed out');
        process.exit(1);
      },
      Math.max(LONGEST_END_MS, signal === 'SIGINT' ? 0 : env.RUN_GRACE_MS + 4_000),
    ).unref();
    void confab
      // A person at a keyboard does not want to wait.
      .settle(signal === 'SIGINT' ? 0 : env.RUN_GRACE_MS)
      // First readers receive the ends, then their connections close, then the database.
      .then(() => closeConnections(server))
      .then(() => closing.stop())
      .then(() => confab.close(0))
      .then(() => process.exit(0))
      .catch((error: unknown) => {
        log.error({ error }, 'Shutdown failed');
        process.exit(1);
      });
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

function refuse(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(503, { Connection: 'close', 'Retry-After': '5' }).end('Confab is restarting.');
}

/** Clients that still read get the last events; a second later the connection is closed all the same. */
async function closeConnections(server: Server): Promise<void> {
  server.closeIdleConnections();
  await Promise.race([once(server, 'close'), delay(1_000)]);
  server.closeAllConnections();
}
