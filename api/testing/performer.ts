/** Who is to try a mutation, so that it can come to its end. */
import { db } from '../database/db.ts';
import type { ApiScope } from '../generated/prisma/client.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { hashOfSecret, makeSecret } from '../tokens/secret.ts';
import type { Person } from './person.ts';
import type { Things } from './samples.ts';
import { ServiceAgent } from './service-agents.ts';

const ofServiceAgents = /^(begin|appendTo|end)Answer$/;

/** Who a mutation works for: its owner, or a service agent, for which an answer is begun where the mutation needs one. Changes `things`. */
export async function performerOf(mutation: string, owner: Person, things: Things): Promise<Person> {
  return (await serviceAgentFor(mutation, things)) ?? owner;
}

interface TokenReach {
  scopes?: readonly ApiScope[];
  /** The only chat that the token reaches. */
  chatId?: string;
}

/** Null where the mutation is one for people. Otherwise a member of `things.room`, with a token that reaches so far. */
export async function serviceAgentFor(
  mutation: string,
  things: Things,
  { scopes = ['READ_CHATS', 'WRITE_CHATS'], chatId }: TokenReach = {},
): Promise<ServiceAgent | null> {
  if (!ofServiceAgents.test(mutation)) return null;
  const handle = `robot-${crypto.randomUUID().slice(0, 8)}`;
  const { id: userId } = await db.user.create({
    data: { name: 'Robot', email: `${handle}@example.org`, role: 'AGENT', maxChats: 0 },
  });
  await db.handle.update({ where: { userId }, data: { name: handle } });
  await db.chatMember.create({ data: { chatId: rowId('Chat', things.room), userId } });
  const made = { personId: encodeGlobalId('Person', userId), handle };
  if (mutation !== 'beginAnswer') {
    const beginner = new ServiceAgent(made, await tokenOf(userId, { scopes: ['WRITE_CHATS'] }));
    things.externalRun = await beginner.begins(things.room, things.question);
  }
  return new ServiceAgent(made, await tokenOf(userId, { scopes, ...(chatId && { chatId }) }));
}

async function tokenOf(userId: string, { scopes = [], chatId }: TokenReach): Promise<{ id: string; secret: string }> {
  const secret = makeSecret();
  const { id } = await db.apiToken.create({
    data: {
      userId,
      name: 'A token',
      prefix: 'confab_',
      secretHash: hashOfSecret(secret),
      scopes: [...scopes],
      chatIds: chatId ? [rowId('Chat', chatId)] : [],
    },
  });
  return { id, secret };
}
