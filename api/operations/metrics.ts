/**
 * What is worth counting, as verbs that the rest of the server calls in one line. Until `openMetrics`, which a process calls where its
 * settings ask for it, they do nothing, and the library is not even loaded.
 */
import { FewNames } from './few-names.ts';
import type { Meters } from './meters.ts';

export interface EndedRun {
  provider: string;
  status: string;
  failure?: string | undefined;
  startedAt: Date | null;
  firstTokenAt?: Date | null | undefined;
  usage?:
    | { inputTokens?: number; outputTokens?: number; cacheReadTokens?: number; cacheWriteTokens?: number }
    | undefined;
}

export interface EndedOperation {
  /** As the client called it. */
  name: string | undefined;
  kind: string;
  outcome: Outcome;
  isSignedIn: boolean;
  seconds: number;
}

export type Outcome = 'ok' | 'refused' | 'failed';

let meters: Meters | null = null;
let operations = operationNames();
let clients = clientNames();

export interface OpenMetrics extends Disposable {
  readonly meters: Meters;
}

export async function openMetrics(): Promise<OpenMetrics> {
  const { makeMeters } = await import('./meters.ts');
  const opened = makeMeters();
  meters = opened;
  operations = operationNames();
  clients = clientNames();
  const timing = timeEventLoop(opened);
  return {
    meters: opened,
    [Symbol.dispose]() {
      clearInterval(timing);
      if (meters === opened) meters = null;
    },
  };
}

/** Everything in Prometheus' text form; null where nothing is counted. */
export async function readMetrics(): Promise<{ contentType: string; text: string } | null> {
  return meters && { contentType: meters.registry.contentType, text: await meters.registry.metrics() };
}

/** Counted as active until it is disposed of. */
export function runActive(provider: string): Disposable {
  const counting = meters;
  counting?.runsActive.inc({ provider });
  return { [Symbol.dispose]: () => counting?.runsActive.dec({ provider }) };
}

/** Once for each run, by the node that wrote its end. */
export function runEnded({ provider, status, failure = '', startedAt, firstTokenAt, usage = {} }: EndedRun): void {
  if (!meters) return;
  meters.runsEnded.inc({ provider, status, failure });
  if (startedAt) meters.runSeconds.observe({ provider, status }, secondsBetween(startedAt, new Date()));
  if (startedAt && firstTokenAt)
    meters.firstTokenSeconds.observe({ provider }, secondsBetween(startedAt, firstTokenAt));
  meters.tokens.inc({ provider, kind: 'input' }, usage.inputTokens ?? 0);
  meters.tokens.inc({ provider, kind: 'output' }, usage.outputTokens ?? 0);
  meters.tokens.inc({ provider, kind: 'cache_read' }, usage.cacheReadTokens ?? 0);
  meters.tokens.inc({ provider, kind: 'cache_write' }, usage.cacheWriteTokens ?? 0);
}

export function providerRetried(provider: string, failure: string): void {
  meters?.retries.inc({ provider, failure });
}

export function operationEnded({ name, kind, outcome, isSignedIn, seconds }: EndedOperation): void {
  meters?.operationSeconds.observe({ operation: operations.label(name, isSignedIn), kind, outcome }, seconds);
}

/**
 * Once for each deprecated part of the schema that an operation names.
 * @param coordinate as `Chat.title`, `Query.chats(first:)`.
 * @param client as it calls itself.
 */
export function deprecatedUsed(coordinate: string, client: string | null, isSignedIn: boolean): void {
  meters?.deprecatedUses.inc({ coordinate, client: clients.label(client, isSignedIn) });
}

export function responseEnded(path: string, status: number): void {
  meters?.responses.inc({ route: routeOf(path), status });
}

/** Once for each statement that reads the changes of a chat. */
export function changesRead(): void {
  meters?.feedReads.inc();
}

/**
 * Once for each execution of a subscription's document.
 * @param event the event's type, one of ours.
 */
export function eventMade(event: string, readers: 'all' | 'one'): void {
  meters?.eventsMade.inc({ event, readers });
}

export function hintsSent(count: number): void {
  meters?.hints.inc({ direction: 'sent' }, count);
}

export function hintsReceived(count: number): void {
  meters?.hints.inc({ direction: 'received' }, count);
}

function operationNames(): FewNames {
  return new FewNames(/^\w{1,60}$/, 'anonymous');
}

function clientNames(): FewNames {
  return new FewNames(/^[\w.@/-]{1,40}$/, 'unknown');
}

/** Clocks of two nodes may differ: a run that one took and another settled never counts as less than nothing. */
function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, to.getTime() - from.getTime()) / 1000;
}

const ROUTES = new Set(['/graphql', '/health', '/ready', '/metrics']);

/** Paths are the clients': few of them are names of ours. */
function routeOf(path: string): string {
  if (ROUTES.has(path)) return path;
  return path.startsWith('/api/auth/') ? '/api/auth' : 'page';
}

const DUE_MS = 100;

function timeEventLoop({ eventLoopDelaySeconds }: Meters): NodeJS.Timeout {
  let last = performance.now();
  return setInterval(() => {
    const now = performance.now();
    eventLoopDelaySeconds.observe(Math.max(0, now - last - DUE_MS) / 1000);
    last = now;
  }, DUE_MS).unref();
}
