/**
 * Subscriptions, from the event to the socket. Most events are a few more words for many readers: that is not executed as a
 * query for each reader, but put into the shape that the reader asked for, once for all readers of the same shape, and written as it is.
 * What changes in a room is executed once for all who receive it, but for the fields that are each viewer's own.
 */
import type { ServerResponse } from 'node:http';

import {
  createSourceEventStream,
  type DocumentNode,
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  Kind,
  locatedError,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

import type { AnyMember, RequestContext } from '../../graphql-builder/context.ts';
import type { PlainEvents, SharedPart } from '../../graphql-builder/plain-events.ts';
import { eventMade } from '../../operations/metrics.ts';
import { AnswerSize, EVENT_BYTES, withoutRepetition } from '../../paging/answer-size.ts';
import { isGone } from '../mask-error.ts';
import { compileShared, type CompleteEvent, type SharedTemplate } from './shared-event.ts';
import { compileTemplate } from './template.ts';

/** An execution's result, as JSON. */
type Serialized = string;

type Events = AsyncIterable<Serialized>;

const streams = new WeakMap<Response, Events>();

/** Comments that keep proxies from taking a quiet stream for a dead one. */
const PING_MS = 12_000;

/** A reader that takes nothing for so long is gone, or holds memory on purpose. */
const LONGEST_STALL_MS = 60_000;

/** What a subscription gives. Not an iterable itself, so that no plugin wraps it: each wrapper costs every reader of every word. */
class EventStream {
  readonly events: Events;

  constructor(events: Events) {
    this.events = events;
  }
}

/** In the place of Yoga's own executor and writer of subscriptions. `mask` hides what was not foreseen. */
export function useEventStreams(mask: (error: unknown) => Error): Plugin {
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => subscribe(args, mask));
    },
    onResultProcess(payload) {
      const { request, result } = payload as { request: Request; result: unknown };
      if (!(result instanceof EventStream)) return;
      const isAccepted = /text\/event-stream|\*\/\*|text\/\*/.test(request.headers.get('accept') ?? '*/*');
      payload.setResultProcessor((_result, { Response }) => {
        if (!isAccepted) return new Response(null, { status: 406, headers: { Accept: 'text/event-stream' } });
        const response = new Response(null, { headers: { 'Content-Type': 'text/event-stream' } });
        streams.set(response, result.events);
        return response;
      }, 'text/event-stream');
    },
  };
}

/** The events that this answer consists of, where it is a stream of them. */
export function eventsOf(response: Response): Events | undefined {
  return streams.get(response);
}

/** As the protocol of graphql-sse says, in its mode of one connection for each subscription. Resolves when all is written or the reader is gone. */
export async function writeEvents(
  events: Events,
  { status, headers }: Response,
  to: ServerResponse,
  longestStallMs = LONGEST_STALL_MS,
): Promise<void> {
  const iterator = events[Symbol.asyncIterator]();
  // `close` has been emitted already: nothing else would stop the events.
  if (to.destroyed) return void iterator.return?.();
  to.setHeaders(headers);
  to.writeHead(status);
  // Some clients treat a stream as open only after its first byte.
  to.write(':\n\n');
  to.socket?.setNoDelay(true);
  const pinging = setInterval(() => !to.writableNeedDrain && to.write(':\n\n'), PING_MS);
  try {
    for (;;) {
      const { done, value } = await iterator.next();
      if (to.destroyed) return;
      if (done) break;
      const isTaken = to.write(`event: next\ndata: ${value}\n\n`);
      // At once: Node would keep the pieces of this chunk until all other readers of the event have theirs made.
      to.socket?.uncork();
      // Rather than pile up what a slow reader does not take: the next piece will be a bigger one.
      if (!isTaken) await drained(to, longestStallMs);
    }
    to.end('event: complete\ndata:\n\n');
  } catch {
    // What a subscription throws is sent in its last event; this is a fault, logged where it happened. The client connects again.
    to.destroy();
  } finally {
    clearInterval(pinging);
    // Also where it was left in the middle, waiting at an event that was not taken.
    void iterator.return?.().catch(() => undefined);
  }
}

/** Also when it is destroyed because nothing was taken for too long. */
function drained(to: ServerResponse, longestStallMs: number): Promise<void> {
  return new Promise((resolve) => {
    const stalled = setTimeout(() => to.destroy(), longestStallMs);
    const done = () => {
      clearTimeout(stalled);
      to.off('drain', done);
      to.off('close', done);
      resolve();
    };
    to.once('drain', done);
    to.once('close', done);
  });
}

async function subscribe(args: ExecutionArgs, mask: (error: unknown) => Error): Promise<ExecutionResult | EventStream> {
  const { prepare } = cachedSerializers(args);
  const context = args.contextValue as RequestContext;
  context.prepare = (event, part) => prepare(event, part, args);
  const source = await createSourceEventStream(args);
  return Symbol.asyncIterator in source ? new EventStream(results(source, args, mask)) : source;
}

async function* results(
  source: AsyncIterable<unknown>,
  args: ExecutionArgs,
  mask: (error: unknown) => Error,
): AsyncGenerator<Serialized> {
  const { serialize, share } = cachedSerializers(args);
  try {
    for await (const event of source) {
      const serialized = serialize(event) ?? (await share(event, args));
      if (serialized) yield serialized;
      else yield* executed(await executeFor('one', event, args, contextOfEvent(args)), mask);
    }
  } catch (error) {
    if (error instanceof EventLost) throw error;
    const refusal = mask(locatedError(error, undefined));
    // An unforeseen error does not complete the stream: it is logged, and the client connects again.
    if (!(error instanceof GraphQLError)) throw new EventLost(refusal.message, { cause: error });
    yield stringify({ errors: [error] }, mask);
  }
}

function executeFor(readers: 'all' | 'one', event: unknown, args: ExecutionArgs, contextValue: RequestContext) {
  const { type } = event as { type?: unknown };
  eventMade(typeof type === 'string' ? type : 'other', readers);
  return execute({ ...args, rootValue: event, contextValue });
}

/** Each event is an answer of its own. */
function contextOfEvent({ contextValue }: ExecutionArgs, more: Partial<RequestContext> = {}): RequestContext {
  return { ...(contextValue as RequestContext), answer: new AnswerSize(EVENT_BYTES, true), ...more };
}

/** The source has moved past this event, but it could not be sent: close the stream, so that the client resumes from its offset. */
class EventLost extends Error {}

function* executed({ data, errors }: ExecutionResult, mask: (error: unknown) => Error): Iterable<Serialized> {
  if (!errors) return yield stringify({ data: data ?? null }, mask);
  // Its reader was removed from the room while it was made, say: connected again, they are sent what is so then.
  if (errors.every(isGone)) throw new EventLost();
  // Not the half of it either, or the reader would go on from behind it.
  yield stringify({ errors: withoutRepetition(errors), data: null }, mask);
  throw new EventLost();
}

/** What is for us alone stays here. */
function stringify({ errors, ...result }: ExecutionResult, mask: (error: unknown) => Error): Serialized {
  if (!errors) return JSON.stringify(result);
  return JSON.stringify({ ...result, errors: errors.map((error) => shown(mask(error))) });
}

function shown(error: Error) {
  if (!(error instanceof GraphQLError)) return { message: error.message };
  const { http: _http, unexpected: _unexpected, ...extensions } = error.extensions;
  return { ...error.toJSON(), extensions };
}

interface Serializers {
  /** Null where it takes an execution. */
  serialize: (event: unknown) => Serialized | null;
  /** Null where it takes an execution for this viewer alone. */
  share: (event: unknown, args: ExecutionArgs) => Promise<Serialized | null>;
  /** Does what `share` will need. */
  prepare: (event: unknown, part: SharedPart, args: ExecutionArgs) => void;
}

const serializers = new WeakMap<DocumentNode, Map<string, Serializers>>();

/** Yoga hands out one document for one text, so what is found out of it is found once. */
function cachedSerializers(args: ExecutionArgs): Serializers {
  const known = serializers.get(args.document) ?? new Map<string, Serializers>();
  serializers.set(args.document, known);
  const name = args.operationName ?? '';
  const found = known.get(name) ?? makeSerializers(args);
  known.set(name, found);
  return found;
}

function makeSerializers({ document, operationName, schema }: ExecutionArgs): Serializers {
  const operation = getOperationAST(document, operationName);
  const [root] = operation?.selectionSet.selections ?? [];
  const field = root?.kind === Kind.FIELD ? schema.getSubscriptionType()?.getFields()[root.name.value] : undefined;
  const { plain, shared } = (field?.extensions ?? {}) as Partial<PlainEvents<unknown>>;
  const shape = operation && plain ? compileTemplate(operation, document, schema) : null;
  const division = operation && shared ? compileShared(operation, document, shared) : null;
  return {
    serialize(event) {
      const value = shape && plain?.(event);
      return (value && shape.serialize(value)) ?? null;
    },
    ...(division && shared ? makeSharing(division, shared) : unshared),
  };
}

const unshared: Pick<Serializers, 'share' | 'prepare'> = { share: () => Promise.resolve(null), prepare: () => {} };

const none: ReadonlySet<string> = new Set();

/** What was made lives as long as its key: the source of the events bounds that (feed/changes.ts). */
function makeSharing(
  template: SharedTemplate,
  { of: partOf, ownMark }: NonNullable<PlainEvents<unknown>['shared']>,
): Pick<Serializers, 'share' | 'prepare'> {
  const completing = new WeakMap<object, Promise<CompleteEvent | null>>();
  function complete(event: unknown, { key, to }: SharedPart, args: ExecutionArgs): Promise<CompleteEvent | null> {
    const known = completing.get(key) ?? completed(template, event, args, to);
    completing.set(key, known);
    return known;
  }
  return {
    async share(event, args) {
      const { viewer } = args.contextValue as RequestContext;
      const part = viewer && partOf(event, viewer);
      if (!part) return null;
      const found = await complete(event, part, args);
      if (!found) return null;
      const { keys } = found;
      return found.with(part, keys.length > 0 ? await ownMark.of(viewer, keys) : none);
    },
    prepare(event, part, args) {
      // Callers of `share` see the rejection; this prevents an unhandledRejection without one.
      complete(event, part, args).catch(() => undefined);
    },
  };
}

/** Null where the event has to be executed for each viewer: because it depends on who that is, or because that failed. */
async function completed(
  { document, prepare }: SharedTemplate,
  event: unknown,
  args: ExecutionArgs,
  viewer: AnyMember,
): Promise<CompleteEvent | null> {
  const contextValue = contextOfEvent(args, { viewer });
  const { data, errors } = await executeFor('all', event, { ...args, document }, contextValue);
  return errors || !data ? null : prepare(JSON.stringify({ data }));
}
