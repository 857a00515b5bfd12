import { db } from '../database/db.ts';
import { encodeGlobalId } from '../ids.ts';
import { testServer } from './confab.ts';
import { chanceFrom } from './chance.ts';
import { ChanceDocuments, weigh, type Weighed } from './documents-by-chance.ts';
import { says, thinks } from './model-server.ts';
import { type Person, person } from './person.ts';
import { roomWith, says as saysInRoom } from './rooms.ts';
import { thingsOf } from './samples.ts';

const AT_ONCE = 20;

/** Of so many documents: how many were answered, and those that were charged less than they gave. */
export async function costsByChance(documents: number, seed: number): Promise<{ count: number; cheap: Weighed[] }> {
  const ann = await person('ann');
  const { things } = await full(ann);
  const chance = new ChanceDocuments(chanceFrom(seed), things);
  const cheap: Weighed[] = [];
  let count = 0;
  for (let asked = 0; asked < documents; asked += AT_ONCE) {
    const weighed = await Promise.all(Array.from({ length: AT_ONCE }, () => weigh(ann, chance.next())));
    for (const each of weighed) {
      if (!each) continue;
      count += 1;
      if (each.actual > each.requested) cheap.push(each);
    }
  }
  return { count, cheap };
}

/** A person with chats and rooms in which there is something of everything. */
async function full(ann: Person) {
  const agent = await db.agent.findFirstOrThrow();
  testServer().model.otherwise(says('Yes.'));
  const things = await thingsOf(ann, { agent: encodeGlobalId('Agent', agent.id), version: '' });
  testServer().model.next(thinks('Let me see.', 'Here it is.'), says('And more.'));
  for (const words of ['What is it?', 'And more?']) await ann.asks(words, things.chat);
  const ben = await person('ben');
  const room = await roomWith(ann, ben);
  for (const words of ['Hello @ben', 'And again']) await saysInRoom(ann, room, words);
  return { things };
}
