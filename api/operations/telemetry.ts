/** OpenTelemetry, the only file that knows it. Loaded where a collector is set: see trace.ts. */
import {
  type Context,
  context,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  type Span as TelemetrySpan,
} from '@opentelemetry/api';
import { isSpanContextValid, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

import { log } from '../log.ts';
import { version } from './version.ts';
import { type Attributes, codeOf, type Span, type SpanStart, type TraceSettings, type Tracing } from './trace.ts';

/** A collector that is away must not hold up the end of a process. */
const SEND_WITHIN_MS = 3_000;

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

export function openTelemetry({ endpoint, service }: TraceSettings): Tracing {
  const contexts = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(contexts);
  diag.setLogger(complaints, DiagLogLevel.WARN);
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: SEND_WITHIN_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: SEND_WITHIN_MS })],
  });
  // Not registered: a global tracer would export libraries' spans, which may hold user text.
  const tracer = provider.getTracer('confab', version);

  function inSpan<T>(start: SpanStart, work: (span: Span) => T): T {
    const above = contextOf(start.parent);
    const { name, kind = 'internal', attributes = {}, isFailure = () => true } = start;
    const told = tracer.startSpan(name, { kind: kinds[kind], attributes: present(attributes) }, above);
    const span = spanOf(told);
    const end = () => told.end();
    const fail = (error: unknown): never => {
      if (isFailure(error)) span.fail(codeOf(error));
      end();
      throw error;
    };
    return context.with(trace.setSpan(above, told), () => whenDone(() => work(span), end, fail));
  }

  return {
    inSpan,
    traceParentNow: () => traceParentOf(trace.getActiveSpan()),
    async close() {
      await provider.shutdown().catch((error: unknown) => log.warn({ error }, 'The last spans could not be sent'));
      context.disable();
      diag.disable();
    },
  };
}

/** Work may be done at once, or promise to be. */
function whenDone<T>(work: () => T, end: () => void, fail: (error: unknown) => never): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    return fail(error);
  }
  if (!(result instanceof Promise)) {
    end();
    return result;
  }
  const promised = result.then((value: unknown) => {
    end();
    return value;
  }, fail);
  return promised as T;
}

function spanOf(told: TelemetrySpan): Span {
  let hasFailed = false;
  return {
    traceParent: traceParentOf(told),
    set: (attributes) => void told.setAttributes(present(attributes)),
    event: (name, attributes = {}) => void told.addEvent(name, present(attributes)),
    fail(code) {
      // The first one is what happened; later ones are what came of it.
      if (hasFailed) return;
      hasFailed = true;
      told.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR, message: code });
    },
  };
}

function present(attributes: Attributes): Record<string, string | number | boolean | string[]> {
  const entries = Object.entries(attributes).filter((entry) => entry[1] !== undefined);
  return Object.fromEntries(entries) as Record<string, string | number | boolean | string[]>;
}

/** `00-<trace>-<span>-<flags>`, as W3C writes it. */
const TRACE_PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

function contextOf(traceParent: string | null): Context {
  const [, traceId = '', spanId = '', flags = ''] = TRACE_PARENT.exec(traceParent ?? '') ?? [];
  const above = { traceId, spanId, traceFlags: Number.parseInt(flags || '0', 16), isRemote: true };
  return isSpanContextValid(above) ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT;
}

function traceParentOf(span: TelemetrySpan | undefined): string | null {
  if (!span) return null;
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

const complain = (message: string) => log.warn({ message }, 'OpenTelemetry warning');
const complaints = { error: complain, warn: complain, info: complain, debug: complain, verbose: complain };
