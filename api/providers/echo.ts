import { setImmediate, setTimeout } from 'node:timers/promises';
import type { ModelRequest, Provider, ProviderEvent } from './provider.ts';

const alone =
  'This is the echo: no model is connected. To connect one, set ANTHROPIC_API_KEY or OPENAI_API_KEY and restart Confab.';
const besideModel = 'This is the echo: it repeats your message and asks no model. For an answer, choose another agent.';

export interface EchoSettings {
  /** Between two words. */
  delayMs: number;
  /** Whether there is a model that could answer instead. */
  isModelConnected?: () => boolean;
}

/** Answers where no key is set: says what it is, then repeats the last message word by word. */
export function echo({ delayMs, isModelConnected = () => false }: EchoSettings): Provider {
  const notice = () => (isModelConnected() ? besideModel : alone);
  return {
    isConfigured: () => true,
    defaultModel: () => 'echo',
    defaultModelSource: () => 'SETTINGS',
    contextWindow: () => 1_000_000,
    stream: (request, signal) => repeat(request, signal, delayMs, notice()),
  };
}

async function* repeat(
  request: ModelRequest,
  signal: AbortSignal,
  delayMs: number,
  notice: string,
): AsyncGenerator<ProviderEvent> {
  const answer = request.isContinuation ? restOf(request) : wholeAnswer(request.messages, notice);

  signal.throwIfAborted();
  yield { type: 'usage', usage: { inputTokens: inputWords(request), cacheReadTokens: 0, cacheWriteTokens: 0 } };
  for (const [index, text] of answer.entries()) {
    if (index > 0) await pause(delayMs, signal);
    yield { type: 'delta', part: 0, kind: 'TEXT', text };
  }
  signal.throwIfAborted();
  yield { type: 'usage', usage: { outputTokens: wordsOf(notice).length + answer.length - 1 } };
  yield { type: 'end', stopReason: 'END_TURN' };
}

function wholeAnswer(messages: ModelRequest['messages'], notice: string): string[] {
  const said = messages.filter(({ role }) => role === 'user').map(({ content }) => content);
  const question = questionInRoom(said) ?? said.at(-1) ?? '';
  return [`${notice}\n\n`, ...wordsOf(question)];
}

/** In a room, the words of the message that the server asks to answer (api/contexts/assemble-room.ts); elsewhere null. */
function questionInRoom(said: readonly string[]): string | null {
  const request = /<request-(\w+)>Answer message (\d+)(?: from @\S+)? now\.<\/request-\1>$/.exec(said.at(-1) ?? '');
  if (!request) return null;
  const [, mark, number] = request;
  // No text holds the mark, so the first tag of that number is the server's.
  const opening = new RegExp(`<message-${mark} number="${number}"[^>]*>\\n`);
  const closing = `\n</message-${mark}>`;
  for (const text of said) {
    const tag = opening.exec(text);
    if (!tag) continue;
    const from = tag.index + tag[0].length;
    return text.slice(from, text.indexOf(closing, from));
  }
  return null;
}

/** What the answer before would have gone on with. */
function restOf({ messages }: ModelRequest): string[] {
  const talk = messages.slice(0, -1);
  const asked = talk.findLastIndex(({ role }) => role === 'user');
  const said = talk.slice(asked + 1).reduce((text, { content }) => text + content, '');
  // A model may have been connected since then.
  const wholes = [alone, besideModel].map((notice) => wholeAnswer(talk, notice).join(''));
  const whole = wholes.find((each) => each.startsWith(said));
  return wordsOf(whole ? whole.slice(said.length) : (wholes[0] ?? ''));
}

/** Each word with the white space after it, so that together they are the text again. */
function wordsOf(text: string): string[] {
  return text.match(/^\s+|\S+\s*/g) ?? [];
}

function inputWords({ system, messages }: ModelRequest): number {
  const texts = [...system, ...messages.map((message) => message.content)];
  return texts.reduce((sum, text) => sum + wordsOf(text).length, 0);
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  // Node rejects with an AbortError of its own; the contract promises the signal's reason.
  const waiting = delayMs > 0 ? setTimeout(delayMs, undefined, { signal }) : setImmediate(undefined, { signal });
  await waiting.catch(() => {});
  signal.throwIfAborted();
}
