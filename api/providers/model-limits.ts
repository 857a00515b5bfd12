/** What servers say of their models' limits when a request was too long: it is remembered, and asked again with what fits. */
import { log } from '../log.ts';
import type { ModelRequest } from './provider.ts';

/** Tokens. */
export interface ModelLimit {
  /** System prompt, history and answer together. */
  context?: number | undefined;
  /** The answer alone. */
  output?: number | undefined;
}

export interface Overflow extends ModelLimit {
  /** How long the request was, without the answer, as the server counted it. */
  input?: number | undefined;
}

const MOST_MODELS = 200;
/** A request for fewer tokens than these is in vain: less history has to be sent. */
const LEAST_OUTPUT = 256;
const LEAST_CONTEXT = 512;

/** The limits that servers reported, by the names of models. They live as long as the process. */
export class ModelLimits {
  readonly #limits = new Map<string, ModelLimit>();

  of(model: string): ModelLimit {
    return this.#limits.get(model) ?? {};
  }

  /** The request, with no longer an answer than the model is known to give. */
  fit(request: ModelRequest): ModelRequest {
    const maxOutputTokens = Math.min(request.maxOutputTokens, this.of(request.model).output ?? Infinity);
    return { ...request, maxOutputTokens };
  }

  /** Remembers what was reported. Returns the request with what fits; null where only less history would help. */
  learn(request: ModelRequest, { context, output, input = estimatedInput(request) }: Overflow): ModelRequest | null {
    const { model } = request;
    if (!this.#limits.has(model) && this.#limits.size >= MOST_MODELS) {
      this.#limits.delete(this.#limits.keys().next().value as string);
    }
    this.#limits.set(model, { ...this.of(model), ...(context && { context }), ...(output && { output }) });
    const room = context === undefined ? Infinity : context - input;
    const maxOutputTokens = Math.min(request.maxOutputTokens, output ?? Infinity, room);
    const doesFit = maxOutputTokens >= Math.min(LEAST_OUTPUT, request.maxOutputTokens);
    const told = { model, contextTokens: context, outputTokens: output, askedFor: request.maxOutputTokens };
    if (!doesFit) {
      log.warn(told, 'The model holds fewer tokens than the request has; less of the chat is sent');
      return null;
    }
    log.warn(
      { ...told, askedAgainFor: maxOutputTokens },
      'The model cannot give as long an answer as its agent allows; asked again for what fits. An administrator can lower the agent’s longest answer',
    );
    return { ...request, maxOutputTokens };
  }
}

/** From the text of a refusal; null where it says nothing of a limit. */
export function overflowIn(refusal: string): Overflow | null {
  if (!/token|n_ctx|max_model_len/i.test(refusal)) return null;
  const told = firstNumber(refusal, contextPatterns);
  // No model in use is smaller: another number was taken for the limit.
  const context = told !== undefined && told >= LEAST_CONTEXT ? told : undefined;
  const output = firstNumber(refusal, outputPatterns);
  if (context === undefined && output === undefined) return null;
  return { context, output, input: firstNumber(refusal, inputPatterns) };
}

const contextPatterns = [
  // Anthropic: "exceed context limit: 188059 + 20000 > 200000"
  /\d+ *\+ *\d+ *>=? *(\d+)/,
  // Anthropic: "prompt is too long: 208310 tokens > 200000 maximum"
  /too long: *\d+ tokens *> *(\d+)/i,
  /max_model_len\W{0,5}(\d+)/i,
  // Text Generation Inference: "`inputs` tokens + `max_new_tokens` must be <= 8192"
  /max_new_tokens\W+must be <= *(\d+)/i,
  // OpenAI and vLLM: "maximum context length is 8192 tokens"; llama.cpp: "exceeds the available context size (8192 tokens)"
  /context[^.\d]{0,80}?(\d[\d,_]*\d)/i,
  /\bn_ctx\W{0,5}(\d+)/i,
];

const outputPatterns = [
  // OpenAI: "supports at most 4096 completion tokens"
  /at most (\d+) completion tokens/i,
  // Anthropic: "max_tokens: 16000 > 8192, which is the maximum allowed number of output tokens"
  /max_tokens: *\d+ *> *(\d+)/i,
  // DeepSeek: "the valid range of max_tokens is [1, 8192]"
  /max_tokens is \[\d+, *(\d+)\]/i,
  // Groq: "`max_tokens` must be less than or equal to `8192`"
  /max_(?:completion_)?tokens\W+must be less than or equal to\W+(\d+)/i,
];

const inputPatterns = [
  /(\d+) *\+ *\d+ *>=? *\d+/,
  /(\d+) (?:tokens )?(?:in (?:the|your) (?:messages|prompt|input)|(?:`inputs`|input|prompt) tokens)/i,
  /too long: *(\d+) tokens/i,
  /\bn_prompt_tokens\W{0,5}(\d+)/i,
  /request \((\d+) tokens\)/i,
  /(?:prompt|request|input) (?:has|contains) (?:at least )?(\d+)/i,
];

function firstNumber(text: string, patterns: readonly RegExp[]): number | undefined {
  for (const pattern of patterns) {
    const found = Number(pattern.exec(text)?.[1]?.replaceAll(/[,_]/g, ''));
    if (Number.isSafeInteger(found) && found >= 16) return found;
  }
  return undefined;
}

/** Tokens, rather too many: three bytes to one, as in contexts/assemble.ts. */
function estimatedInput({ system, messages }: ModelRequest): number {
  const texts = [...system, ...messages.map(({ content }) => content)];
  return texts.reduce((sum, text) => sum + Math.ceil(Buffer.byteLength(text) / 3) + 8, 0);
}
