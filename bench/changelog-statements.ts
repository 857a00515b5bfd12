/** What the statements of one message and one answer cost with the change log and without it, on the embedded database. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';

import { ensureBuiltInAgents } from '../api/agents/built-in.ts';
import type { Viewer } from '../api/auth/viewer.ts';
import { captureChanges } from '../api/changelog/capture.ts';
import { db, openDatabase } from '../api/database/db.ts';
import { migrate } from '../api/database/migrate.ts';
import { log } from '../api/log.ts';
import { sendMessage } from '../api/asking/send.ts';
import { nodeId } from '../api/nodes/heartbeat.ts';
import { openProviders, type ProviderSettings } from '../api/providers/providers.ts';
import { settleRun } from '../api/runner/settle.ts';
import { longAnswer } from './long-answers.ts';
import { type Measure, percentile } from './measure.ts';

const noKey = { apiKey: undefined, baseUrl: undefined, silenceMs: 60_000 };
const noModels: Omit<ProviderSettings, 'echo'> = {
  anthropic: { ...noKey, model: 'none' },
  openai: { ...noKey, model: undefined },
};

/** CPU of the statements of `sendMessage` and of a run's end on PGlite, as the server sends them, for texts of three lengths. */
export async function measureStatements(): Promise<Measure[]> {
  log.level = 'silent';
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  const spent = countStatements();
  const database = await openDatabase({ folder });
  await migrate(database.adapter);
  openProviders({ ...noModels, echo: { delayMs: 0 } });
  await ensureBuiltInAgents();
  const user = await db.user.create({ data: { name: 'Ann', email: 'ann@example.org' } });
  const viewer: Viewer = { id: user.id, role: user.role, credential: { kind: 'SESSION', id: '' } };
  const measures: Measure[] = [];
  for (const length of [200, 8_000, 100_000]) {
    const times = {
      send: { on: [] as number[], off: [] as number[] },
      end: { on: [] as number[], off: [] as number[] },
    };
    for (let round = 0; round < 130; round += 1) {
      const key = round % 2 === 0 ? 'on' : 'off';
      await captureChanges(key === 'on');
      // The first one after the switch is not measured.
      for (let turn = 0; turn < 2; turn += 1) {
        const [send, end] = await sendAndEnd(viewer, textOf(length, 2 * round + turn), spent);
        if (turn === 1 && round >= 10) {
          times.send[key].push(send);
          times.end[key].push(end);
        }
      }
      if (key === 'off') await db.$executeRaw`DELETE FROM change_entry`;
    }
    const text = length < 1_000 ? `${length} B` : `${length / 1_000} KB`;
    for (const [what, { on, off }] of Object.entries(times)) {
      const [withLog, without] = [percentile(on, 0.5), percentile(off, 0.5)];
      measures.push({
        what: `Change log: statements of ${what === 'send' ? '`sendMessage`' : 'a run’s end'}, ${text}, CPU on PGlite`,
        result: `× ${(withLog / without).toFixed(2)} (${withLog.toFixed(2)} against ${without.toFixed(2)} ms)`,
        goal: '≤ × 1.4',
        isMet: withLog <= 1.4 * without,
      });
    }
  }
  await database.close();
  await rm(folder, { recursive: true, force: true });
  return measures;
}

/** Another one each time, so that nothing is compressed away. */
const textOf = (length: number, turn: number) =>
  longAnswer(length + 10_000).slice((97 * turn) % 10_000, ((97 * turn) % 10_000) + length);

/** In CPU milliseconds. */
async function sendAndEnd(viewer: Viewer, text: string, spent: () => number): Promise<[send: number, end: number]> {
  const userId = viewer.id;
  const { id: chatId } = await db.chat.create({ data: { createdById: userId, members: { create: { userId } } } });
  spent();
  const { runIds } = await sendMessage(viewer, { chatId, content: text, clientId: crypto.randomUUID() });
  const send = spent();
  const run = await db.run.update({ where: { id: runIds[0] ?? '' }, data: { status: 'RUNNING', nodeId } });
  const usage = { inputTokens: 10, outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0 };
  spent();
  await settleRun(run, nodeId, { status: 'COMPLETED', stopReason: 'END_TURN', parts: [{ kind: 'TEXT', text }], usage });
  return [send, spent()];
}

/** Returns what gives the CPU that PGlite's statements took since it was asked last, in milliseconds: PGlite works in this thread. */
function countStatements(): () => number {
  let spent = 0;
  const work = Object.getOwnPropertyDescriptor(PGlite.prototype, 'execProtocolStream')
    ?.value as typeof PGlite.prototype.execProtocolStream;
  PGlite.prototype.execProtocolStream = async function counted(...message) {
    const before = process.cpuUsage();
    try {
      return await work.apply(this, message);
    } finally {
      const { user, system } = process.cpuUsage(before);
      spent += (user + system) / 1_000;
    }
  };
  return () => {
    const result = spent;
    spent = 0;
    return result;
  };
}
