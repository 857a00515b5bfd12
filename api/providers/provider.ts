/**
 * The contract between a run and the provider of its words. A provider knows one wire protocol and nothing of chats,
 * people or the database; the run knows nothing of the wire.
 */
export interface Provider {
  /** Can it answer at all: is its key set? A person may choose an agent of this provider only where this is true. */
  isConfigured(): boolean;
  /** The model that answers for an agent which names none. */
  defaultModel(): string;
  /** Where that model's name comes from: the settings, or the server itself, which was asked what it has. */
  defaultModelSource(): 'SETTINGS' | 'SERVER_LIST';
  /** How many tokens, system prompt, history and answer together, the model can hold; as its server reported, once it has. */
  contextWindow(model: string): number;
  /**
   * One generation, from the first byte asked for to the last. Yields deltas in order, usage as it becomes known, and exactly one
   * `end` as the last event. Anything else that ends it is thrown as a `ProviderFailure`, whatever had been yielded before.
   * It does not retry: the run decides that, since only the run knows whether a reader has seen a word.
   * When `signal` aborts, it stops within a turn of the event loop by throwing the signal's reason.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ProviderEvent>;
}

export interface ModelRequest {
  model: string;
  /** The agent names no model, so that another one may answer where this one is gone. */
  isDefaultModel?: boolean;
  /** In the order in which they are sent; the last one is marked for prompt caching. Never empty strings. */
  system: readonly string[];
  /** Oldest first, the question last; no empty contents. Neighbours may share a role. */
  messages: readonly { role: 'user' | 'assistant'; content: string }[];
  /** The last message asks for the rest of the answer before it, and was written by us rather than by a person. */
  isContinuation: boolean;
  /** Tokens, thinking included. */
  maxOutputTokens: number;
  effort: 'LOW' | 'MEDIUM' | 'HIGH' | null;
}

export type PartKind = 'TEXT' | 'THINKING';

export type ProviderEvent =
  /** More text. `part` counts from 0 and never falls; every delta of one part has the same kind. `text` is never empty. */
  | { type: 'delta'; part: number; kind: PartKind; text: string }
  /** What is known so far, in tokens; a later one replaces an earlier one field by field. */
  | { type: 'usage'; usage: Partial<TokenUsage> }
  /** Another model answers than was asked. Comes before the first delta. */
  | { type: 'model'; model: string }
  | { type: 'end'; stopReason: StopReason };

export interface TokenUsage {
  /** Not counting what the cache gave or took. */
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
}

/** CONTEXT_WINDOW and MAX_TOKENS are cuts: there was more to say. */
export type StopReason = 'END_TURN' | 'MAX_TOKENS' | 'CONTEXT_WINDOW' | 'STOP_SEQUENCE' | 'REFUSAL' | 'OTHER';

export type FailureCode =
  | 'UPSTREAM_CUT'
  | 'UPSTREAM_SILENT'
  | 'UPSTREAM_MALFORMED'
  | 'UPSTREAM_UNREACHABLE'
  | 'UPSTREAM_ERROR'
  | 'OVERLOADED'
  | 'RATE_LIMITED'
  | 'PROVIDER_AUTH'
  | 'INVALID_REQUEST';

/** Why a generation did not reach its end. `message` is for the log; a person is shown words chosen by `code`. */
export class ProviderFailure extends Error {
  override name = 'ProviderFailure';
  readonly code: FailureCode;
  /** Would the same request, a little later, have a chance? The run asks again only while no delta was sent. */
  readonly retryable: boolean;
  /** The request has more tokens than the model holds. `contextWindow` knows how many those are from now on. */
  readonly isTooLong: boolean;
  /** Milliseconds that the provider asked us to wait, from its `retry-after`. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: FailureCode,
    message: string,
    options: { retryable: boolean; isTooLong?: boolean; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable;
    this.isTooLong = options.isTooLong ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}
