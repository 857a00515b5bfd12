/** A service agent: mentioned in a room, it tells who has said how much there. `node service-agent.ts`; docs/api/service-agents.md explains it. */
import { createHash } from 'node:crypto';
import { env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-sse';

const url = `${env['CONFAB_URL']}/graphql`;
const headers = { authorization: `Bearer ${env['CONFAB_TOKEN']}`, 'content-type': 'application/json' };
type Person = { id: string; name: string; isAgent: boolean };
type Message = { id: string; seq: number; role: string; author: Person | null; mentions: { person: Person | null }[] };
type Room = { id: string; messages: { nodes: Message[] } };
type Outcome = { run?: { id: string; status: string }; code?: string; reason?: string };
const LOOK = `{ viewer { person { id } } chats(kind: ROOM, onlyUnread: true, first: 20) { nodes { id messages(last: 50) {
  nodes { id seq role author { id name isAgent } mentions { person { id name isAgent } } } } } } }`;

/** Sent again until it is answered: a mutation that comes twice is done once. */
async function ask<Data>(query: string, variables: object = {}): Promise<Data> {
  for (;;) {
    const request = { method: 'POST', headers, body: JSON.stringify({ query, variables }) };
    const response = await fetch(url, request).catch(() => null);
    if (response && response.status < 500 && response.status !== 429) {
      const { data, errors } = (await response.json()) as { data?: Data; errors?: unknown };
      if (errors || !data) throw new Error(JSON.stringify(errors));
      return data;
    }
    await sleep(1_000);
  }
}

async function does(mutation: string, input: object, fields = 'run { id status }'): Promise<Outcome> {
  const type = mutation.replace(/^./, (letter) => letter.toUpperCase());
  const payload = `... on ${type}Payload { ${fields} }`;
  const query = `mutation ($input: ${type}Input!) { it: ${mutation}(input: $input) { ... on Error { code reason } ${payload} } }`;
  return (await ask<{ it: Outcome }>(query, { input })).it;
}

/** Here goes the agent itself: the pieces of its answer, as they come. */
async function* answer({ messages }: Room): AsyncGenerator<string> {
  const names = messages.nodes.flatMap(({ role, author }) => (role === 'USER' && author ? author.name : []));
  for (const name of new Set(names)) {
    await sleep(100);
    yield `- **${name}**: ${names.filter((each) => each === name).length} of the last ${names.length} messages\n`;
  }
}

async function answerTo(question: Message, room: Room): Promise<void> {
  // Made of the question's id, so that a program which died and comes back finds the answer that it had begun.
  const hash = createHash('sha256').update(question.id).digest('hex');
  const clientId = hash.replace(/(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5');
  const { run, reason } = await does('beginAnswer', { chatId: room.id, replyToId: question.id, clientId });
  if (run?.status !== 'RUNNING') return console.log(question.id, reason ?? run?.status);
  let from = 0;
  for await (const text of answer(room)) {
    const { code } = await does('appendToAnswer', { runId: run.id, from, kind: 'TEXT', text });
    if (code) return console.log(question.id, code);
    from += text.length;
  }
  await does('endAnswer', { runId: run.id, length: from, model: 'counting' });
}

async function look(): Promise<void> {
  const { viewer, chats } = await ask<{ viewer: { person: Person }; chats: { nodes: Room[] } }>(LOOK);
  for (const room of chats.nodes) {
    for (const message of room.messages.nodes) {
      const isForMe = message.mentions.some(({ person }) => person?.id === viewer.person.id);
      if (isForMe && message.role === 'USER' && !message.author?.isAgent) await answerTo(message, room);
    }
    await does('markRead', { chatId: room.id, seq: room.messages.nodes.at(-1)?.seq ?? 0 }, 'chat { id }');
  }
}

/** Each event, a Tick too, is a reason to look for what is unread. One comes at once, and then every 15 s at least. */
for (;;) {
  const client = createClient({ url, headers, retryAttempts: 0 });
  const events = client.iterate({ query: 'subscription { feed { __typename } }' });
  const silence = () => sleep(40_000, { done: true }, { ref: false });
  while (!(await Promise.race([events.next().catch(() => null), silence()]))?.done) await look();
  client.dispose();
  await sleep(1_000);
}
