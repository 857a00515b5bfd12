/**
 * One trace from a person's operation over the run to the provider and to the end. Until `openTraces`, which a process calls where its
 * settings name a collector, nothing here does anything, and OpenTelemetry is not even loaded.
 *
 * A span holds identifiers, names and numbers: never people's words, a key or a cookie. So errors are recorded by their code alone.
 */
export type Attributes = Record<string, string | number | boolean | readonly string[] | undefined>;

/** Something that takes time, as it is sent to the collector. */
export interface Span {
  /** As in the header of that name: what a later part of the same story, on whatever node, names as where it came from. Null: untraced. */
  readonly traceParent: string | null;
  set(attributes: Attributes): void;
  /** A moment in it. */
  event(name: string, attributes?: Attributes): void;
  /** It went wrong, for this reason. */
  fail(code: string): void;
}

export interface SpanStart {
  name: string;
  kind?: 'server' | 'client' | 'internal';
  /** The `traceParent` of what it is a part of; null or malformed: it begins a trace of its own. */
  parent: string | null;
  attributes?: Attributes;
  /** Is what the work threw a failure? Left out: it always is. */
  isFailure?: (error: unknown) => boolean;
}

/** What OpenTelemetry does for us. */
export interface Tracing {
  inSpan<T>(start: SpanStart, work: (span: Span) => T): T;
  traceParentNow(): string | null;
  close(): Promise<void>;
}

let tracing: Tracing | null = null;

export interface TraceSettings {
  /** Of the collector, as `http://localhost:4318`: OTLP over HTTP. */
  endpoint: string;
  service: string;
}

export interface OpenTraces {
  /** Sends what was recorded and not yet sent, for a few seconds at most. Never rejects. */
  close(): Promise<void>;
}

export async function openTraces(settings: TraceSettings): Promise<OpenTraces> {
  const { openTelemetry } = await import('./telemetry.ts');
  const opened = openTelemetry(settings);
  tracing = opened;
  return {
    async close() {
      if (tracing === opened) tracing = null;
      await opened.close();
    },
  };
}

const untraced: Span = {
  traceParent: null,
  set: () => undefined,
  event: () => undefined,
  fail: () => undefined,
};

/** The span ends when the work has; what that throws or rejects with is the span's failure, and goes on its way. */
export function inSpan<T>(start: SpanStart, work: (span: Span) => T): T {
  return tracing ? tracing.inSpan(start, work) : work(untraced);
}

/** Of the innermost span that this is called in; null outside of any. */
export function traceParentNow(): string | null {
  return tracing?.traceParentNow() ?? null;
}

/** By its code: messages may quote what was sent. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
