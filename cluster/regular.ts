/** A client that goes on whatever happens, as the web app does: what was not acknowledged is asked for again, with the same clientId. */
import { setTimeout as delay } from 'node:timers/promises';

import { EditMessage, RegenerateAnswer, SelectBranch } from '../api/testing/documents.ts';
import { onlyAnswer, type Person } from '../api/testing/person.ts';
import type { Chance } from '../api/testing/chance.ts';
import { oneOf } from './faults.ts';
import type { Scene } from './scene.ts';
import { ChatWatch, RunWatch } from './witness.ts';

/** As long as a person would wait before they press the button again. */
const PATIENCE_MS = 8_000;

export class Regular {
  readonly name: string;
  readonly #who: Person;
  readonly #scene: Scene;
  readonly #chance: Chance;
  readonly #chatId: string;
  #answers: string[] = [];
  #unedited: string[] = [];

  constructor(who: Person, chatId: string, scene: Scene, chance: Chance) {
    this.name = who.name;
    this.#who = who;
    this.#chatId = chatId;
    this.#scene = scene;
    this.#chance = chance;
    scene.chats.push(new ChatWatch(who, chatId, scene.chronicle));
  }

  /** Until it is over; what was begun is done. */
  async live(hasEnded: () => boolean): Promise<void> {
    while (!hasEnded()) {
      const act = this.#answers.length === 0 ? 'ask' : oneOf(['ask', 'ask', 'again', 'edit', 'look'], this.#chance);
      if (act === 'ask') await this.#ask();
      if (act === 'again') await this.#askAgain();
      if (act === 'edit') await this.#edit();
      if (act === 'look') await this.#look();
    }
  }

  async #ask(): Promise<void> {
    const clientId = crypto.randomUUID();
    const content = `${this.name} asks (${clientId})`;
    const { message, answer, run } = await this.#retryUntilDone(() =>
      this.#who.sends(content, this.#chatId, { clientId }),
    );
    const sent = { by: this.name, chatId: this.#chatId, clientId, content, messageId: message.id, runId: run.id };
    this.#scene.chronicle.sent.push(sent);
    this.#unedited.push(message.id);
    await this.#read(run.id, answer.id);
  }

  async #askAgain(): Promise<void> {
    const input = { messageId: this.#anAnswer(), clientId: crypto.randomUUID() };
    const { run, answer } = await this.#retryUntilDone(async () => {
      const { regenerateAnswer } = await this.#who.ask(RegenerateAnswer, { input });
      if (regenerateAnswer.__typename === 'RegenerateAnswerPayload') return onlyAnswer(regenerateAnswer);
      throw new Error(JSON.stringify(regenerateAnswer));
    });
    await this.#read(run.id, answer.id);
  }

  /** Each message once: a request that hangs may be carried out long after the retry. */
  async #edit(): Promise<void> {
    const messageId = this.#unedited.pop();
    if (!messageId) return;
    const content = `${this.name} meant (${crypto.randomUUID()})`;
    await this.#retryUntilDone(async () => {
      const { editMessage } = await this.#who.ask(EditMessage, { input: { id: messageId, content } });
      if (editMessage.__typename !== 'EditMessagePayload') throw new Error(JSON.stringify(editMessage));
    });
    this.#scene.chronicle.edited.push({ by: this.name, messageId, content });
  }

  async #look(): Promise<void> {
    const messageId = this.#anAnswer();
    await this.#retryUntilDone(() => this.#who.ask(SelectBranch, { input: { messageId } }));
  }

  /** To the end, and now and then only until it is stopped. */
  async #read(runId: string, answerId: string): Promise<void> {
    const watch = new RunWatch(this.#who, runId, this.#scene.chronicle);
    this.#scene.laterRuns.push(watch);
    if (this.#chance() < 0.2) {
      await watch.until(() => watch.text.length > 50 || watch.end !== null, 'some words', 60_000);
      await this.#retryUntilDone(() => this.#who.stops(runId));
    }
    await watch.ended(60_000);
    this.#answers.push(answerId);
  }

  #anAnswer(): string {
    return this.#answers[Math.floor(this.#chance() * this.#answers.length)] ?? '';
  }

  async #retryUntilDone<Result>(act: () => Promise<Result>): Promise<Result> {
    for (let attempts = 1; ; attempts += 1) {
      const impatience = new AbortController();
      try {
        return await Promise.race([act(), tooLate(impatience.signal)]);
      } catch (error) {
        if (attempts === 60) throw new Error(`${this.name} gave up`, { cause: error });
        await delay(100 + Math.random() * 400);
      } finally {
        impatience.abort();
      }
    }
  }
}

async function tooLate(signal: AbortSignal): Promise<never> {
  await delay(PATIENCE_MS, undefined, { signal });
  throw new Error('No answer.');
}
