/** A service agent: mentioned in a room, it tells who has said how much there. `node service-agent.ts`; docs/api/service-agents.md explains it. */
import { hash } from 'node:crypto';
import { env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-sse';
const url = `${env['CONFAB_URL']}/graphql`;
const headers = { authorization: `Bearer ${env['CONFAB_TOKEN']}`, 'content-type': 'application/json' };
type Person = { id: string; name: string; isAgent: boolean };
type Message = { id: string; seq: number; role: string; author: Person | null; mentions: { person: Person | null }[] };
type Room = { id: string; messages: { nodes: Message[] } };
const LOOK = `{ viewer { person { id } } chats(kind: ROOM, onlyUnread: true, first: 10) { nodes { id messages(last: 100) {
  nodes { id seq role author { id name isAgent } mentions { person { id name isAgent } } } } } } }`;
const RUN = '... on BeginAnswerPayload { run { id status } }';

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

async function does(mutation: string, input: object, more = '') {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
  const query = `mutation ($input: ${type}) { it: ${mutation}(input: $input) { __typename ... on Error { code } ${more} } }`;
  return (await ask<{ it: { run?: { id: string; status: string }; code?: string } }>(query, { input })).it;
}

/** Here goes the agent itself: the pieces of its answer, as they come. The same ones again where it is asked again. */
async function* answer(question: Message, { messages }: Room): AsyncGenerator<string> {
  const asked = messages.nodes.filter(({ role, seq }) => role === 'USER' && seq <= question.seq);
  const names = asked.map(({ author }) => author?.name ?? 'somebody');
  for (const name of new Set(names)) {
    await sleep(100);
    yield `- **${name}**: ${names.filter((each) => each === name).length} of the last ${names.length} messages\n`;
  }
}

async function isAnswered(question: Message, room: Room): Promise<boolean> {
  // Made of the question's id, so that a program which died and comes back finds the answer that it had begun.
  const clientId = hash('sha256', question.id).replace(/(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5');
  const { run, code } = await does('beginAnswer', { chatId: room.id, replyToId: question.id, clientId }, RUN);
  if (run?.status !== 'RUNNING') return code !== 'ROOM_RUN_LIMIT' && code !== 'RUN_IN_PROGRESS';
  let from = 0;
  for await (const text of answer(question, room)) {
    const words = await does('appendToAnswer', { runId: run.id, from, kind: 'TEXT', text });
    if (words.code) return words.code === 'ANSWER_ENDED';
    from += text.length;
  }
  return !(await does('endAnswer', { runId: run.id, length: from, model: 'counting' })).code;
}

async function look(): Promise<void> {
  const { viewer, chats } = await ask<{ viewer: { person: Person }; chats: { nodes: Room[] } }>(LOOK);
  const isForMe = ({ role, author, mentions }: Message) =>
    role === 'USER' && !author?.isAgent && mentions.some(({ person }) => person?.id === viewer.person.id);
  for (const room of chats.nodes) {
    let seq = 0;
    for (const message of room.messages.nodes) {
      if (isForMe(message) && !(await isAnswered(message, room))) break;
      seq = message.seq;
    }
    await does('markRead', { chatId: room.id, seq });
  }
}

/** Each event, a Tick too, is a reason to look for what is unread. One comes at once, and then every 15 s at least. */
for (;;) {
  const client = createClient({ url, headers, retryAttempts: 0 });
  const events = client.iterate({ query: 'subscription { feed { __typename } }' });
  while (!((await Promise.race([events.next().catch(() => null), sleep(40_000)])) ?? { done: true }).done) await look();
  client.dispose();
  await sleep(1_000);
}
