/** What one subscriber reads of one run, from any offset, while it runs and ever after. */
import { GraphQLError } from 'graphql';

import { signedOut } from '../auth/access.ts';
import type { Viewer } from '../auth/viewer.ts';
import { inVisibleChat } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { bus } from '../bus/bus.ts';
import { shareRead } from '../database/shared-reads.ts';
import { log } from '../log.ts';
import { parseParts } from '../texts/parts.ts';
import { PersonStreams } from '../auth/person-streams.ts';
import { Waker } from '../bus/waker.ts';
import { RunText, soundOffset, type Slice } from '../texts/text.ts';
import { holdText } from '../texts/texts.ts';

export type RunEvent =
  | { type: 'MessageStart'; runId: string; messageId: string }
  | Slice
  | { type: 'MessageEnd'; runId: string; messageId: string }
  | { type: 'RunError'; runId: string; messageId: string };

const CHECK_PERMISSION_MS = 15_000;

const streams = new PersonStreams('streams of runs', () => env.RUN_STREAMS_PER_USER);

let readers = 0;

/** For tests that look for leaks. */
export function runReaderCount(): number {
  return readers;
}

/**
 * `MessageStart`, then every delta once and in order, then `MessageEnd` or `RunError`. A pull iterator: it holds an offset and no
 * queue. Each wait ends with the request, since a generator that is parked in an `await` does not hear `return()`.
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
    using permission = new Permission(viewer, runId, waker.wake);
    using _place = streams.open(viewer.id, permission.refuse);
    using held = holdText(runId);
    const run = await findRun(viewer, runId);
    if (!run) throw notFound();
    if (signal.aborted) return;
    const text = run.endedAt ? RunText.of(parseParts(run.message.parts)) : held.text;

    yield { type: 'MessageStart', runId, messageId: run.messageId };

    // The slice after the offset, else the end, else a wait for more.
    using _listening = disposable(text.onChange(waker.wake));
    if (!run.endedAt) await held.ready;
    // A client may have read further on another node than this one has heard: that is no offset past the end.
    const isBehind = !text.isEnded && !held.isOurs && from > text.length;
    let offset = isBehind ? from : soundOffset(text.parts, from);
    while (!signal.aborted) {
      permission.throwIfRefused();
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
    yield { type: isWhole ? 'MessageEnd' : 'RunError', runId, messageId: run.messageId };
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
    where: { ...inVisibleChat(viewer), id: runId },
    include: { message: { select: { parts: true } } },
  });
}

/**
 * A stream outlives what it was opened with: the session may end and the chat be closed to its reader. Asked beside the reading, so
 * that a database that is away holds nobody up whose words are here, and nothing but its answer ends a stream.
 */
class Permission implements Disposable {
  readonly #viewer: Viewer;
  readonly #runId: string;
  readonly #wake: () => void;
  readonly #stops: (() => void)[];
  #refusal: Error | null = null;

  /** `wake` is called when it is refused. */
  constructor(viewer: Viewer, runId: string, wake: () => void) {
    this.#viewer = viewer;
    this.#runId = runId;
    this.#wake = wake;
    const asking = setInterval(this.#ask, CHECK_PERMISSION_MS);
    this.#stops = [
      () => clearInterval(asking),
      bus.listen('sessionEnded', (sessionId) => {
        if (sessionId === viewer.sessionId) this.refuse(signedOut());
      }),
      // Its end may be what was lost.
      bus.onGap(this.#ask),
    ];
  }

  throwIfRefused(): void {
    if (this.#refusal) throw this.#refusal;
  }

  readonly #ask = (): void => {
    this.#lookUp().catch((error: unknown) =>
      log.warn({ runId: this.#runId, error }, 'Whether a run may still be read could not be asked; it will be again'),
    );
  };

  async #lookUp(): Promise<void> {
    const isSignedIn = { id: this.#viewer.sessionId, expiresAt: { gt: new Date() } };
    const sessions = await shareRead(['session', this.#viewer.sessionId], () =>
      db.session.count({ where: isSignedIn }),
    );
    if (sessions === 0) return this.refuse(signedOut());
    const isVisible = { ...inVisibleChat(this.#viewer), id: this.#runId };
    const runs = await shareRead(['readable', this.#viewer.id, this.#runId], () => db.run.count({ where: isVisible }));
    if (runs === 0) this.refuse(notFound());
  }

  /** The stream ends with this error. */
  readonly refuse = (error: Error): void => {
    this.#refusal = error;
    this.#wake();
  };

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }
}

function notFound(): GraphQLError {
  return new GraphQLError('No such run.', { extensions: { code: 'NOT_FOUND' } });
}
