import { db } from '../database/db.ts';
import { encodeGlobalId } from '../ids.ts';
import { testServer } from './confab.ts';
import { chanceFrom } from './chance.ts';
import { ChanceDocuments, weigh, type Weighed } from './documents-by-chance.ts';
import { says, thinks } from './model-server.ts';
import { type Person, person } from './person.ts';
import { asks, does } from './plain-requests.ts';
import { roomWith, says as saysInRoom } from './rooms.ts';
import { type Things, thingsOf } from './samples.ts';

const AT_ONCE = 20;

/** Of so many documents: how many were answered, which types came in the answers, and those that were charged less than they gave. */
export async function costsByChance(documents: number, seed: number): Promise<ChanceCosts> {
  const ann = await person('ann');
  const { things, nodes } = await full(ann);
  const chance = new ChanceDocuments(chanceFrom(seed), things, nodes);
  const costs: ChanceCosts = { count: 0, types: new Set(), cheap: [] };
  for (let asked = 0; asked < documents; asked += AT_ONCE) {
    const weighed = await Promise.all(Array.from({ length: AT_ONCE }, () => weigh(ann, chance.next())));
    for (const each of weighed) {
      if (!each) continue;
      costs.count += 1;
      for (const type of each.types) costs.types.add(type);
      if (each.actual > each.requested) costs.cheap.push(each);
    }
  }
  return costs;
}

export interface ChanceCosts {
  count: number;
  types: Set<string>;
  cheap: Weighed[];
}

/** A person with chats and rooms in which there is something of everything, and the ids of all nodes of theirs. */
async function full(ann: Person): Promise<{ things: Things; nodes: string[] }> {
  const agent = await db.agent.findFirstOrThrow();
  testServer().model.otherwise(says('Yes.'));
  await does(ann, 'updatePersonalContext', { content: 'I am Ann.', expectedVersion: 0 });
  const { viewer, personalContext, primaryContext } = await asks<{
    viewer: { id: string };
    personalContext: { id: string; versions: { nodes: { id: string }[] } };
    primaryContext: { id: string };
  }>(ann, '{ viewer { id } personalContext { id versions { nodes { id } } } primaryContext { id } }', {});
  const version = personalContext.versions.nodes[0]?.id ?? '';
  const things = await thingsOf(ann, { agent: encodeGlobalId('Agent', agent.id), version });
  testServer().model.next(thinks('Let me see.', 'Here it is.'), says('And more.'));
  for (const words of ['What is it?', 'And more?']) await ann.asks(words, things.chat);
  const ben = await person('ben');
  const room = await roomWith(ann, ben);
  for (const words of ['Hello @ben', 'And again']) await saysInRoom(ann, room, words);
  const { token: _, externalRun: __, ...ids } = things;
  return { things, nodes: [viewer.id, personalContext.id, primaryContext.id, room, ...Object.values(ids)] };
}
