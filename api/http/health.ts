/** `/ready`: whether the database and Redis answer. */
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { db } from '../database/db.ts';
import { log } from '../log.ts';
import { checkRedis } from '../redis/connections.ts';
import { sendJson } from './send-json.ts';

const READY_WITHIN_MS = 3_000;

export async function answerReadiness(response: ServerResponse): Promise<void> {
  const isReady =
    (await answers(response, 'The database', () => db.$queryRaw`SELECT 1`)) &&
    (await answers(response, 'Redis', checkRedis));
  if (isReady) sendJson(response, 200, { status: 'ready' });
}

/** Sends the 503 itself where it resolves to false. */
async function answers(response: ServerResponse, who: string, ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await Promise.race([ask(), tooLate(who)]);
    return true;
  } catch (error) {
    log.warn({ error }, `Not ready: ${who} does not answer`);
    sendJson(response, 503, { status: 'not ready', reason: `${who} does not answer.` });
    return false;
  }
}

/** A server that is paused, or behind a network that is cut, sends no refusal. */
async function tooLate(who: string): Promise<never> {
  await delay(READY_WITHIN_MS, undefined, { ref: false });
  throw new Error(`${who} did not answer within ${READY_WITHIN_MS} ms.`);
}
