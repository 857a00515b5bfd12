import OpenAI from 'openai';
import { fromOpenAiError } from './openai-failures.ts';
import { OpenAiReader } from './openai-reader.ts';
import { findChatModel, unnamedModel } from './openai-models.ts';
import { bodyFor, windowOf } from './openai-request.ts';
import { ModelLimits, overflowIn } from './model-limits.ts';
import { ProviderFailure, type ModelRequest, type Provider, type ProviderEvent } from './provider.ts';
import { noKey, tooLongFor } from './refusal.ts';
import { Wire } from './wire.ts';

export interface OpenAiSettings {
  /** OpenAI's own server wants one; those at home mostly do not. */
  apiKey: string | undefined;
  /** Another server that speaks Chat Completions, as `http://localhost:11434/v1`. */
  baseUrl: string | undefined;
  /** The model for agents that name none. Left out: OpenAI's usual one, or at another server a listed model that can chat. */
  model: string | undefined;
  /** How long the wire may carry no byte at all. */
  silenceMs: number;
}

/** OpenAI, and whatever else speaks its Chat Completions: Ollama, vLLM, llama.cpp, gateways. */
export function openai(settings: OpenAiSettings): Provider {
  const server = new CompletionsServer(settings);
  // So that the first question knows its model's name already; a server that is away now is asked again with the question.
  if (!server.model) void server.findModel().catch(() => {});
  return {
    isConfigured: () => Boolean(settings.apiKey || settings.baseUrl),
    defaultModel: () => server.model ?? unnamedModel,
    defaultModelSource: () => (server.choosesModel ? 'SERVER_LIST' : 'SETTINGS'),
    contextWindow: (model) => server.limits.of(model).context ?? windowOf(model),
    stream: (request, signal) => generate(server, request, signal),
  };
}

/** A server and what was learnt about it. */
class CompletionsServer {
  readonly settings: OpenAiSettings;
  readonly limits = new ModelLimits();
  hasStreamOptions = true;
  /** What answers for agents that name no model; undefined while the server has not said which models it has. */
  model: string | undefined;

  constructor(settings: OpenAiSettings) {
    this.settings = settings;
    this.model = settings.model ?? (settings.baseUrl ? undefined : 'gpt-6.1-sol');
  }

  async findModel(wire = new Wire(this.settings.silenceMs), signal: AbortSignal = wire.signal): Promise<void> {
    const found = await findChatModel(clientFor(this.settings, wire.fetch), wire, signal);
    this.model = found === unnamedModel ? undefined : found;
  }

  /** Whether agents that name no model get one of those that the server lists. */
  get choosesModel(): boolean {
    return !this.settings.model && this.settings.baseUrl !== undefined;
  }
}

async function* generate(
  server: CompletionsServer,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ProviderEvent> {
  const { apiKey, baseUrl, silenceMs } = server.settings;
  if (!apiKey && !baseUrl) throw noKey('OPENAI_API_KEY');
  const wire = new Wire(silenceMs);
  let reader: OpenAiReader | undefined;

  try {
    const asked = await ask(server, request, wire, AbortSignal.any([signal, wire.signal]));
    if (asked.model !== request.model) yield { type: 'model', model: asked.model };
    reader = new OpenAiReader(asked.response);
    yield* wholeOf(reader, wire, asked.response, silenceMs, signal);
    signal.throwIfAborted();
    if (!reader.stopReason) {
      throw new ProviderFailure('UPSTREAM_CUT', 'The stream ended before a finish_reason.', { retryable: false });
    }
    yield* reader.rest();
    yield { type: 'end', stopReason: reader.stopReason };
  } catch (error) {
    // An abort looks like a clean end or like any error, so ask the signals first.
    signal.throwIfAborted();
    yield* reader?.rest() ?? [];
    wire.signal.throwIfAborted();
    throw fromOpenAiError(error);
  }
}

interface Asked {
  response: Response;
  model: string;
}

/** The response of a server that takes the request: where it says what it does not take, it is asked once more without that. */
async function ask(server: CompletionsServer, request: ModelRequest, wire: Wire, signal: AbortSignal): Promise<Asked> {
  const client = clientFor(server.settings, wire.fetch);
  if (request.model === unnamedModel && !server.model) await server.findModel(wire, signal);
  const isUnnamed = request.model === unnamedModel;
  let mended: ModelRequest = isUnnamed
    ? { ...request, model: server.model ?? unnamedModel, isDefaultModel: true }
    : request;
  const tried = new Set<Remedy>();
  for (;;) {
    mended = server.limits.fit(mended);
    const body = bodyFor(mended, { baseUrl: server.settings.baseUrl, hasStreamOptions: server.hasStreamOptions });
    try {
      const response = await client.chat.completions.create(body, { signal }).asResponse();
      return { response, model: mended.model };
    } catch (error) {
      signal.throwIfAborted();
      const remedy = remedyFor(error, wire.refusal, server, mended, 'stream_options' in body);
      if (remedy === 'SHORTER' && tried.has(remedy)) throw tooLongFor(mended.model);
      if (!remedy || tried.has(remedy)) throw error;
      tried.add(remedy);
      mended = await mend(remedy, mended, server, wire, signal);
    }
  }
}

type Remedy = 'NO_STREAM_OPTIONS' | 'SHORTER' | 'ANOTHER_MODEL';

function remedyFor(
  error: unknown,
  refusal: string,
  server: CompletionsServer,
  request: ModelRequest,
  hadStreamOptions: boolean,
): Remedy | undefined {
  if (!(error instanceof OpenAI.APIError)) return undefined;
  const { status } = error;
  const isRefused = status === 400 || status === 413 || status === 422;
  // Not whether the server is known not to take them: another request may have learnt that while this one was under way.
  if (isRefused && hadStreamOptions && refusal.includes('stream_options')) return 'NO_STREAM_OPTIONS';
  if (isRefused && overflowIn(refusal)) return 'SHORTER';
  const isGone = status === 404 || (isRefused && isModelUnknown(refusal));
  return isGone && server.choosesModel && request.isDefaultModel ? 'ANOTHER_MODEL' : undefined;
}

function isModelUnknown(refusal: string): boolean {
  return /model_not_found|model\b.{0,200}\b(?:not found|does not exist|not loaded|unknown)|(?:unknown|invalid) model/is.test(
    refusal,
  );
}

async function mend(
  remedy: Remedy,
  request: ModelRequest,
  server: CompletionsServer,
  wire: Wire,
  signal: AbortSignal,
): Promise<ModelRequest> {
  if (remedy === 'NO_STREAM_OPTIONS') {
    server.hasStreamOptions = false;
    return request;
  }
  if (remedy === 'ANOTHER_MODEL') {
    await server.findModel(wire, signal);
    return { ...request, model: server.model ?? unnamedModel };
  }
  const shorter = server.limits.learn(request, overflowIn(wire.refusal) ?? {});
  if (!shorter) throw tooLongFor(request.model);
  return shorter;
}

/** Milliseconds without a byte. After a reason to finish, words and usage may follow; some servers then keep the connection open. */
const END_MS = 10_000;

async function* wholeOf(
  reader: OpenAiReader,
  wire: Wire,
  response: Response,
  silenceMs: number,
  signal: AbortSignal,
): AsyncGenerator<ProviderEvent> {
  /** The last words after a reason to finish, or that reason. */
  let endingSince = Infinity;
  try {
    for await (const events of wire.events(response)) {
      let hasDeltas = false;
      for (const wireEvent of events) {
        for (const event of reader.read(wireEvent)) {
          // What came together with others must not be delivered after a stop.
          signal.throwIfAborted();
          hasDeltas ||= event.type === 'delta';
          yield event;
        }
      }
      if (reader.hasEnded) return;
      if (!reader.stopReason) continue;
      if (hasDeltas || endingSince === Infinity) endingSince = performance.now();
      // Events without text alone do not keep an answer open whose finish reason has come.
      if (performance.now() - endingSince > silenceMs) return;
      if (reader.hasWords) wire.shortenTimeout(END_MS);
    }
  } catch (error) {
    // After the reason to finish the text is whole: what the wire does then costs us the usage at most.
    if (!reader.stopReason) throw error;
  }
}

function clientFor({ apiKey, baseUrl, silenceMs }: OpenAiSettings, fetch: typeof globalThis.fetch): OpenAI {
  return new OpenAI({
    // The SDK wants one; without a key of ours it is not sent.
    apiKey: apiKey || 'none',
    ...(!apiKey && { defaultHeaders: { authorization: null } }),
    // `undefined` would let the SDK read the environment by itself, here and below.
    baseURL: baseUrl ?? null,
    adminAPIKey: null,
    organization: null,
    project: null,
    maxRetries: 0,
    // Longer than the silence timer, which so is the only one to end the request. The SDK wants whole milliseconds.
    timeout: Math.ceil(silenceMs * 2),
    fetch,
    // It would print what it cannot parse.
    logLevel: 'off',
  });
}
