/** A process is killed in the midst of its answers, again and again. */
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { rowId } from '../ids.ts';
import { dataFolder } from '../testing/data-folder.ts';
import { RegenerateAnswer, RunById, Thread } from '../testing/documents.ts';
import { type Answer, type ModelServer, modelServer, says } from '../testing/model-server.ts';
import { onlyAnswer, person, readWhileItLasts, wordsOf } from '../testing/person.ts';
import { type ConfabProcess, type Settings, startProcess } from '../testing/process.ts';
import { useServerAt } from '../testing/server.ts';

let folder: string;
let model: ModelServer;

beforeEach(async () => {
  folder = await dataFolder();
  model = await modelServer();
});

afterEach(async () => {
  await model.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(more: Settings): Promise<ConfabProcess> {
  const confab = await startProcess({ DATA_DIR: folder, ...more });
  useServerAt(confab.url, model);
  return confab;
}

/** What a client was shown, and when. */
interface Shown {
  at: number;
  length: number;
}

/** When the process began to write one, and when it was written. What was shown before its beginning is in it. */
interface Checkpoint {
  begun: number;
  written: number;
  runIds: string[];
}

/** All answers of one death end at the same moment: `DEATHS=50` tries many, by hand. */
const DEATHS = Number(process.env['DEATHS'] ?? 10);
const RUNS = 5;
const TIMEOUT_MS = 60_000 + DEATHS * 90_000;

/**
 * On a machine that stalls, a checkpoint comes late. So what has to be there is asked of the checkpoints that there were, at each death
 * and to the word; and whether they come within a second, of most of them.
 */
test(`answers keep what was shown a second before any of ${DEATHS} deaths`, { timeout: TIMEOUT_MS }, async () => {
  const withModel = {
    ANTHROPIC_API_KEY: 'a key for tests',
    ANTHROPIC_BASE_URL: model.url,
    RUNS_PER_USER: '100',
    LOG_LEVEL: 'debug',
  };
  const said = new Map<string, string>();
  model.otherwise(tells((question, words) => said.set(question, words)));
  let confab = await start(withModel);
  await using _last = { [Symbol.asyncDispose]: async () => void (await confab.kill('SIGKILL')) };
  const ann = await person('ann');
  const chats = await Promise.all(Array.from({ length: RUNS }, () => ann.createsChat()));
  let checked = 0;
  let mostDue = 0;
  /** From what one checkpoint has until the next is written: so old may what was shown be, and be lost. */
  const lags: number[] = [];

  for (let death = 0; death < DEATHS; death += 1) {
    const questions = chats.map((_, number) => `Death ${death}, question ${number}`);
    const runs = await Promise.all(
      chats.map(async ({ id }, number) => {
        const content = questions[number] ?? '';
        const { run, answer } = await ann.sends(content, id);
        const shown: Shown[] = [];
        const note = ({ length }: string) => shown.push({ at: Date.now(), length });
        return {
          content,
          id: run.id,
          answerId: answer.id,
          shown,
          reading: readWhileItLasts(ann.follows(run.id), note),
        };
      }),
    );
    await expect.poll(() => questions.filter((question) => said.has(question)).length, { timeout: 20_000 }).toBe(RUNS);
    const rows = runs.map(({ id }) => rowId('Run', id));
    // The process has answered a Retry before them, too.
    const ofThem = (output: string) =>
      checkpointsIn(output).filter(({ runIds }) => runIds.some((id) => rows.includes(id)));
    // Some of them late: else it may be that nothing has to be there.
    if (death % 3 === 0) await expect.poll(() => ofThem(confab.output()).length).toBeGreaterThan(2);
    else await delay(Math.random() * 2_500);
    const { output } = await confab.kill('SIGKILL');
    const read = await Promise.all(runs.map(({ reading }) => reading));
    const checkpoints = ofThem(output);
    lags.push(...checkpoints.slice(1).map(({ written }, index) => written - (checkpoints[index]?.begun ?? 0)));

    confab = await start(withModel);
    for (const [number, run] of runs.entries()) {
      const { node } = await ann.ask(RunById, { id: run.id });
      if (node?.__typename !== 'Run') throw new Error('The run is gone.');
      expect(node).toMatchObject({ status: 'INTERRUPTED', failure: { code: 'INTERRUPTED', retryable: true } });
      const stored = node.message?.content ?? '';
      const sent = said.get(run.content) ?? '';
      expect(sent.startsWith(stored)).toBe(true);
      expect(sent.startsWith(read[number] ?? '')).toBe(true);
      const last = checkpoints.findLast(({ runIds }) => runIds.includes(rows[number] ?? ''));
      const due = run.shown.findLast(({ at }) => last && at < last.begun)?.length ?? 0;
      mostDue = Math.max(mostDue, due);
      expect(stored.length, `of ${read[number]?.length} shown`).toBeGreaterThanOrEqual(due);
      const { chat } = await ann.ask(Thread, { chatId: chats[number]?.id ?? '', last: 2 });
      expect(chat?.messages.edges[0]?.node.content).toBe(run.content);
      checked += 1;
    }

    model.next(says('Whole.'));
    const retry = { messageId: runs[0]?.answerId ?? '', clientId: crypto.randomUUID() };
    const { regenerateAnswer } = await ann.ask(RegenerateAnswer, { input: retry });
    if (regenerateAnswer.__typename !== 'RegenerateAnswerPayload') throw new Error(regenerateAnswer.__typename);
    expect(wordsOf(await Array.fromAsync(ann.follows(onlyAnswer(regenerateAnswer).run.id)))).toBe('Whole.');
  }
  expect(checked).toBe(DEATHS * RUNS);
  expect(mostDue).toBeGreaterThan(0);
  expect(lags.length).toBeGreaterThanOrEqual(DEATHS / 2);
  expect(lags.sort((one, other) => one - other)[Math.floor(lags.length / 2)]).toBeLessThanOrEqual(1_000);
});

test('a process keeps every message that it answered for, whenever it dies', { timeout: 120_000 }, async () => {
  let confab = await start({ ECHO_DELAY_MS: '1' });
  await using _last = { [Symbol.asyncDispose]: async () => void (await confab.kill('SIGKILL')) };
  const ann = await person('ann');
  const chat = await ann.createsChat();
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    // What the last process had queued and not begun, this one answers first.
    await ann.waitsForAnswers(chat.id);
    const sending = (async () => {
      for (let number = 0; ; number += 1) {
        const content = `Round ${round}, message ${number}`;
        await ann.asks(content, chat.id);
        acknowledged.push(content);
      }
    })().catch(() => undefined);
    await expect
      .poll(() => acknowledged.filter((content) => content.startsWith(`Round ${round}`)).length, { timeout: 45_000 })
      .toBeGreaterThan(round);
    await confab.kill('SIGKILL');
    await sending;
    confab = await start({ ECHO_DELAY_MS: '1' });
  }
  const { chat: seen } = await ann.ask(Thread, { chatId: chat.id, last: 100 });
  const contents = seen?.messages.edges.map(({ node }) => node.content) ?? [];
  expect(acknowledged.length).toBeGreaterThanOrEqual(6);
  for (const content of acknowledged) expect(contents.filter((found) => found === content)).toHaveLength(1);
});

/** Which a process writes to its log. */
function checkpointsIn(output: string): Checkpoint[] {
  const lines = output.split('\n').filter((line) => line.endsWith('"msg":"Checkpoint written"}'));
  return lines.map((line) => {
    const { time, tookMs, runIds } = JSON.parse(line) as { time: string; tookMs: number; runIds: string[] };
    const written = Date.parse(time);
    return { begun: written - tookMs, written, runIds };
  });
}

/** A word every few milliseconds, and never an end; it reports what it has said to which question. */
function tells(tell: (question: string, words: string) => void): Answer {
  return async (wire, { body }) => {
    const question = body.messages.at(-1)?.content.at(-1)?.text ?? '';
    const gone = new AbortController();
    void wire.gone.then(() => gone.abort());
    wire.send(wire.speech.begin());
    for (let words = '', number = 0; !gone.signal.aborted; number += 1) {
      const word = `${number} `;
      words += word;
      // Reported first: what is not reported was not said.
      tell(question, words);
      wire.say(word);
      await delay(10);
    }
  };
}
