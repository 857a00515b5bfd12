/** What one subscriber reads of one run, from any offset, while it runs and ever after. */
import { GraphQLError } from 'graphql';

import type { Viewer } from '../auth/viewer.ts';
import { runVisibleTo } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { shareRead } from '../database/shared-reads.ts';
import { parseParts } from '../texts/parts.ts';
import { PersonStreams } from '../auth/person-streams.ts';
import { StreamGuard } from '../auth/stream-guard.ts';
import { Waker } from '../bus/waker.ts';
import { RunText, soundOffset, type Slice } from '../texts/text.ts';
import { openText } from '../texts/texts.ts';

export type RunEvent =
  | { type: 'MessageStart'; runId: string; messageId: string }
  | Slice
  | { type: 'MessageEnd'; runId: string; messageId: string }
  | { type: 'RunError'; runId: string; messageId: string };

const streams = new PersonStreams('streams of runs', () => env.RUN_STREAMS_PER_USER);

let readers = 0;

/** For tests that look for leaks. */
export function runReaderCount(): number {
  return readers;
}

/**
 * `MessageStart`, then every delta once and in order, then `MessageEnd` or `RunError`. A pull iterator: it holds an offset and no
 * queue. Each wait ends with the request, since a generator that is parked in an `await` does not react to `return()`.
 */
export async function* readRunEvents(
  viewer: Viewer,
  runId: string,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  readers += 1;
  const waker = new Waker();
  signal.addEventListener('abort', waker.wake);
  try {
    using guard = new StreamGuard(viewer, { streams, wake: waker.wake, refusal: () => refusalNow(viewer, runId) });
    using held = openText(runId);
    const run = await findRun(viewer, runId);
    if (!run) throw notFound();
    if (signal.aborted) return;
    const text = run.endedAt ? RunText.of(parseParts(run.message?.parts ?? [])) : held.text;
    using _listening = disposable(text.onChange(waker.wake));
    const messageId = run.messageId ?? (await findBegun(runId, text, { guard, waker, signal }));
    if (!messageId) return;

    yield { type: 'MessageStart', runId, messageId };

    // The slice after the offset, else the end, else a wait for more.
    if (!run.endedAt) await held.ready;
    // A client may have read further on another node than this one has received: that is no offset past the end.
    const isBehind = !text.isEnded && !held.isOurs && from > text.length;
    let offset = isBehind ? from : soundOffset(text.parts, from);
    while (!signal.aborted) {
      guard.throwIfRefused();
      const slice = text.read(offset);
      if (slice) {
        yield slice;
        offset = slice.to;
      } else if (text.isEnded) break;
      else await waker.sleep();
    }
    if (signal.aborted) return;

    const { status } = await db.run.findUniqueOrThrow({ where: { id: runId } });
    const isWhole = status === 'COMPLETED' || status === 'STOPPED';
    yield { type: isWhole ? 'MessageEnd' : 'RunError', runId, messageId };
  } finally {
    signal.removeEventListener('abort', waker.wake);
    readers -= 1;
  }
}

function disposable(dispose: () => void): Disposable {
  return { [Symbol.dispose]: dispose };
}

function findRun(viewer: Viewer, runId: string) {
  return db.run.findFirst({
    where: { ...runVisibleTo(viewer), id: runId },
    include: { message: { select: { parts: true } } },
  });
}

/** Waits until a run begins that waits in the queue of a room. Null: it ended there, or the reader is gone. */
async function findBegun(
  runId: string,
  text: RunText,
  { guard, waker, signal }: { guard: StreamGuard; waker: Waker; signal: AbortSignal },
): Promise<string | null> {
  while (!signal.aborted) {
    guard.throwIfRefused();
    const isEnded = text.isEnded;
    const { messageId } = await db.run.findUniqueOrThrow({ where: { id: runId }, select: { messageId: true } });
    if (messageId || isEnded) return messageId;
    await waker.sleep();
  }
  return null;
}

async function refusalNow(viewer: Viewer, runId: string): Promise<Error | null> {
  const isVisible = { ...runVisibleTo(viewer), id: runId };
  const runs = await shareRead(['readable', viewer.id, runId], () => db.run.count({ where: isVisible }));
  return runs === 0 ? notFound() : null;
}

function notFound(): GraphQLError {
  return new GraphQLError('No such run.', { extensions: { code: 'NOT_FOUND' } });
}
