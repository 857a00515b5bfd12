/** `npm run db:seed`: a few people with chats, to look at the app with. Ann is the administrator; the password is `confab-dev`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { openConfab } from '../api/confab.ts';
import { db } from '../api/database/db.ts';
import { makeHttpHandler } from '../api/http/handler.ts';

const PASSWORD = 'confab-dev';

const people = [
  { name: 'Ann Lee', email: 'ann@example.org', chats: ['Which database for a small team?', 'Plan the release notes'] },
  { name: 'Борис Орлов', email: 'boris@example.org', chats: ['Объясни, что такое GraphQL', 'Идеи для отпуска'] },
];

const confab = await openConfab();
const server = createServer(makeHttpHandler());
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

for (const person of people) {
  if (await db.user.findUnique({ where: { email: person.email } })) {
    console.log(`${person.email} is there already.`);
    continue;
  }
  const cookie = await signUp(person.name, person.email);
  for (const question of person.chats) await ask(cookie, question);
  console.log(`${person.email} has ${person.chats.length} chats; the password is ${PASSWORD}.`);
}

server.closeAllConnections();
server.close();
await confab.close(25_000);

async function signUp(name: string, email: string): Promise<string> {
  const response = await post('/api/auth/sign-up/email', { name, email, password: PASSWORD });
  if (!response.ok) throw new Error(`${email} could not sign up: ${await response.text()}`);
  return response.headers
    .getSetCookie()
    .map((header) => header.split(';', 1)[0])
    .join('; ');
}

async function ask(cookie: string, content: string): Promise<void> {
  const chat = await query<{ createChat: { chat: { id: string } } }>(
    cookie,
    'mutation { createChat(input: {}) { ... on CreateChatPayload { chat { id } } } }',
    {},
  );
  await query(cookie, 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }', {
    input: { chatId: chat.createChat.chat.id, content, clientId: crypto.randomUUID() },
  });
}

async function query<Data>(cookie: string, text: string, variables: object): Promise<Data> {
  const response = await post('/graphql', { query: text, variables }, { cookie });
  const { data, errors } = (await response.json()) as { data: Data; errors?: object[] };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, ...headers },
    body: JSON.stringify(body),
  });
}
