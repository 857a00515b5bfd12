/** Who is to try a mutation, so that it can come to its end. */
import { db } from '../database/db.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { hashOfSecret, makeSecret } from '../tokens/secret.ts';
import type { Person } from './person.ts';
import type { Things } from './samples.ts';
import { ServiceAgent } from './service-agents.ts';

/** Who a mutation works for: its owner, or a service agent, for which an answer is begun where the mutation needs one. Changes `things`. */
export async function performerOf(mutation: string, owner: Person, things: Things): Promise<Person> {
  if (!/^(begin|appendTo|end)Answer$/.test(mutation)) return owner;
  const handle = `robot-${crypto.randomUUID().slice(0, 8)}`;
  const { id: userId } = await db.user.create({
    data: { name: 'Robot', email: `${handle}@example.org`, role: 'AGENT', maxChats: 0 },
  });
  await db.handle.update({ where: { userId }, data: { name: handle } });
  await db.chatMember.create({ data: { chatId: rowId('Chat', things.room), userId } });
  const secret = makeSecret();
  const { id } = await db.apiToken.create({
    data: {
      userId,
      name: 'A token',
      prefix: 'confab_',
      secretHash: hashOfSecret(secret),
      scopes: ['READ_CHATS', 'WRITE_CHATS'],
    },
  });
  const robot = new ServiceAgent({ personId: encodeGlobalId('Person', userId), handle }, { id, secret });
  if (mutation !== 'beginAnswer') things.externalRun = await robot.begins(things.room, things.question);
  return robot;
}
