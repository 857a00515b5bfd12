/** What nodes do for each other's runs. The other nodes are rows here; `api/nodes/processes.test.ts` has real ones. */
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';

// A node counts as dead after four of these: a second.
vi.hoisted(() => (process.env['NODE_BEAT_MS'] = '250'));

import { db } from '../database/db.ts';
import { bus } from '../bus/bus.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { log } from '../log.ts';
import { canDeclareOthersDead, nodeId } from '../nodes/heartbeat.ts';
import { rowId } from '../ids.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { DeleteChat, RunById } from '../testing/documents.ts';
import { says } from '../testing/model-server.ts';
import { type Person, person, readUntil, wordsOf } from '../testing/person.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { settleRunsOfTheDead } from './recover.ts';

useConfab();

let ann: Person;
beforeEach(async () => {
  ann = await person('ann');
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const node of others.splice(0)) node.fallsSilent();
});

const StopRun = graphql(`
  mutation StopRunWithoutHint($input: StopRunInput!) {
    stopRun(input: $input) {
      __typename
      ... on StopRunPayload {
        run {
          status
          message {
            content
          }
        }
      }
    }
  }
`);

/** That is as if it had never ended: the last step, since from then on sweeps see it. */
async function unendedRun(data: Prisma.RunUncheckedUpdateInput, checkpoint = ''): Promise<UnendedRun> {
  testServer().model.next(says('To be forgotten.'));
  const { run, chat } = await ann.asks('What did the dead one say?');
  const row = rowId('Run', run.id);
  await db.message.updateMany({ where: { run: { id: row } }, data: { content: '', parts: [] } });
  if (checkpoint) {
    const half = Math.floor(checkpoint.length / 2);
    const piece = { runId: row, part: 0, kind: 'TEXT' };
    await db.runCheckpoint.createMany({
      data: [
        { ...piece, from: half, text: checkpoint.slice(half) },
        { ...piece, from: 0, text: checkpoint.slice(0, half) },
      ],
    });
  }
  await db.run.update({ where: { id: row }, data: { endedAt: null, stopReason: null, ...data } });
  return { id: run.id, row, chatRow: rowId('Chat', chat.id) };
}

interface UnendedRun {
  id: string;
  row: string;
  chatRow: string;
}

function runningOn(node: string, checkpoint?: string): Promise<UnendedRun> {
  return unendedRun({ status: 'RUNNING', nodeId: node }, checkpoint);
}

/** A row that is kept fresh, until it falls silent. */
async function otherNode() {
  const id = crypto.randomUUID();
  const beat = () => db.$executeRaw`
    INSERT INTO node (id, seen_at) VALUES (${id}::uuid, now()) ON CONFLICT (id) DO UPDATE SET seen_at = now()`;
  let beating: NodeJS.Timeout | undefined;
  const node = {
    id,
    async lives() {
      await beat();
      beating = setInterval(() => void beat().catch(() => undefined), 100);
    },
    fallsSilent() {
      clearInterval(beating);
    },
  };
  await node.lives();
  others.push(node);
  return node;
}

const others: { fallsSilent(): void }[] = [];

async function statusOf(row: string): Promise<string> {
  return (await db.run.findUniqueOrThrow({ where: { id: row } })).status;
}

describe('runs of other nodes', () => {
  test('those of a silent node are settled once, with the text of the checkpoint, and its row goes', async () => {
    const node = await otherNode();
    const { id, row, chatRow } = await runningOn(node.id, 'So far, so good');
    await expect.poll(canDeclareOthersDead).toBe(true);
    await settleRunsOfTheDead();
    expect(await statusOf(row)).toBe('RUNNING');
    const { revision } = await db.chat.findUniqueOrThrow({ where: { id: chatRow } });
    node.fallsSilent();
    await expect
      .poll(async () => {
        await Promise.all([settleRunsOfTheDead(), settleRunsOfTheDead(), settleRunsOfTheDead()]);
        return statusOf(row);
      })
      .toBe('INTERRUPTED');

    expect(await ann.ask(RunById, { id })).toMatchObject({
      node: {
        status: 'INTERRUPTED',
        failure: { code: 'INTERRUPTED', retryable: true },
        message: { content: 'So far, so good' },
      },
    });
    expect((await db.chat.findUniqueOrThrow({ where: { id: chatRow } })).revision).toBe(revision + 1);
    expect(await db.runCheckpoint.count({ where: { runId: row } })).toBe(0);
    await expect
      .poll(async () => {
        await settleRunsOfTheDead();
        return db.node.count({ where: { id: node.id } });
      })
      .toBe(0);
  });

  test('those of a living node are left alone, and those of one without a row are not', async () => {
    const node = await otherNode();
    const { row: itsRun } = await runningOn(node.id);
    const { row: nobodys } = await runningOn(crypto.randomUUID());
    await expect.poll(canDeclareOthersDead).toBe(true);
    await settleRunsOfTheDead();
    expect([await statusOf(itsRun), await statusOf(nobodys)]).toEqual(['RUNNING', 'INTERRUPTED']);
  });

  test('one whose stop was asked for when its node was dead already is stopped, and keeps its words', async () => {
    const { id, row } = await unendedRun(
      { status: 'RUNNING', nodeId: crypto.randomUUID(), stopRequestedAt: new Date() },
      'So far',
    );
    await expect.poll(() => statusOf(row)).toBe('STOPPED');
    expect(await ann.ask(RunById, { id })).toMatchObject({ node: { failure: null, message: { content: 'So far' } } });
  });

  test('a run that cannot be settled is tried again, and blocks neither other runs nor the deletion of dead nodes’ rows', async () => {
    const error = vi.spyOn(log, 'error');
    const dead = await otherNode();
    await expect.poll(canDeclareOthersDead).toBe(true);
    // A failure that can pass: others are stored as the end of their run (settle.test.ts).
    await db.$executeRawUnsafe(`
      CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.content = 'Trouble' THEN RAISE EXCEPTION 'trouble' USING ERRCODE = '55P03'; END IF;
        RETURN NEW;
      END $$`);
    await db.$executeRawUnsafe(
      'CREATE TRIGGER trouble BEFORE UPDATE ON message FOR EACH ROW EXECUTE FUNCTION trouble()',
    );
    const bad = await runningOn(crypto.randomUUID(), 'Trouble');
    await expect
      .poll(() => error.mock.calls)
      .toContainEqual([expect.objectContaining({ runId: bad.row }), expect.anything()]);
    dead.fallsSilent();
    const good = await runningOn(crypto.randomUUID(), 'Good');
    await expect.poll(() => statusOf(good.row)).toBe('INTERRUPTED');
    await expect.poll(() => db.node.count({ where: { id: dead.id } })).toBe(0);
    expect(await statusOf(bad.row)).toBe('RUNNING');
    await db.$executeRawUnsafe('DROP TRIGGER trouble ON message');
    await expect.poll(() => statusOf(bad.row)).toBe('INTERRUPTED');
  });

  test('after an outage, living nodes have time for a heartbeat before any run is settled', async () => {
    const [living, dead] = [await otherNode(), await otherNode()];
    const { row: ofLiving } = await runningOn(living.id);
    const { row: ofDead } = await runningOn(dead.id);
    await expect.poll(canDeclareOthersDead).toBe(true);

    // As if the database were unavailable: no heartbeat can be written, for longer than the limit.
    for (const node of [living, dead]) node.fallsSilent();
    await db.$executeRaw`ALTER TABLE node RENAME TO node_away`;
    await expect
      .poll(
        () =>
          db.$queryRaw`SELECT FROM node_away WHERE id = ${nodeId}::uuid AND seen_at < now() - interval '1.5 second'`,
      )
      .toHaveLength(1);
    await db.$executeRaw`ALTER TABLE node_away RENAME TO node`;
    await expect
      .poll(() => db.$queryRaw`SELECT FROM node WHERE id = ${nodeId}::uuid AND seen_at > now() - interval '1 second'`, {
        interval: 5,
      })
      .toHaveLength(1);

    expect(canDeclareOthersDead()).toBe(false);
    await settleRunsOfTheDead();
    expect([await statusOf(ofLiving), await statusOf(ofDead)]).toEqual(['RUNNING', 'RUNNING']);
    await living.lives();
    await expect
      .poll(async () => {
        await settleRunsOfTheDead();
        return statusOf(ofDead);
      })
      .toBe('INTERRUPTED');
    expect(await statusOf(ofLiving)).toBe('RUNNING');
  });

  test('an owner that lost its run stops, writes nothing, and its readers receive the stored end', async () => {
    const held = testServer().model.hold();
    const { run, chat } = await ann.sends('Will you be paused?');
    const watching = ann.follows(run.id);
    held.begin().write('Half of it, ');
    await readUntil(watching, 'Half of it, ');
    // As another node does it, without a hint to this one.
    const row = rowId('Run', run.id);
    const error = { code: 'INTERRUPTED', reason: 'It was away.', retryable: true };
    const { messageId } = await db.run.update({
      where: { id: row },
      data: { status: 'INTERRUPTED', endedAt: new Date(), error },
    });
    await db.message.update({ where: { id: messageId ?? '' }, data: { content: 'Half' } });
    await db.runCheckpoint.deleteMany({ where: { runId: row } });
    const before = await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', chat.id) } });
    held.write('which nobody will keep.');

    await held.gone;
    const events = await Array.fromAsync(watching);
    expect(events.at(-1)).toMatchObject({
      __typename: 'RunError',
      code: 'INTERRUPTED',
      reason: 'It was away.',
      message: { content: 'Half' },
    });
    const after = await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', chat.id) } });
    expect([after.revision, after.updatedAt]).toEqual([before.revision, before.updatedAt]);
    expect(await db.runCheckpoint.count({ where: { runId: row } })).toBe(0);
  });

  test('a run of this node that is not performed is settled: its claim was committed without our learning of it', async () => {
    const { row } = await runningOn(nodeId);
    await expect.poll(() => statusOf(row)).toBe('INTERRUPTED');
  });
});

describe('runs that wait', () => {
  /** Since an hour from now, so that no node claims it yet. */
  function waiting(): Promise<UnendedRun> {
    const createdAt = new Date(Date.now() + 3_600_000);
    return unendedRun({ status: 'QUEUED', nodeId: null, startedAt: null, createdAt });
  }

  test('another node claims a queued run that its own node did not', async () => {
    const fresh = await waiting();
    const forgotten = await waiting();
    testServer().model.next(says('Better late.'));
    await db.run.update({ where: { id: forgotten.row }, data: { createdAt: new Date(Date.now() - 60_000) } });
    expect(wordsOf(await Array.fromAsync(ann.follows(forgotten.id)))).toBe('Better late.');
    expect(await statusOf(fresh.row)).toBe('QUEUED');
    await db.run.update({ where: { id: fresh.row }, data: { status: 'STOPPED', endedAt: new Date() } });
  });

  test('have waited since the moment in which the database took the question', async () => {
    const held = testServer().model.hold();
    const { run, chat } = await ann.sends('Since when?');
    await held.arrived;
    const { createdAt } = await db.run.findUniqueOrThrow({ where: { id: rowId('Run', run.id) } });
    const { lastMessageAt } = await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', chat.id) } });
    expect(createdAt).toEqual(lastMessageAt);
    held.begin().end();
    await Array.fromAsync(ann.follows(run.id));
  });

  test('in a chat that is deleted are stopped, and no model is asked', async () => {
    const run = await waiting();
    await db.chat.update({ where: { id: run.chatRow }, data: { deletedAt: new Date() } });
    const before = testServer().model.calls.length;
    await db.run.update({ where: { id: run.row }, data: { createdAt: new Date(Date.now() - 60_000) } });
    await expect.poll(() => statusOf(run.row)).toBe('STOPPED');
    expect(testServer().model.calls.length).toBe(before);
  });
});

describe('a stop does not depend on its hint', () => {
  function loseStopHints(): void {
    const publish = bus.publish.bind(bus) as (...hint: unknown[]) => void;
    vi.spyOn(bus, 'publish').mockImplementation((...hint: unknown[]) => {
      if (hint[0] !== 'runStopRequested') publish(...hint);
    });
  }

  test('by a person', async () => {
    loseStopHints();
    const held = testServer().model.hold();
    const { run } = await ann.sends('Stop in time.');
    const watching = ann.follows(run.id);
    held.begin().write('In ');
    await readUntil(watching, 'In ');
    expect((await ann.ask(StopRun, { input: { id: run.id } })).stopRun).toMatchObject({
      run: { status: 'STOPPED', message: { content: 'In ' } },
    });
    await held.gone;
  });

  test('by deleting the chat', async () => {
    loseStopHints();
    const held = testServer().model.hold();
    const { run, chat } = await ann.sends('Useless.');
    await held.arrived;
    await ann.ask(DeleteChat, { id: chat.id });
    await held.gone;
    expect((await Array.fromAsync(ann.follows(run.id))).at(-1)).toMatchObject({ run: { status: 'STOPPED' } });
  });
});

// The embedded database has this process's clock.
describe.skipIf(!('url' in inject('image')))('a node whose clock is an hour ahead', () => {
  afterEach(() => void vi.useRealTimers());

  test('gives a chat the place in the list that any other node would', async () => {
    const { id } = await ann.createsChat();
    testServer().model.next(says('Too early.'));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    const { run } = await ann.sends('What time is it?', id);
    const placed = () =>
      db.$queryRaw`SELECT last_message_at <= now() AS "isPast" FROM chat WHERE id = ${rowId('Chat', id)}::uuid`;
    expect(await placed()).toEqual([{ isPast: true }]);
    await Array.fromAsync(ann.follows(run.id));
    expect(await placed()).toEqual([{ isPast: true }]);
  });
});

describe.skipIf(!('url' in inject('image')))('a checkpoint that meets the end', () => {
  test('waits for it, and leaves nothing behind', async () => {
    const held = testServer().model.hold();
    const { run } = await ann.sends('Whatever comes last.');
    const row = rowId('Run', run.id);
    await held.arrived;
    await db.$transaction(
      async (tx) => {
        // As an end does it that has come half-way.
        const endedAt = new Date();
        const { messageId } = await tx.run.update({ where: { id: row }, data: { status: 'STOPPED', endedAt } });
        await tx.message.update({ where: { id: messageId ?? '' }, data: { content: 'The end.' } });
        await tx.runCheckpoint.deleteMany({ where: { runId: row } });
        held.begin().write('The end, and a word more.');
        await expect
          .poll(
            () => db.$queryRaw`
              SELECT FROM pg_stat_activity WHERE datname = current_database()
              AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO run_checkpoint%'`,
          )
          .toHaveLength(1);
      },
      { timeout: 15_000 },
    );
    await held.gone;
    await Array.fromAsync(ann.follows(run.id));
    expect(await db.runCheckpoint.count({ where: { runId: row } })).toBe(0);
  });
});
