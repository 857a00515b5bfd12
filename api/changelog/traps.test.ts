/** The classic traps of a log of changes, each by name: after each of them the files lead to the rows. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { expectReplay } from '../testing/changelog.ts';
import { useConfab } from '../testing/confab.ts';

const folder = mkdtempSync(join(tmpdir(), 'confab-changelog-'));
useConfab({ changelog: { folder } });

async function addUser(name: string): Promise<string> {
  const { id } = await db.user.create({ data: { name, email: `${crypto.randomUUID()}@example.org` } });
  return id;
}

async function addAgent(): Promise<string> {
  const handle = `agent-${crypto.randomUUID().slice(0, 8)}`;
  const { id } = await db.agent.create({ data: { handle, name: handle, provider: 'ECHO' } });
  return id;
}

/** The entries that the work makes, as `OPERATION table`. */
async function entriesOf(work: () => Promise<unknown>): Promise<string[]> {
  const [last] = await db.$queryRaw<{ seq: number }[]>`SELECT coalesce(max(seq), 0)::float8 AS seq FROM change_entry`;
  await work();
  const entries = await db.$queryRaw<{ entry: string }[]>`
    SELECT operation || ' ' || relation AS entry FROM change_entry WHERE seq > ${last?.seq ?? 0}::bigint ORDER BY seq`;
  return entries.map(({ entry }) => entry);
}

async function cascades(): Promise<void> {
  const [ann, bob, agentId] = [await addUser('ann'), await addUser('bob'), await addAgent()];
  const said = (seq: number) => ({ seq, revision: seq, role: 'USER', authorId: ann }) as const;
  const reactions = (userId: string) => ({ create: { userId, emoji: '🎉' } });
  const chat = await db.chat.create({
    data: {
      createdById: ann,
      agentId,
      members: { create: { userId: ann } },
      messages: { create: { ...said(1), reactions: reactions(ann) } },
    },
    include: { messages: true },
  });
  // An answer goes with what it answers.
  await db.message.create({
    data: {
      chatId: chat.id,
      parentId: chat.messages[0]?.id ?? null,
      seq: 2,
      revision: 2,
      role: 'ASSISTANT',
      agentId,
      reactions: reactions(ann),
    },
  });
  await db.chat.create({
    data: {
      kind: 'ROOM',
      createdById: bob,
      agentId,
      members: { create: [{ userId: bob, role: 'OWNER' }, { userId: ann }] },
      roomAgents: { create: { agentId } },
      messages: { create: { ...said(1), reactions: reactions(bob) } },
    },
  });
  const ofUser = await entriesOf(() => db.user.delete({ where: { id: ann } }));
  expect(ofUser).toEqual(
    expect.arrayContaining(['DELETE user', 'DELETE chat', 'DELETE message', 'DELETE reaction', 'UPDATE message']),
  );
  const ofAgent = await entriesOf(() => db.agent.delete({ where: { id: agentId } }));
  expect(ofAgent).toEqual(expect.arrayContaining(['DELETE agent', 'UPDATE chat', 'DELETE room_agent']));
  expect(await db.reaction.count({ where: { userId: ann } })).toBe(0);
  expect(await db.message.count({ where: { authorId: null, reactions: { some: { userId: bob } } } })).toBe(1);
}

const traps: [string, () => Promise<void>][] = [['cascades three levels deep', cascades]];

test.each(traps)('%s', async (_, work) => {
  await work();
  await expectReplay(folder);
});
