import Anthropic from '@anthropic-ai/sdk';
import { fromAnthropicError } from './anthropic-failures.ts';
import { AnthropicReader } from './anthropic-reader.ts';
import { ModelLimits, overflowIn } from './model-limits.ts';
import { ProviderFailure, type ModelRequest, type Provider, type ProviderEvent } from './provider.ts';
import { noKey, tooLongFor } from './refusal.ts';
import { Wire } from './wire.ts';

export interface AnthropicSettings {
  apiKey: string | undefined;
  baseUrl: string | undefined;
  /** Answers for agents that name none. */
  model: string;
  /** How long the wire may carry no byte at all, pings included. */
  silenceMs: number;
}

/** Claude, and whatever else speaks Anthropic's Messages API at `baseUrl`. */
export function anthropic(settings: AnthropicSettings): Provider {
  const limits = new ModelLimits();
  return {
    isConfigured: () => Boolean(settings.apiKey),
    defaultModel: () => settings.model,
    defaultModelSource: () => 'SETTINGS',
    contextWindow: (model) => limits.of(model).context ?? (isEarlier(model) ? 200_000 : 1_000_000),
    stream: (request, signal) => generate(settings, limits, request, signal),
  };
}

async function* generate(
  settings: AnthropicSettings,
  limits: ModelLimits,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ProviderEvent> {
  if (!settings.apiKey) throw noKey('ANTHROPIC_API_KEY');
  const wire = new Wire(settings.silenceMs);
  const client = clientFor(settings, wire.fetch);
  let reader: AnthropicReader | undefined;

  try {
    const response = await ask(client, limits, request, wire, AbortSignal.any([signal, wire.signal]));
    reader = new AnthropicReader(response);
    for await (const events of wire.events(response)) {
      for (const wireEvent of events) {
        for (const event of reader.read(wireEvent)) {
          // What came together with others must not be delivered after a stop.
          signal.throwIfAborted();
          yield event;
          if (event.type === 'end') return;
        }
      }
    }
    throw new ProviderFailure('UPSTREAM_CUT', 'The stream ended before message_stop.', { retryable: false });
  } catch (error) {
    // An abort looks like a clean end or like any error, so ask the signals first.
    signal.throwIfAborted();
    yield* reader?.rest() ?? [];
    wire.signal.throwIfAborted();
    throw fromAnthropicError(error);
  }
}

/** Where the model gives no answer as long as asked for, it is asked once more for what fits. */
async function ask(
  client: Anthropic,
  limits: ModelLimits,
  request: ModelRequest,
  wire: Wire,
  signal: AbortSignal,
): Promise<Response> {
  const send = (body: ModelRequest) => client.messages.create(bodyFor(body), { signal }).asResponse();
  const first = limits.fit(request);
  try {
    return await send(first);
  } catch (error) {
    signal.throwIfAborted();
    const overflow = error instanceof Anthropic.BadRequestError ? overflowIn(wire.refusal) : null;
    if (!overflow) throw error;
    const shorter = limits.learn(first, overflow);
    if (!shorter) throw tooLongFor(request.model);
    return await send(shorter);
  }
}

function clientFor(settings: AnthropicSettings, fetch: typeof globalThis.fetch): Anthropic {
  return new Anthropic({
    apiKey: settings.apiKey ?? null,
    // `undefined` would let the SDK read ANTHROPIC_BASE_URL by itself.
    baseURL: settings.baseUrl ?? null,
    maxRetries: 0,
    // Longer than the silence timer, which so is the only one to end the request. The SDK wants whole milliseconds.
    timeout: Math.ceil(settings.silenceMs * 2),
    fetch,
    // It would print the text of a message that it cannot parse.
    logLevel: 'off',
  });
}

function bodyFor({ model, system, messages, maxOutputTokens, effort }: ModelRequest) {
  // A block of nothing but white space is answered with a 400.
  const prompts = system.filter((text) => text.trim());
  const talk = messages.filter(({ content }) => content.trim());
  return {
    model,
    stream: true,
    max_tokens: maxOutputTokens,
    system: prompts.map((text, index) => textBlock(text, index === prompts.length - 1)),
    messages: talk.map(({ role, content }, index) => ({
      role,
      content: [textBlock(content, index === talk.length - 1)],
    })),
    ...(!isEarlier(model) && { thinking: { type: 'adaptive', display: 'summarized' } }),
    ...(!isEarlier(model) && effort && { output_config: { effort: effortNames[effort] } }),
  } satisfies Anthropic.MessageCreateParamsStreaming;
}

const effortNames = { LOW: 'low', MEDIUM: 'medium', HIGH: 'high' } as const;

function textBlock(text: string, endsCachedPrefix: boolean): Anthropic.TextBlockParam {
  return { type: 'text', text, ...(endsCachedPrefix && { cache_control: { type: 'ephemeral' } }) };
}

/**
 * Models before Claude 4.6: they answer 400 to adaptive thinking, some of them to effort as well, and hold 200,000 tokens.
 * The list is of the old ones because it is closed: a name that we do not know is newer than us.
 */
function isEarlier(model: string): boolean {
  return /claude-(?:[23]|instant|(?:opus|sonnet|haiku)-4(?:-[0-5]\b)?(?!-[6-9]\b))/.test(model);
}
