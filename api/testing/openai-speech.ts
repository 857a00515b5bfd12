import type { Kind, Speech, WireStop } from './model-speech.ts';

/** What all have alike who speak Chat Completions. */
class CompletionsSpeech {
  ping(): string {
    return ': ping\n\n';
  }

  garble(): string {
    return 'data: {"object":"chat.completion.chunk", oh\n\n';
  }
}

/** As OpenAI sends it, with `stream_options.include_usage`. Thoughts as DeepSeek sends them: OpenAI keeps its own. */
export class OpenAiSpeech extends CompletionsSpeech implements Speech {
  #begun = false;
  #words = 0;

  begin(): string {
    if (this.#begun) return '';
    this.#begun = true;
    return chunk([choice({ role: 'assistant', content: '', refusal: null })], { usage: null });
  }

  say(text: string, kind: Kind = 'text'): string {
    this.#words += wordsIn(text);
    const delta = kind === 'text' ? { content: text } : { reasoning_content: text };
    return this.begin() + chunk([choice(delta)], { usage: null });
  }

  stop(reason: WireStop = 'end_turn'): string {
    const usage = {
      prompt_tokens: 18,
      completion_tokens: this.#words,
      total_tokens: 18 + this.#words,
      prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 3 },
    };
    return this.begin() + chunk([choice({}, finishReasons[reason])], { usage: null }) + chunk([], { usage }) + done;
  }

  error(type: string): string {
    return `data: ${this.refusal(0, type, type)}\n\n`;
  }

  refusal(_status: number, type: string, message: string): string {
    const [name, code] = errors[type] ?? [type, null];
    return JSON.stringify({ error: { message, type: name, param: null, code } });
  }
}

/** As Ollama sends it: a role and a content in each chunk, thoughts as `reasoning`, no details of usage, errors without a code. */
export class OllamaSpeech extends CompletionsSpeech implements Speech {
  #words = 0;

  begin(): string {
    return '';
  }

  say(text: string, kind: Kind = 'text'): string {
    this.#words += wordsIn(text);
    const delta = kind === 'text' ? { content: text } : { content: '', reasoning: text };
    return chunk([choice({ role: 'assistant', ...delta })], fingerprint);
  }

  stop(reason: WireStop = 'end_turn'): string {
    const usage = { prompt_tokens: 10, completion_tokens: this.#words, total_tokens: 10 + this.#words };
    const last = choice({ role: 'assistant', content: '' }, finishReasons[reason]);
    return chunk([last], fingerprint) + chunk([], { ...fingerprint, usage }) + done;
  }

  /** In the stream Ollama sends no errors; vLLM and llama.cpp do, with the status that it would have been as their code. */
  error(type: string): string {
    const code = { overloaded_error: 503, rate_limit_error: 429 }[type] ?? 500;
    return `data: ${JSON.stringify({ error: { message: type, type: 'InternalServerError', param: null, code } })}\n\n`;
  }

  refusal(status: number, _type: string, message: string): string {
    const type = { 400: 'invalid_request_error', 404: 'not_found_error' }[status] ?? 'api_error';
    return JSON.stringify({ error: { message, type, param: null, code: null } });
  }
}

const fingerprint = { system_fingerprint: 'fp_ollama' };

/** Anthropic's errors in OpenAI's words: type and code. */
const errors: Record<string, [type: string, code: string | null]> = {
  overloaded_error: ['service_unavailable_error', 'server_is_overloaded'],
  rate_limit_error: ['requests', 'rate_limit_exceeded'],
  api_error: ['server_error', null],
  authentication_error: ['invalid_request_error', 'invalid_api_key'],
  not_found_error: ['invalid_request_error', 'model_not_found'],
};

const finishReasons: Record<WireStop, string> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content_filter',
  tool_use: 'tool_calls',
};

const done = 'data: [DONE]\n\n';

/** For those who put an answer together themselves. */
export function chunk(choices: object[], more: object = {}): string {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'played' };
  return `data: ${JSON.stringify({ ...head, choices, ...more })}\n\n`;
}

export function choice(delta: object, finishReason: string | null = null): object {
  return { index: 0, delta, logprobs: null, finish_reason: finishReason };
}

function wordsIn(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}
