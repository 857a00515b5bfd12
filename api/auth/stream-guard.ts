/**
 * Whether open streams may go on. A stream outlives the request that opened it: its session may end, its person may open too many, and
 * what it reads may be closed to them, as a room that they leave. Hints end a stream at once; the rows are read every 15 s and after a gap in the hints.
 */
import { bus } from '../bus/bus.ts';
import { db } from '../database/db.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { log } from '../log.ts';
import { invalidToken, signedOut } from './access.ts';
import type { PersonStreams } from './person-streams.ts';
import type { Credential, Viewer } from './viewer.ts';

/** Each stream is checked every 15 s, a part of them each second: no request has to wait for thousands. */
const ROUND_MS = 1_000;
const ROUNDS = 15;

export interface GuardedStream {
  /** Called when the stream is refused: it is to call `throwIfRefused`. */
  wake: () => void;
  /** What counts this stream among the others of its person. */
  streams: PersonStreams;
  /** Null while the viewer may read what is streamed. Errors of the database refuse nothing. */
  refusal?: () => Promise<Error | null>;
}

export class StreamGuard implements Disposable {
  readonly credential: Credential;
  readonly personId: string;
  readonly #stream: GuardedStream;
  readonly #place: Disposable;
  #error: Error | null = null;
  roundsToCheck: number;

  constructor(viewer: Viewer, stream: GuardedStream) {
    this.credential = viewer.credential;
    // What a token may do is known from a cache: it may have ended before this stream received hints.
    this.roundsToCheck = viewer.credential.kind === 'TOKEN' ? 1 : ROUNDS;
    this.personId = viewer.id;
    this.#stream = stream;
    guards.add(this);
    stopChecking ??= startChecking();
    this.#place = stream.streams.open(viewer.id, this.refuse);
  }

  /** Throws what the stream is to end with. */
  throwIfRefused(): void {
    if (this.#error) throw this.#error;
  }

  /** The stream ends with this error. */
  readonly refuse = (error: Error): void => {
    this.#error ??= error;
    this.#stream.wake();
  };

  /** The session or token that opened it is over. */
  end(): void {
    this.refuse(this.credential.kind === 'TOKEN' ? invalidToken() : signedOut());
  }

  get isExpired(): boolean {
    const { credential } = this;
    return credential.kind === 'TOKEN' && credential.expiresAt !== null && credential.expiresAt.getTime() <= Date.now();
  }

  async checkReading(): Promise<void> {
    const error = await this.#stream.refusal?.();
    if (error) this.refuse(error);
  }

  [Symbol.dispose](): void {
    this.#place[Symbol.dispose]();
    guards.delete(this);
    if (guards.size > 0) return;
    stopChecking?.();
    stopChecking = null;
  }
}

const guards = new Set<StreamGuard>();
let stopChecking: (() => void) | null = null;

function startChecking(): () => void {
  const checking = setInterval(() => {
    for (const guard of guards) if (guard.isExpired) guard.end();
    const due = [...guards].filter((guard) => --guard.roundsToCheck === 0);
    for (const guard of due) guard.roundsToCheck = ROUNDS;
    void checkStreams(due);
  }, ROUND_MS);
  const stops = [
    () => clearInterval(checking),
    bus.listen('sessionEnded', endStreamsOf),
    bus.listen('tokenEnded', endStreamsOf),
    bus.listen('memberGone', (_chatId, personId) => {
      void checkStreams([...guards].filter((guard) => guard.personId === personId));
    }),
    bus.onGap(() => void checkStreams()),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function endStreamsOf(credentialId: string): void {
  for (const guard of guards) if (guard.credential.id === credentialId) guard.end();
}

/** Reads the rows. Left out: of all streams that are open on this node. */
export async function checkStreams(those: Iterable<StreamGuard> = guards): Promise<void> {
  const open = [...those];
  if (open.length === 0) return;
  try {
    const valid = await validCredentials(open.map(({ credential }) => credential));
    for (const guard of open) if (!valid.has(guard.credential.id)) guard.end();
    await Promise.all(open.map((guard) => guard.checkReading()));
  } catch (error) {
    log.warn({ error }, 'Checking whether streams may go on failed, retrying in 15 s');
  }
}

async function validCredentials(credentials: readonly Credential[]): Promise<ReadonlySet<string>> {
  const idsOf = (kind: Credential['kind']) => [
    ...new Set(credentials.flatMap((credential) => (credential.kind === kind ? [credential.id] : []))),
  ];
  const [sessionIds, tokenIds] = [idsOf('SESSION'), idsOf('TOKEN')];
  const now = new Date();
  const user = { disabledAt: null };
  const select = { id: true };
  const found = await Promise.all([
    sessionIds.length === 0
      ? []
      : db.session.findMany({ where: { id: { in: sessionIds }, expiresAt: { gt: now }, user }, select }),
    tokenIds.length === 0
      ? []
      : db.apiToken.findMany({ where: { id: { in: tokenIds }, ...usableAt(now), user }, select }),
  ]);
  return new Set(found.flat().map(({ id }) => id));
}

/** Tokens that are neither expired nor revoked. */
export function usableAt(now: Date) {
  return { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] } satisfies Prisma.ApiTokenWhereInput;
}
