/** Many answers that are being given at once, each with people who read it, to be looked at after something happened. */
import { type History, type Picture, violationsIn } from '../api/testing/chaos.ts';
import { testCluster } from '../api/testing/use-cluster.ts';
import type { Person } from '../api/testing/person.ts';
import { storedIn } from './stored.ts';
import { Talker } from './talker.ts';
import { ChatWatch, Chronicle, RunWatch } from './witness.ts';

export interface SceneOptions {
  runs: number;
  /** Who asks for each run, and where. */
  asker: (index: number) => Person;
  /** Who reads each run, and where: one through `runEvents` and one through a feed. */
  reader: (index: number) => Person;
  /** How many of both read each run. */
  readers?: number;
  /** How often the model says something to everybody. */
  everyMs?: number;
}

/** A stopped answer too: where its node dies before it has stored the end, another node settles it with the checkpoint's words. */
const trailing = new Set(['INTERRUPTED', 'STOPPED']);

export class Scene implements Disposable {
  readonly talker = new Talker();
  readonly chronicle = new Chronicle();
  readonly runs: RunWatch[] = [];
  readonly chats: ChatWatch[] = [];
  /** Of what was sent later on. */
  readonly laterRuns: RunWatch[] = [];

  /** Resolves when every answer has begun and everybody reads it. */
  static async begin(options: SceneOptions): Promise<Scene> {
    const scene = new Scene();
    testCluster().model.otherwise(scene.talker.answer);
    await Promise.all(Array.from({ length: options.runs }, (_, index) => scene.#ask(index, options)));
    await scene.talker.untilTalking(options.runs);
    scene.talker.talkEvery(options.everyMs ?? 50);
    await scene.allReceive('Here we go. ');
    return scene;
  }

  async #ask(index: number, { asker, reader, readers = 1 }: SceneOptions): Promise<void> {
    const { chat, run } = await this.sends(asker(index), `Question ${index}`);
    for (let place = 0; place < readers; place += 1) {
      const name = `${index}.${place}`;
      this.runs.push(new RunWatch(reader(index + place), run.id, this.chronicle, `reader ${name}`));
      this.chats.push(new ChatWatch(reader(index + place + 1), chat.id, this.chronicle, `feed ${name}`));
    }
  }

  /** Notes what was acknowledged. No two messages are alike. */
  async sends(who: Person, words: string, chatId?: string) {
    const clientId = crypto.randomUUID();
    const content = `${words} (${clientId})`;
    const sent = await who.sends(content, chatId, { clientId });
    const { chat, message, run } = sent;
    const by = who.name;
    this.chronicle.sent.push({ by, chatId: chat.id, clientId, content, messageId: message.id, runId: run.id });
    return sent;
  }

  /** A client begins to read it now. */
  reads(who: Person, runId: string): void {
    this.laterRuns.push(new RunWatch(who, runId, this.chronicle, `later reader of ${runId}`));
  }

  runOf(chatId: string): string {
    return this.chronicle.sent.find((sent) => sent.chatId === chatId)?.runId ?? '';
  }

  /** Resolves when everybody who reads since the beginning has read words that the model says now. */
  async allReceive(words: string, withinMs?: number): Promise<void> {
    const receives = (watch: ChatWatch) => watch.textOf(this.runOf(watch.chatId)).includes(words);
    await Promise.all([
      this.readersReceive(words, withinMs),
      ...this.chats.map((watch) => watch.until(() => receives(watch), words, withinMs)),
    ]);
  }

  /** The same, of those who read one run. A feed has to read from the database what it sends, and may have to connect again. */
  async readersReceive(words: string, withinMs?: number): Promise<void> {
    this.talker.tell(words);
    await Promise.all(this.runs.map((watch) => watch.until(() => watch.text.includes(words), words, withinMs)));
  }

  /** Every answer comes to its end. Resolves when all readers have received it, or another end. */
  async end(withinMs?: number): Promise<void> {
    this.talker.hush();
    this.talker.finish();
    await this.everybodyKnowsTheEnd(withinMs);
  }

  async everybodyKnowsTheEnd(withinMs?: number): Promise<void> {
    await Promise.all([
      ...[...this.runs, ...this.laterRuns].map((watch) => watch.ended(withinMs)),
      ...this.chats.map((watch) => watch.until(() => watch.isAtRest, 'the end', withinMs)),
    ]);
  }

  /** What was sent, and what is stored of it. */
  async history(mayTrail = 0): Promise<History> {
    for (const watch of this.chats) watch.noteEnds();
    const stored = await storedIn(testCluster());
    const chatIds = new Set(this.chronicle.sent.map(({ chatId }) => chatId));
    const isOurs = ({ chatId }: Picture) => chatIds.has(chatId);
    const chats = stored.chats.filter(isOurs);
    const runIds = new Set(chats.flatMap(({ runs }) => runs.map(({ id }) => id)));
    const { sent, edited, readings, feedings } = this.chronicle;
    return {
      sent,
      edited,
      readings,
      feedings,
      pictures: this.chats.map((watch) => watch.picture),
      said: this.talker.said,
      stored: { chats, runs: stored.runs.filter(({ id }) => runIds.has(id)) },
      mayTrail,
      trailing,
    };
  }

  /** Rejects where something that was sent is missing, doubled or different. */
  async isWhole(mayTrail?: number): Promise<History> {
    const history = await this.history(mayTrail);
    const violations = violationsIn(history).map(({ kind, what }) => `${kind}: ${what}`);
    if (violations.length > 0) throw new Error(`${violations.length} violations:\n${violations.join('\n')}`);
    return history;
  }

  [Symbol.dispose](): void {
    this.talker.hush();
    this.talker.finish();
    for (const watch of [...this.runs, ...this.laterRuns, ...this.chats]) watch[Symbol.dispose]();
  }
}
