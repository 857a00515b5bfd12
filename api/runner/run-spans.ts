/**
 * A run in its trace: `run` from its claim to its end, in it `chat <model>` for each request to the provider, and `settle`.
 * The operation that asked for it may have been served by another node, so the row says what it is a part of.
 */
import type { Run } from '../generated/prisma/client.ts';
import { inSpan, type Span, type SpanStart } from '../operations/trace.ts';
import type { ModelRequest, TokenUsage } from '../providers/provider.ts';

/** The spans of the runs that are performed here. */
const performed = new Map<string, Span>();

export function traceRun<T>(run: Run, work: () => Promise<T>): Promise<T> {
  return inSpan({ name: 'run', parent: run.traceParent, attributes: aboutModel(run) }, async (span) => {
    performed.set(run.id, span);
    try {
      return await work();
    } finally {
      performed.delete(run.id);
    }
  });
}

/** What is recorded of one request to the provider. */
export interface ChatTrace {
  firstToken(): void;
  used(usage: Partial<TokenUsage>): void;
  ended(stopReason: string): void;
}

/** One request to the provider. That `signal` ends it early is no failure of it. */
export function traceChat<T>(
  run: Run,
  request: ModelRequest,
  signal: AbortSignal,
  work: (chat: ChatTrace) => Promise<T>,
): Promise<T> {
  const start: SpanStart = {
    name: `chat ${request.model}`,
    kind: 'client',
    parent: performed.get(run.id)?.traceParent ?? run.traceParent,
    attributes: {
      ...aboutModel(run),
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.max_tokens': request.maxOutputTokens,
    },
    isFailure: () => !signal.aborted,
  };
  return inSpan(start, (span) =>
    work({
      firstToken: () => span.event('first token'),
      used: (usage) => span.set(aboutUsage(usage)),
      ended: (stopReason) => span.set(aboutStop(stopReason)),
    }),
  );
}

/** The provider failed before the first word, and is asked again after so long. */
export function traceRetry(run: Run, failure: string, pauseMs: number): void {
  performed.get(run.id)?.event('retry', { 'error.type': failure, 'confab.pause_ms': Math.round(pauseMs) });
}

/** The writing of the end, by any node. Where the run is performed here, its own span records the outcome. */
export function traceSettling<T>(run: Run, ending: EndToTell, work: () => Promise<T>): Promise<T> {
  const { status, failure, stopReason, usage = {} } = ending;
  const own = performed.get(run.id);
  const outcome = { 'confab.run.id': run.id, 'confab.run.status': status };
  own?.set({ ...outcome, ...aboutUsage(usage), ...(stopReason && aboutStop(stopReason)) });
  if (failure) own?.fail(failure);
  return inSpan({ name: 'settle', parent: own?.traceParent ?? run.traceParent, attributes: outcome }, (span) => {
    // No node performs it any more: this is the only span that can record the outcome.
    if (failure && !own) span.fail(failure);
    return work();
  });
}

interface EndToTell {
  status: string;
  failure?: string | undefined;
  stopReason?: string | undefined;
  usage?: Partial<TokenUsage> | undefined;
}

function aboutModel(run: Run) {
  return {
    'confab.run.id': run.id,
    'gen_ai.provider.name': run.provider.toLowerCase(),
    'gen_ai.request.model': run.model,
  };
}

function aboutUsage(usage: Partial<TokenUsage>) {
  return {
    'gen_ai.usage.input_tokens': usage.inputTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cacheReadTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage.cacheWriteTokens,
  };
}

function aboutStop(stopReason: string) {
  return { 'gen_ai.response.finish_reasons': [stopReason.toLowerCase()] };
}
