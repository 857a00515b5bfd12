/**
 * One of three servers that deliver the same words to many readers, in a process of its own whose processor time can be asked for:
 * `bare` (node:http alone), `yoga` (a plain subscription) and `confab`. Told what to do, and telling, by messages to its parent.
 */
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createPubSub, createSchema, createYoga } from 'graphql-yoga';

import { openConfab } from '../api/confab.ts';
import { makeHttpHandler } from '../api/http/handler.ts';

export interface Delta {
  from: number;
  to: number;
  part: number;
  kind: 'TEXT';
  text: string;
}

export type Order = { type: 'say'; delta: Delta } | { type: 'usage' };
export type Report = { type: 'listening'; url: string } | { type: 'usage'; cpuMs: number; rss: number; heap: number };

interface DeliveryServer {
  handler: RequestListener;
  say?: (delta: Delta) => void;
}

const servers: Record<string, () => DeliveryServer | Promise<DeliveryServer>> = { bare, yoga, confab };

const { handler, say } = await (servers[process.argv[2] ?? ''] ?? bare)();
const server = createServer(handler);
server.listen(0, '127.0.0.1', () => {
  report({ type: 'listening', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});

process.on('message', (order: Order) => {
  if (order.type === 'say') return say?.(order.delta);
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  report({
    type: 'usage',
    cpuMs: (user + system) / 1000,
    rss: process.memoryUsage.rss(),
    heap: process.memoryUsage().heapUsed,
  });
});
// The parent is gone.
process.on('disconnect', () => process.exit(0));

function report(message: Report): void {
  process.send?.(message);
}

/** The limit: the same bytes, written to every reader. */
function bare(): DeliveryServer {
  const readers = new Set<ServerResponse>();
  return {
    handler: (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
      readers.add(response);
      response.on('close', () => readers.delete(response));
    },
    say: (delta) => {
      const data = JSON.stringify({ data: { runEvents: { __typename: 'ContentDelta', ...delta } } });
      const event = `event: next\ndata: ${data}\n\n`;
      for (const response of readers) response.write(event);
    },
  };
}

/** What one gets by following Yoga's guide. */
function yoga(): DeliveryServer {
  const pubSub = createPubSub<{ delta: [Delta] }>();
  const schema = createSchema({
    typeDefs: /* GraphQL */ `
      type Query {
        nothing: String
      }
      union RunEvent = ContentDelta | MessageEnd
      type MessageEnd {
        id: ID
      }
      type ContentDelta {
        from: Int!
        to: Int!
        part: Int!
        kind: String!
        text: String!
      }
      type Subscription {
        runEvents(runId: ID!, from: Int!): RunEvent!
      }
    `,
    resolvers: {
      RunEvent: { __resolveType: () => 'ContentDelta' },
      Subscription: {
        runEvents: { subscribe: () => pubSub.subscribe('delta'), resolve: (delta: Delta) => delta },
      },
    },
  });
  const server = createYoga({ schema, logging: false });
  return {
    handler: (request, response) => void server(request, response),
    say: (delta) => pubSub.publish('delta', delta),
  };
}

async function confab(): Promise<DeliveryServer> {
  await openConfab();
  return { handler: makeHttpHandler() };
}
