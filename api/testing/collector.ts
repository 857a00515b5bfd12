/** Plays an OpenTelemetry collector on a free port: takes traces by OTLP over HTTP, as JSON, and keeps them. */
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface CollectedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: Record<string, unknown>;
  events: { name: string; attributes: Record<string, unknown> }[];
  /** 0 unset, 1 ok, 2 error. */
  status: { code?: number; message?: string };
}

export interface Collector extends AsyncDisposable {
  readonly url: string;
  /** All that was sent, as it came. */
  readonly bodies: readonly string[];
  readonly spans: readonly CollectedSpan[];
  /** Resolves when there are that many spans of that name. */
  has(name: string, count?: number): Promise<CollectedSpan[]>;
}

export async function collector(): Promise<Collector> {
  const bodies: string[] = [];
  const spans: CollectedSpan[] = [];
  const heard = new EventEmitter();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(`${request.url} ${JSON.stringify(request.headers)} ${body}`);
      spans.push(...spansIn(JSON.parse(body) as Sent));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      heard.emit('more');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    spans,
    async has(name, count = 1) {
      const named = () => spans.filter((span) => span.name === name);
      while (named().length < count) await once(heard, 'more');
      return named();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

interface Sent {
  resourceSpans?: { scopeSpans?: { spans?: SentSpan[] }[] }[];
}

interface SentSpan extends Omit<CollectedSpan, 'attributes' | 'events'> {
  attributes?: Attribute[];
  events?: { name: string; attributes?: Attribute[] }[];
}

function spansIn({ resourceSpans = [] }: Sent): CollectedSpan[] {
  const sent = resourceSpans.flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans = [] }) => spans));
  return sent.map(({ attributes, events = [], ...span }) => ({
    ...span,
    attributes: plain(attributes),
    events: events.map(({ name, attributes: more }) => ({ name, attributes: plain(more) })),
  }));
}

/** `{ key, value: { stringValue } }`, or whichever kind it is, as key and value. */
function plain(attributes: Attribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
