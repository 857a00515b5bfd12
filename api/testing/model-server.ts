import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { AnthropicSpeech, type Kind, type Speech, type WireStop } from './model-speech.ts';
import { OllamaSpeech, OpenAiSpeech } from './openai-speech.ts';

/**
 * Plays a provider on a free port of this machine, faults included: Anthropic's Messages API, or Chat Completions as OpenAI
 * speaks it, and for a model with a tag in its name (`llama3.2:3b`) as Ollama does. The scripts are the same for all. Answers are
 * given in the order in which they were scripted; a request that nothing was scripted for gets `otherwise`, at first a 400 that
 * says so.
 *
 * ```ts
 * await using model = await modelServer();
 * const provider = anthropic({ apiKey: 'key', baseUrl: model.url, … });
 *
 * model.next(fails(529), says('Hello', ' world'));   // two requests: overloaded, then an answer
 * model.otherwise(says('Always this.'));             // and every one after them
 *
 * const held = model.hold();                         // the next request waits for the test
 * const asked = await held.arrived;                  // … until it is there: what was sent?
 * held.write('one ').write('two');                   // one delta each, at once
 * held.end();                                        // or .fail('overloaded_error'), .cut(), .finish()
 * await held.gone;                                   // the connection is closed, by whichever side
 * ```
 */
export async function modelServer(): Promise<ModelServer> {
  const server = new ModelServer();
  await server.listen();
  return server;
}

export interface ModelCall {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The JSON that was sent. */
  body: AskedOfModel;
}

export interface AskedOfModel {
  model: string;
  max_tokens: number;
  stream: boolean;
  system: { type: string; text: string; cache_control?: object }[];
  messages: { role: string; content: { type: string; text: string; cache_control?: object }[] }[];
  [field: string]: unknown;
}

/** What one request is answered with. To do nothing more is to be silent: the connection stays open until `close`. */
export type Answer = (wire: Wire, call: ModelCall) => void | Promise<void>;

export class ModelServer {
  /** Every request there was, oldest first. */
  readonly calls: ModelCall[] = [];
  /** What it says it has when it is asked for a list, which is no call. */
  models = ['text-embedding-test', 'llama3.2:3b'];
  /** What its models can do, as Ollama reports it; null: it is no Ollama. `place`: in the list, or of each model alone. */
  ollama: { place: 'list' | 'each'; capabilities: Record<string, string[]> } | null = null;
  #script: Answer[] = [];
  #otherwise: Answer = fails(400, 'invalid_request_error', {}, 'No answer was scripted for this request.');
  #http = createServer((request, response) => void this.#answer(request, response));

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  next(...answers: Answer[]): void {
    this.#script.push(...answers);
  }

  otherwise(answer: Answer): void {
    this.#otherwise = answer;
  }

  hold(): Held {
    const held = new Held();
    this.next(held.take);
    return held;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#http.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await text(request).catch(() => null);
    // Hung up before all of it had come: no client is left to answer.
    if (sent === null) return;

    if (request.url?.endsWith('/models')) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ object: 'list', data: this.models.map((id) => ({ id, object: 'model' })) }));
      return;
    }
    if (request.url?.includes('/api/')) return this.#answerAsOllama(request.url, sent, response);
    const body = JSON.parse(sent || '{}') as AskedOfModel;
    const call = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    this.calls.push(call);
    await (this.#script.shift() ?? this.#otherwise)(new Wire(response, speechFor(call)), call);
  }

  /** Its own API, beside Chat Completions. Does not count as a call, as lists do not. */
  #answerAsOllama(url: string, sent: string, response: ServerResponse): void {
    const { place, capabilities } = this.ollama ?? {};
    const name = url.endsWith('/show') ? (JSON.parse(sent) as { model: string }).model : null;
    const shown = (model: string) => ({ capabilities: capabilities?.[model] });
    const list = { models: this.models.map((model) => ({ name: model, ...(place === 'list' && shown(model)) })) };
    response.statusCode = this.ollama ? 200 : 404;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(name === null ? list : shown(name)));
  }
}

/** The server's end of one connection. */
export class Wire {
  readonly speech: Speech;
  /** Resolves when the connection is over for this request, whichever side closed it. */
  readonly gone: Promise<void>;
  #response: ServerResponse;

  constructor(response: ServerResponse, speech: Speech) {
    this.#response = response;
    this.speech = speech;
    // A write after the other side hung up is no news to a test.
    response.on('error', () => {});
    this.gone = new Promise((resolve) => response.once('close', resolve));
  }

  head(status = 200, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, { 'content-type': 'text/event-stream', ...headers });
    this.#response.flushHeaders();
  }

  /** As it is, in one piece. */
  send(bytes: string | Uint8Array): void {
    if (!this.#response.headersSent) this.head();
    // An empty chunk would end the body.
    if (bytes.length > 0) this.#response.write(bytes);
  }

  say(text: string, kind: Kind = 'text'): void {
    this.send(this.speech.say(text, kind));
  }

  /** Completes the answer. */
  stop(reason: WireStop = 'end_turn'): void {
    this.send(this.speech.stop(reason));
    this.finish();
  }

  /** Ends the body in good order, whether or not the answer was complete. */
  finish(): void {
    if (!this.#response.headersSent) this.head();
    this.#response.end();
  }

  /** Breaks the connection. What was sent before it does arrive: a comment is sent behind it, to wait for. */
  cut(): void {
    if (!this.#response.headersSent) this.#response.destroy();
    else this.#response.write(':\n', () => this.#response.destroy());
  }
}

/** A request that the test answers by hand. What is done before the request arrives is done as it arrives. */
export class Held {
  readonly arrived: Promise<ModelCall>;
  /** The connection is closed: after `end`, or because the other side hung up. */
  readonly gone: Promise<void>;
  /** The script's entry for this request. */
  readonly take: Answer;
  #wire: Promise<Wire>;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<{ wire: Wire; call: ModelCall }>();
    this.take = (wire, call) => resolve({ wire, call });
    this.arrived = promise.then(({ call }) => call);
    this.#wire = promise.then(({ wire }) => wire);
    this.gone = this.#wire.then((wire) => wire.gone);
  }

  /** Headers and what comes before the first word. */
  begin(): this {
    return this.#then((wire) => wire.send(wire.speech.begin()));
  }

  write(text: string): this {
    return this.#then((wire) => wire.say(text));
  }

  think(text: string): this {
    return this.#then((wire) => wire.say(text, 'thinking'));
  }

  /** A sign of life without a word. */
  ping(): this {
    return this.#then((wire) => wire.send(wire.speech.ping()));
  }

  end(reason: WireStop = 'end_turn'): this {
    return this.#then((wire) => wire.stop(reason));
  }

  /** An error in the stream, as when the provider is overloaded half-way. */
  fail(type = 'overloaded_error'): this {
    return this.#then((wire) => sendError(wire, type));
  }

  /** Ends the body in good order though the answer is incomplete. */
  finish(): this {
    return this.#then((wire) => wire.finish());
  }

  cut(): this {
    return this.#then((wire) => wire.cut());
  }

  #then(act: (wire: Wire) => void): this {
    void this.#wire.then(act);
    return this;
  }
}

/** A complete answer, one delta for each text. */
export function says(...texts: string[]): Answer {
  return saying(texts, (wire) => wire.stop());
}

/** A complete answer that was thought about first. */
export function thinks(thought: string, ...texts: string[]): Answer {
  return (wire, call) => {
    wire.say(thought, 'thinking');
    return says(...texts)(wire, call);
  };
}

/** As `says`, with another reason to stop: `stopsAt('max_tokens', 'Half an ans')`. */
export function stopsAt(reason: WireStop, ...texts: string[]): Answer {
  return saying(texts, (wire) => wire.stop(reason));
}

/** Refuses the request with an HTTP status. */
export function fails(
  status: number,
  type = typeOf(status),
  headers: Record<string, string> = {},
  message = type,
): Answer {
  return (wire) => {
    wire.head(status, { 'content-type': 'application/json', ...headers });
    wire.send(wire.speech.refusal(status, type, message));
    wire.finish();
  };
}

/** Says something, then reports an error in the stream. */
export function failsAfter(type: string, ...texts: string[]): Answer {
  return saying(texts, (wire) => sendError(wire, type));
}

/** Says something, then the connection breaks. */
export function cutsAfter(...texts: string[]): Answer {
  return saying(texts, (wire) => wire.cut());
}

/** Says something, then ends the body in good order, but before the answer's end. */
export function endsAfter(...texts: string[]): Answer {
  return saying(texts, (wire) => wire.finish());
}

/** Says something, then what cannot be read. */
export function garblesAfter(...texts: string[]): Answer {
  return saying(texts, (wire) => {
    wire.send(wire.speech.garble());
    wire.finish();
  });
}

/** Says something, then nothing more, without closing. */
export function silentAfter(...texts: string[]): Answer {
  return saying(texts, () => {});
}

/** Not even headers, and the connection stays open. */
export function neverAnswers(): Answer {
  return () => {};
}

/** Closes the connection without a byte. */
export function hangsUp(): Answer {
  return (wire) => wire.cut();
}

/** A body of exactly these bytes, each piece in an HTTP chunk of its own. */
export function sends(...pieces: (string | Uint8Array)[]): Answer {
  return (wire) => {
    for (const piece of pieces) wire.send(piece);
    wire.finish();
  };
}

/** The texts of the messages that the model was sent, oldest first, in whichever form. */
export function saidTo({ body }: ModelCall): string[] {
  return body.messages
    .filter(({ role }) => role !== 'system')
    .map(({ content }: { content: unknown }) =>
      Array.isArray(content) ? content.map(({ text }: { text: string }) => text).join('') : String(content),
    );
}

function speechFor({ path, body }: ModelCall): Speech {
  if (!path.endsWith('/chat/completions')) return new AnthropicSpeech();
  return body.model.includes(':') ? new OllamaSpeech() : new OpenAiSpeech();
}

function saying(texts: string[], then: (wire: Wire) => void): Answer {
  return (wire) => {
    wire.send(wire.speech.begin());
    for (const text of texts) wire.say(text);
    then(wire);
  };
}

function sendError(wire: Wire, type: string): void {
  wire.send(wire.speech.error(type));
  wire.finish();
}

function typeOf(status: number): string {
  const types: Record<number, string> = {
    400: 'invalid_request_error',
    401: 'authentication_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    529: 'overloaded_error',
  };
  return types[status] ?? 'api_error';
}
