/** One run from its claim to its end: a provider's events become a text, and the text is stored. */
import { setTimeout as delay } from 'node:timers/promises';

import { env } from '../env.ts';
import { log } from '../log.ts';
import { contentOf, cutBetweenCharacters } from '../texts/parts.ts';
import { nodeId } from '../nodes/heartbeat.ts';
import { providerRetried, runActive } from '../operations/metrics.ts';
import {
  type ModelRequest,
  type ProviderEvent,
  ProviderFailure,
  type StopReason,
  type TokenUsage,
} from '../providers/provider.ts';
import { providers } from '../providers/providers.ts';
import type { AgentRun } from '../runs/agent-run.ts';
import { claim, prepareLess } from './claim.ts';
import { FirstToken } from './first-token.ts';
import { Flusher } from './flusher.ts';
import { type Ending, settleRun } from './settle.ts';
import type { RunText } from '../texts/text.ts';
import { openTextForWriting } from '../texts/texts.ts';
import type { EndedAnswer } from './titles.ts';
import { type ChatTrace, traceChat, traceRetry, traceRun } from './run-spans.ts';

/** Why a run is to end early. The reason given to its abort signal. */
export class EarlyEnd extends Error {
  override name = 'EarlyEnd';
  readonly status: 'STOPPED' | 'INTERRUPTED';

  constructor(status: 'STOPPED' | 'INTERRUPTED') {
    super(`The run is ${status.toLowerCase()}.`);
    this.status = status;
  }
}

/** What is known of a run while it goes on. */
interface Progress {
  readonly text: RunText;
  usage: Partial<TokenUsage>;
  firstTokenAt: Date | null;
  /** The model that answers, where it is not the requested one. */
  model?: string;
  readonly firstToken: FirstToken;
}

/**
 * Resolves when the run is settled, whatever happened, with what was stored; with null where another node has settled it, and at once
 * where another one has claimed it already.
 */
export async function performRun(queued: AgentRun, signal: AbortSignal): Promise<EndedAnswer | null> {
  const claimed = await claim(queued);
  if (!claimed) return null;

  using held = openTextForWriting(queued.id);
  const { run, request, isWanted } = claimed;
  using _active = runActive(run.provider);
  await using firstToken = new FirstToken(run);
  const progress: Progress = { text: held.text, usage: {}, firstTokenAt: null, firstToken };
  // Awaited here, since what is held is let go at the return.
  return await traceRun(run, async () => {
    const outcome: Outcome = isWanted
      ? await outcomeOf(run, () => generate(run, request, progress, signal))
      : { status: 'STOPPED' };
    const isOurs = await settleRun(run, nodeId, { ...outcome, ...progress, parts: held.text.parts });
    if (!isOurs) {
      log.warn({ runId: run.id }, 'Another node settled a run of this node');
      return null;
    }
    const answered = { ...run, model: progress.model ?? run.model };
    const { status, failure } = outcome;
    log.info({ runId: run.id, status, failure, model: answered.model }, 'A run ended');
    const { isDefaultModel = false } = request;
    return { run: answered, isDefaultModel, status, content: contentOf(held.text.parts) };
  });
}

/**
 * The same request again while no word was sent and the failure may pass: at most four times, with growing pauses. Where it was
 * too long for the model, once more with less of the chat.
 */
async function generate(
  run: AgentRun,
  request: ModelRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<StopReason> {
  let isShortened = false;
  for (let retries = 0; ; retries += 1) {
    try {
      const sent = request;
      return await traceChat(run, sent, signal, (chat) => attempt(run, sent, progress, signal, chat));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof ProviderFailure && error.isTooLong && !isShortened) {
        isShortened = true;
        const shorter = await prepareLess(run);
        if (!shorter) throw error;
        request = shorter;
        continue;
      }
      const pause = error instanceof ProviderFailure ? pauseBefore(error, retries) : undefined;
      if (pause === undefined || progress.text.length > 0) throw error;
      const { code: failure } = error as ProviderFailure;
      log.warn({ runId: run.id, failure, retries, pause }, 'The provider failed; trying again');
      providerRetried(run.provider, failure);
      traceRetry(run, failure, pause);
      await delay(pause, undefined, { signal });
    }
  }
}

/**
 * UTF-16 code units for each token that an answer may have: more than any text in use. A server that does not keep to
 * `maxOutputTokens` must not fill memory and database.
 */
const UNITS_PER_TOKEN = 16;

/** Once through the provider's stream. Leaving it early closes the connection. */
async function attempt(
  run: AgentRun,
  request: ModelRequest,
  progress: Progress,
  signal: AbortSignal,
  chat: ChatTrace,
): Promise<StopReason> {
  using flusher = new Flusher(progress.text, env.RUN_FLUSH_MS);
  let room = UNITS_PER_TOKEN * request.maxOutputTokens;
  for await (const event of providers[run.provider].stream(request, signal)) {
    switch (event.type) {
      case 'delta':
        if (!progress.firstTokenAt) {
          chat.firstToken();
          progress.firstTokenAt = new Date();
          progress.firstToken.came(progress.firstTokenAt, () => progress.usage);
        }
        writeDelta(flusher, event, room);
        room -= event.text.length;
        if (room >= 0) break;
        log.warn({ runId: run.id, model: run.model }, 'An answer was longer than its limit allows; it was cut');
        chat.ended('MAX_TOKENS');
        return 'MAX_TOKENS';
      case 'model':
        progress.model = event.model;
        break;
      case 'usage':
        progress.usage = { ...progress.usage, ...event.usage };
        chat.used(event.usage);
        break;
      case 'end':
        chat.ended(event.stopReason);
        return event.stopReason;
    }
  }
  throw new ProviderFailure('UPSTREAM_CUT', 'The provider’s stream ended without an end.', { retryable: true });
}

/** At most so many code units of it. */
function writeDelta(flusher: Flusher, delta: Extract<ProviderEvent, { type: 'delta' }>, room: number): void {
  const text = cutBetweenCharacters(delta.text, room);
  // PostgreSQL stores no NUL, and an answer must not be lost for one.
  if (text) flusher.write(delta.part, delta.kind, text.replaceAll('\0', '\uFFFD'));
}

const MOST_RETRIES = 4;
const LONGEST_WAIT_MS = 30_000;

/** Milliseconds; undefined where another try is in vain. */
export function pauseBefore({ retryable, retryAfterMs }: ProviderFailure, retries: number): number | undefined {
  if (!retryable || retries >= MOST_RETRIES) return undefined;
  if (retryAfterMs !== undefined) return retryAfterMs <= LONGEST_WAIT_MS ? retryAfterMs : undefined;
  return 250 * 2 ** retries * (0.5 + Math.random());
}

type Outcome = Pick<Ending, 'status' | 'stopReason' | 'failure'>;

async function outcomeOf(run: AgentRun, work: () => Promise<StopReason>): Promise<Outcome> {
  try {
    return { status: 'COMPLETED', stopReason: await work() };
  } catch (error) {
    const early = earlyEndIn(error);
    if (early?.status === 'STOPPED') return { status: 'STOPPED' };
    if (early) return { status: 'INTERRUPTED', failure: 'INTERRUPTED' };
    if (error instanceof ProviderFailure) {
      log.warn({ runId: run.id, failure: error.code, error: error.message }, 'The provider failed');
      return { status: 'FAILED', failure: error.code };
    }
    log.error({ runId: run.id, error }, 'A run failed with an unforeseen error');
    return { status: 'FAILED', failure: 'INTERNAL' };
  }
}

/** Waiting with a signal throws an AbortError that holds the reason as its cause. */
function earlyEndIn(error: unknown): EarlyEnd | undefined {
  if (error instanceof EarlyEnd) return error;
  return error instanceof Error && error.cause instanceof EarlyEnd ? error.cause : undefined;
}
