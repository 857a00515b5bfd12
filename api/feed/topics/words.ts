import type { PlainValue } from '../../graphql-builder/plain-events.ts';
import { builder } from '../../graphql-builder/builder.ts';
import { encodeGlobalId } from '../../ids.ts';
import { ContentDelta } from '../../run-events/schema.ts';
import type { RunText, Slice } from '../../texts/text.ts';
import { type TextHandle, openText } from '../../texts/texts.ts';
import type { Topic, TopicState } from '../open-feed.ts';

export interface WordsEvent {
  type: 'RunDelta';
  runId: string;
  delta: Slice;
}

/** The growing texts of the runs in watched chats, each from its own offset and each in its turn. `chats` decides which. */
export const words: Topic<WordsEvent, WordsState> = {
  open: (feed, { chats }) =>
    new WordsState(new Map(chats.flatMap(({ runs }) => runs.map(({ id, from }) => [id, from] as const))), feed.wake),
};

/** A delta is written without an execution, and once for all who read it. */
export function plainDelta({ runId, delta }: WordsEvent): PlainValue {
  return {
    typename: 'RunDelta',
    value: () => ({ runId: encodeGlobalId('Run', runId), delta }),
    key: delta,
  };
}

interface FollowedRun {
  chatId: string;
  held: TextHandle;
  offset: number;
  stopListening: () => void;
}

class WordsState implements TopicState<WordsEvent> {
  readonly #runs = new Map<string, FollowedRun>();
  readonly #offsets: ReadonlyMap<string, number>;
  readonly #wake: () => void;

  /** `offsets`: what the client has of a run already, in UTF-16 code units. */
  constructor(offsets: ReadonlyMap<string, number>, wake: () => void) {
    this.#offsets = offsets;
    this.#wake = wake;
  }

  follow(runId: string, chatId: string): void {
    if (this.#runs.has(runId)) return;
    const held = openText(runId);
    const stopListening = held.text.onChange(this.#wake);
    this.#runs.set(runId, { chatId, held, offset: this.#offsets.get(runId) ?? 0, stopListening });
    this.#wake();
  }

  leave(runId: string): void {
    const run = this.#runs.get(runId);
    if (!run) return;
    this.#runs.delete(runId);
    run.stopListening();
    run.held[Symbol.dispose]();
  }

  /** Of a chat, leaves all others. */
  keepOnly(chatId: string, runIds: readonly string[]): void {
    for (const [runId, run] of this.#runs) if (run.chatId === chatId && !runIds.includes(runId)) this.leave(runId);
  }

  /** All of a chat that its reader may see no longer. */
  leaveChat(chatId: string): void {
    this.keepOnly(chatId, []);
  }

  get isDue(): boolean {
    return [...this.#runs.values()].some(({ held, offset }) => held.text.length > offset);
  }

  /** One delta of one of them. */
  async *next(): AsyncGenerator<WordsEvent> {
    for (const [runId, run] of this.#runs) {
      const slice = readWhole(run.held.text, run.offset);
      if (!slice) continue;
      run.offset = slice.to;
      // Behind the others, so that a long text lets a short one through.
      this.#runs.delete(runId);
      this.#runs.set(runId, run);
      return yield { type: 'RunDelta', runId, delta: slice };
    }
  }

  [Symbol.dispose](): void {
    for (const runId of this.#runs.keys()) this.leave(runId);
  }
}

/** A client's offset may fall inside a pair of surrogates: then the pair is sent again. */
function readWhole(text: RunText, offset: number): Slice | null {
  const slice = text.read(offset);
  const code = slice?.text.charCodeAt(0) ?? 0;
  return offset > 0 && code >= 0xdc_00 && code <= 0xdf_ff ? text.read(offset - 1) : slice;
}

export const RunDelta = builder.objectRef<WordsEvent>('RunDelta').implement({
  description: 'More words of a run that goes on in a watched chat, in order. Its end is a `ChatChange`.',
  fields: (t) => ({
    runId: t.id({ description: 'Which run.', resolve: ({ runId }) => encodeGlobalId('Run', runId) }),
    delta: t.field({
      type: ContentDelta,
      description: 'The words.',
      resolve: ({ delta }) => delta,
    }),
  }),
});
