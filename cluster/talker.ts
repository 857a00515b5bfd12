import { EventEmitter, once } from 'node:events';

import type { Said } from '../api/testing/chaos.ts';
import type { Answer, Wire } from '../api/testing/model-server.ts';

interface Talk {
  wire: Wire;
  said: Said;
}

/**
 * A model that goes on talking: a few words to everybody whenever its `tell` is called, until the talk is finished. No two of its
 * answers are alike, and it keeps what it said to whom.
 */
export class Talker {
  readonly said: Said[] = [];
  readonly #talks = new Set<Talk>();
  readonly #begun = new EventEmitter();
  #count = 0;
  #pace: NodeJS.Timeout | undefined;

  /** For `model.otherwise`. It begins at once. */
  readonly answer: Answer = (wire) => {
    this.#count += 1;
    const talk = { wire, said: { text: '', isWhole: false } };
    this.said.push(talk.said);
    this.#talks.add(talk);
    void wire.gone.then(() => this.#talks.delete(talk));
    wire.send(wire.speech.begin());
    say(talk, `Answer ${this.#count} 🤔 `, 'thinking');
    say(talk, `Answer ${this.#count}: `);
    this.#begun.emit('more');
  };

  /** How many answers it is giving. */
  get talking(): number {
    return this.#talks.size;
  }

  /** Resolves when it gives that many answers. */
  async untilTalking(count: number, withinMs = 30_000): Promise<void> {
    const signal = AbortSignal.timeout(withinMs);
    while (this.talking !== count) await once(this.#begun, 'more', { signal });
  }

  /** The same words to everybody, at once. */
  tell(words: string): void {
    for (const talk of this.#talks) say(talk, words);
  }

  /** From now on, words to everybody again and again; each answer ends after some number of code units. */
  talkEvery(ms: number, length = Infinity): void {
    let word = 0;
    this.hush();
    this.#pace = setInterval(() => {
      word += 1;
      this.tell(word % 7 === 0 ? `мир ${word} 👩‍👩‍👧 ` : `word ${word} `);
      for (const talk of this.#talks) if (talk.said.text.length > length) this.#finish(talk);
    }, ms);
  }

  hush(): void {
    clearInterval(this.#pace);
  }

  /** Every answer comes to its end. */
  finish(): void {
    for (const talk of this.#talks) this.#finish(talk);
  }

  #finish(talk: Talk): void {
    this.#talks.delete(talk);
    talk.said.isWhole = true;
    talk.wire.stop();
  }
}

function say({ wire, said }: Talk, words: string, kind: 'text' | 'thinking' = 'text'): void {
  said.text += words;
  wire.say(words, kind);
}
