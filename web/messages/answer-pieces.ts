import type { Message } from '../store/message-fragments';

/** An answer that broke off and was continued is several messages, its pieces, which read as one. */
export interface AnswerPieces {
  /** The pieces that this one goes on with; none for an answer from its beginning. */
  opening: readonly Message[];
  /** The pieces that go on with it. */
  rest: readonly Message[];
}

/** A piece that is not part of another. */
export const wholeAnswer: AnswerPieces = { opening: [], rest: [] };

/** The other pieces of the answer at this index. */
export function piecesAround(messages: readonly Message[], index: number): AnswerPieces {
  let start = index;
  while (continuesPrevious(messages, start)) start -= 1;
  let end = index + 1;
  while (continuesPrevious(messages, end)) end += 1;
  return { opening: messages.slice(start, index), rest: messages.slice(index + 1, end) };
}

/** Whether the message goes on with the answer right above it. */
function continuesPrevious(messages: readonly Message[], index: number): boolean {
  const [before, message] = [messages[index - 1], messages[index]];
  if (before?.role !== 'ASSISTANT' || message?.role !== 'ASSISTANT') return false;
  if (before.isDeleted || message.isDeleted) return false;
  // A service agent writes each of its answers from the beginning.
  return before.agent !== null && before.agent.id === message.agent?.id;
}
