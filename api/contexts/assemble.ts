/** What a model is sent: a pure function of what is stored. Nothing here knows the time, a name or the database. */
import type { ModelRequest } from '../providers/provider.ts';

/** Said first where no administrator has written a primary context. */
export const DEFAULT_PRIMARY_CONTEXT = [
  'You are a helpful assistant in Confab, a chat that a team hosts itself.',
  'Answer in the language of the question. Be accurate and brief; say so when you do not know.',
  'Use Markdown where it helps: lists, tables, fenced code with the language named.',
].join('\n');

export interface Material {
  /** What the administrator wrote; empty: the default. */
  primaryContext: string;
  agentInstructions: string;
  personalContext: string;
  /** The path from the root to the question, or to the answer that is to be continued, that one included. */
  thread: readonly ThreadMessage[];
  model: string;
  maxOutputTokens: number;
  effort: ModelRequest['effort'];
  /** Tokens, of system prompt, history and answer together. */
  contextWindow: number;
}

export interface ThreadMessage {
  id: string;
  role: 'USER' | 'ASSISTANT';
  content: string;
  editedContent: string | null;
  isDeleted: boolean;
  /** Of an answer: how its run ended. Null for people. */
  runStatus: 'QUEUED' | 'RUNNING' | 'COMPLETED' | 'STOPPED' | 'FAILED' | 'INTERRUPTED' | null;
}

export interface Assembly {
  request: ModelRequest;
  /** The messages sent, oldest first. */
  historyIds: string[];
  /** How many sendable messages before those did not fit. */
  omittedCount: number;
}

export function assemble(material: Material): Assembly {
  const { model, effort } = material;
  const system = systemOf(material);
  const isContinuation = material.thread.at(-1)?.role === 'ASSISTANT';
  const sendable = material.thread.filter(isSendable);
  const tokens = sendable.map((message) => tokensOf(effectiveContent(message)) + MESSAGE_OVERHEAD);
  const { from, maxOutputTokens } = divideWindow(material, tokensOf(system.join('\n')), tokens);
  const kept = fromFirstPerson(sendable.slice(from));
  return {
    request: {
      model,
      system,
      messages: [...joined(kept.map(spoken)), ...(isContinuation ? [GO_ON] : [])],
      isContinuation,
      maxOutputTokens,
      effort,
    },
    historyIds: kept.map(({ id }) => id),
    omittedCount: sendable.length - kept.length,
  };
}

/**
 * From which message on the history fits a model's window, the last one always, and how long the answer may be then. All in tokens;
 * `messages`: of each, oldest first.
 */
export function divideWindow(
  limits: Pick<Material, 'maxOutputTokens' | 'contextWindow'>,
  system: number,
  messages: readonly number[],
): { from: number; maxOutputTokens: number } {
  const { maxOutputTokens, contextWindow } = limits;
  // A small model has no room for the longest answer beside a history: each may have half of it then.
  const answer = Math.min(maxOutputTokens, Math.floor(contextWindow / 2));
  let left = contextWindow - answer - system;
  let from = messages.length;
  for (const [index, tokens] of [...messages.entries()].reverse()) {
    if (left < tokens && from < messages.length) break;
    left -= tokens;
    from = index;
  }
  return { from, maxOutputTokens: Math.min(maxOutputTokens, Math.max(1, answer, answer + left - ROOM_TO_SPARE)) };
}

function spoken(message: ThreadMessage): Spoken {
  return { role: message.role === 'USER' ? 'user' : 'assistant', content: effectiveContent(message) };
}

export type Spoken = ModelRequest['messages'][number];

/** An answer that follows another one goes on with it, perhaps in the middle of a word: to a model they are one. */
function joined(messages: readonly Spoken[]): Spoken[] {
  const whole: Spoken[] = [];
  for (const message of messages) {
    const last = whole.at(-1);
    if (message.role === 'assistant' && last?.role === 'assistant')
      whole[whole.length - 1] = { ...last, content: last.content + message.content };
    else whole.push(message);
  }
  return whole;
}

/** Models no longer go on by themselves from an answer that is given to them last: they want to be asked. */
const GO_ON = {
  role: 'user',
  content:
    'Your last message broke off. Go on from exactly where it ends, in the middle of the word if need be: repeat nothing, and say nothing about the break.',
} as const;

/** The order is fixed and each part stable, so that the provider's cache finds the same prefix again. */
function systemOf({ primaryContext, agentInstructions, personalContext }: Material): string[] {
  const primary = primaryContext.trim() || DEFAULT_PRIMARY_CONTEXT;
  return [primary, agentInstructions.trim(), personalContext.trim()].filter((text) => text !== '');
}

function effectiveContent({ content, editedContent }: ThreadMessage): string {
  return editedContent ?? content;
}

/** People's messages, and answers that are whole, or that a person stopped or had continued. Models refuse empty texts. */
function isSendable(message: ThreadMessage, index: number, thread: readonly ThreadMessage[]): boolean {
  const { role, runStatus } = message;
  const isBroken = runStatus === 'INTERRUPTED' || runStatus === 'FAILED';
  const isContinued = isBroken && (thread[index + 1]?.role ?? 'ASSISTANT') === 'ASSISTANT';
  const isSound = role === 'USER' || runStatus === 'COMPLETED' || runStatus === 'STOPPED' || isContinued;
  return isSound && !message.isDeleted && effectiveContent(message).trim() !== '';
}

/** From the first person's message on, as models want it. */
function fromFirstPerson(messages: readonly ThreadMessage[]): readonly ThreadMessage[] {
  const first = messages.findIndex(({ role }) => role === 'USER');
  return messages.slice(first === -1 ? messages.length - 1 : first);
}

/** Tokens that a message takes besides its words. */
export const MESSAGE_OVERHEAD = 8;
/** Tokens for what a server puts around the messages. */
const ROOM_TO_SPARE = 64;

/** Rather too many than too few: no tokenizer runs here, and three bytes a token is less than any language needs. */
export function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3);
}
