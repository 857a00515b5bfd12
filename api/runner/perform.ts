/** One run from its claim to its end: a provider's events become a text, and the text is stored. */
import { setTimeout as delay } from 'node:timers/promises';

import { type Change, changeChatAsServer } from '../chats/change.ts';
import type { Tx } from '../database/db.ts';
import { env } from '../env.ts';
import type { Run } from '../generated/prisma/client.ts';
import { noSuchId } from '../ids.ts';
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
import { nextInQueue } from '../runs/queue.ts';
import { FirstToken } from './first-token.ts';
import { Flusher } from './flusher.ts';
import { gatherRequest } from './gather.ts';
import { type Ending, settleRun } from './settle.ts';
import type { RunText } from '../texts/text.ts';
import { openTextForWriting } from '../texts/texts.ts';
import type { EndedAnswer } from './titles.ts';
import { type ChatTrace, traceChat, traceRetry, traceRun } from './run-spans.ts';

/** Why a run is told to end early. The reason given to its abort signal. */
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
  /** The model that answers, where it is not the one that was to. */
  model?: string;
  readonly firstToken: FirstToken;
}

/**
 * Resolves when the run is settled, whatever happened, with what was stored; with null where another node has settled it, and at once
 * where another one has claimed it already.
 */
export async function performRun(queued: Run, signal: AbortSignal): Promise<EndedAnswer | null> {
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
      log.warn({ runId: run.id }, 'A run of ours was settled by another node');
      return null;
    }
    const answered = { ...run, model: progress.model ?? run.model };
    const { status, failure } = outcome;
    log.info({ runId: run.id, status, failure, model: answered.model }, 'A run ended');
    const { isDefaultModel = false } = request;
    return { run: answered, isDefaultModel, status, content: contentOf(held.text.parts) };
  });
}

interface Claim {
  run: Run;
  request: ModelRequest;
  /** False where it was stopped, or its chat deleted, while it waited. */
  isWanted: boolean;
}

/** Makes the run ours and records what the model will see, in one transaction. Null where it is not its turn in the queue of a room. */
function claim(queued: Run): Promise<Claim | null> {
  return changeChatAsServer(queued.chatId, async (change) => {
    const { tx, chat, revision, withoutChange } = change;
    const isRoom = chat.kind === 'ROOM';
    if (isRoom && (await nextInQueue(tx, chat.id)) !== queued.id) return withoutChange(null);
    const { count } = await tx.run.updateMany({
      where: { id: queued.id, status: 'QUEUED' },
      data: { status: 'RUNNING', nodeId, startedAt: new Date(), revision },
    });
    if (count === 0) return withoutChange(null);
    if (isRoom) await takePlace(change, queued);
    const { run, request } = await prepare(tx, queued, revision);
    return { run, request, isWanted: !run.stopRequestedAt && !chat.deletedAt };
  });
}

/** An answer in a room has its place in the line from now on. Where it must not begin, it gets none, and the run is marked to stop. */
async function takePlace({ tx, chat, revision, now }: Change, { id, agentId, initiatorId }: Run): Promise<void> {
  const run = await tx.run.findUniqueOrThrow({ where: { id }, select: { stopRequestedAt: true, trigger: true } });
  const isAsked = await tx.chatMember.count({
    where: { chatId: chat.id, userId: initiatorId ?? noSuchId, leftAt: null },
  });
  const isThere = await tx.roomAgent.count({ where: { chatId: chat.id, agentId, agent: { archivedAt: null } } });
  const isUnwanted = run.stopRequestedAt !== null || run.trigger.deletedAt !== null || chat.deletedAt !== null;
  if (isUnwanted || chat.closedAt || !isAsked || !isThere) {
    await tx.run.update({ where: { id }, data: { stopRequestedAt: now } });
    return;
  }
  const { id: messageId } = await tx.message.create({
    data: {
      chatId: chat.id,
      seq: revision,
      revision,
      parentId: chat.headId,
      // Others may have written between the question and its answer.
      replyToId: run.trigger.id,
      role: 'ASSISTANT',
      agentId,
    },
  });
  // Whoever asked is told of it as of a mention.
  if (initiatorId)
    await tx.mention.create({ data: { messageId, chatId: chat.id, seq: revision, userId: initiatorId } });
  await tx.run.update({ where: { id }, data: { messageId } });
  await tx.chat.update({ where: { id: chat.id }, data: { headId: messageId, lastMessageAt: now } });
}

/** Makes the request and records what of the chat is in it. */
async function prepare(tx: Tx, { id }: Run, revision: number): Promise<Pick<Claim, 'run' | 'request'>> {
  const claimed = await tx.run.findUniqueOrThrow({ where: { id } });
  const { request, contexts, historyIds, omittedCount } = await gatherRequest(tx, claimed);
  const run = await tx.run.update({
    where: { id },
    data: { contextVersions: contexts.map((context) => ({ ...context })), historyIds, omittedCount, revision },
  });
  return { run, request };
}

/** The request again, now that the provider knows how little the model holds; null where there is no less to send. */
async function prepareLess(run: Run): Promise<ModelRequest | null> {
  return changeChatAsServer(run.chatId, async ({ tx, revision, withoutChange }) => {
    const { omittedCount, status } = await tx.run.findUniqueOrThrow({ where: { id: run.id } });
    if (status !== 'RUNNING') return withoutChange(null);
    const { run: changed, request } = await prepare(tx, run, revision);
    return changed.omittedCount > omittedCount ? request : null;
  });
}

/**
 * The same request again while nobody has seen a word and the failure may pass: at most four times, with growing pauses. Where it was
 * too long for the model, once more with less of the chat.
 */
async function generate(run: Run, request: ModelRequest, progress: Progress, signal: AbortSignal): Promise<StopReason> {
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
  run: Run,
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

async function outcomeOf(run: Run, work: () => Promise<StopReason>): Promise<Outcome> {
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
    log.error({ runId: run.id, error }, 'A run met an unforeseen error');
    return { status: 'FAILED', failure: 'INTERNAL' };
  }
}

/** Waiting with a signal throws an AbortError that holds the reason as its cause. */
function earlyEndIn(error: unknown): EarlyEnd | undefined {
  if (error instanceof EarlyEnd) return error;
  return error instanceof Error && error.cause instanceof EarlyEnd ? error.cause : undefined;
}
