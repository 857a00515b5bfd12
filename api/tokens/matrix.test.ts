/** Every root field of the schema with every kind of token. Made from the schema: a field that is new is tried by itself, once it has a scope. */
import { getNamedType, type GraphQLField, isLeafType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { disablePerson } from '../accounts/disable.ts';
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { ApiScope } from '../generated/prisma/client.ts';
import { schema } from '../graphql/schema.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { serviceAgentFor } from '../testing/performer.ts';
import { type Person, person, stranger } from '../testing/person.ts';
import { inputType, madeUpThings, soundArguments, soundInput, type Things, thingsOf } from '../testing/samples.ts';
import { type Program, programOf, revoke } from '../testing/tokens.ts';
import { rootNeeds, sentenceOf, typeNeeds } from './scopes.ts';

useConfab({ hasKey: false });

// Many service agents answer in one room.
const { ROOM_RUNS_PER_MINUTE } = env;
Object.assign(env, { ROOM_RUNS_PER_MINUTE: 1_000 });
afterAll(() => void Object.assign(env, { ROOM_RUNS_PER_MINUTE }));

const scopes = Object.values(ApiScope);

const roots = {
  query: schema.getQueryType()?.getFields() ?? {},
  mutation: schema.getMutationType()?.getFields() ?? {},
  subscription: schema.getSubscriptionType()?.getFields() ?? {},
};

const fields = Object.entries(roots).flatMap(([kind, ofKind]) =>
  Object.values(ofKind).map((field) => ({ name: field.name, kind: kind as keyof typeof roots, field })),
);

const ofServiceAgents = fields.filter(({ name }) => /^(begin|appendTo|end)Answer$/.test(name));
const payloadOf = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}Payload`;

let owner: Person;
let things: Things;
let otherChat: string;
/** One for each scope. */
let programs: Map<string, Program>;

beforeAll(async () => {
  // Not the first one, who is the administrator: what only one may do is refused to the owner's tokens too.
  await person('administrator');
  owner = await person('owner');
  const agent = await db.agent.findFirstOrThrow();
  things = await thingsOf(owner, { agent: encodeGlobalId('Agent', agent.id), version: madeUpThings.version });
  otherChat = (await owner.createsChat()).id;
  programs = new Map(
    await Promise.all(scopes.map(async (scope) => [scope, await programOf(owner, { scopes: [scope] })] as const)),
  );
});

interface Outcome {
  status: number;
  /** Of a top-level error. */
  code?: string | undefined;
  scope?: string | undefined;
  /** What the field gave. */
  found?: unknown;
}

/** Asks for one root field and for nothing in it. */
async function tries(who: Person, field: (typeof fields)[number], given: Things): Promise<Outcome> {
  const response = await who.post('/graphql', requestFor(field, given), {
    accept: field.kind === 'subscription' ? 'text/event-stream' : 'application/json',
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) return firstEvent(response);
  return outcomeOf(response.status, await response.text());
}

function requestFor({ name, kind, field }: (typeof fields)[number], given: Things) {
  if (kind === 'mutation') {
    const query = `mutation Try($input: ${inputType(name).name}!) { found: ${name}(input: $input) { __typename ... on Error { code } } }`;
    return { query, variables: { input: inputOf(name, given) } };
  }
  const variables = soundArguments(field.args, name, given);
  const declared = field.args.filter((arg) => arg.name in variables);
  const inList = (list: string[]) => (list.length > 0 ? `(${list.join(', ')})` : '');
  const head = inList(declared.map((arg) => `$${arg.name}: ${String(arg.type)}`));
  const args = inList(declared.map((arg) => `${arg.name}: $${arg.name}`));
  return { query: `${kind} Try${head} { found: ${name}${args} ${selectionOf(field)} }`, variables };
}

/** One place in a chat at a time. */
function inputOf(name: string, given: Things): Record<string, unknown> {
  const input = soundInput(name, given);
  if (name === 'sendMessage')
    return { chatId: input['chatId'], content: input['content'], clientId: input['clientId'] };
  if (name === 'createApiToken') delete input['chatIds'];
  return input;
}

function selectionOf(field: GraphQLField<unknown, unknown>): string {
  return isLeafType(getNamedType(field.type)) ? '' : '{ __typename }';
}

async function firstEvent(response: Response): Promise<Outcome> {
  let text = '';
  // Leaving the loop closes the stream.
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece;
    if (/^data: .*\n/m.test(text) || text.includes('event: complete')) break;
  }
  return outcomeOf(response.status, /^data: (.+)$/m.exec(text)?.[1] ?? '{}');
}

function outcomeOf(status: number, text: string): Outcome {
  const { data, errors } = JSON.parse(text) as {
    data?: { found?: unknown } | null;
    errors?: { extensions?: { code?: string; scope?: string } }[];
  };
  const { code, scope } = errors?.[0]?.extensions ?? {};
  return { status, code, scope, found: data?.found };
}

test('each root field has a scope, and says so', () => {
  const names = fields.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(50);
  const unscoped = names.filter((name) => !(name in rootNeeds));
  expect(unscoped, 'Give them a line in api/tokens/scopes.ts.').toEqual([]);
  for (const { name, field } of fields) {
    const need = rootNeeds[name];
    if (need) expect(field.description).toContain(sentenceOf(need));
  }
});

test('each type that needs a scope is in the schema, with the fields that need none', () => {
  for (const [name, { free }] of Object.entries(typeNeeds)) {
    const type = schema.getType(name);
    expect(type && 'getFields' in type && Object.keys(type.getFields()), name).toEqual(
      expect.arrayContaining([...free]),
    );
  }
});

test.each(fields)('$name without a token', async (field) => {
  const { status, code } = await tries(stranger(), field, things);
  if (rootNeeds[field.name] === 'EVERYBODY') expect(status).toBe(200);
  else expect({ status, code }).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
});

describe('a token with one scope', () => {
  test.each(fields)('asks for $name with its own scope alone', async (field) => {
    const need = rootNeeds[field.name] ?? 'BROWSER';
    for (const [scope, program] of programs) {
      const isEnough = need === 'EVERYBODY' || need === 'ANY_TOKEN' || need === scope;
      // Last, so that what it changes changes nothing for the others.
      if (isEnough) continue;
      const refused = await tries(program, field, things);
      expect(refused, scope).toMatchObject({ status: 403, code: 'FORBIDDEN_SCOPE', found: undefined });
      if (need !== 'BROWSER') expect(refused.scope).toBe(need);
    }
    const program = programs.get(need) ?? programs.get('READ_USAGE');
    if (need === 'BROWSER' || !program) return;
    const { status, code, found } = await tries(program, field, things);
    // To who is no administrator it is not there, which a stream can say by an error alone.
    const isHidden = field.kind === 'subscription' && need === 'ADMIN_AUDIT';
    expect({ status, code }).toEqual({ status: 200, code: isHidden ? 'NOT_FOUND' : undefined });
    if (field.name !== 'node' && !isHidden) expect(found).not.toBeUndefined();
  });

  test.each(ofServiceAgents)('is enough for a service agent’s $name, where it is WRITE_CHATS', async (field) => {
    for (const scope of scopes) {
      const own = { ...things };
      const program = await serviceAgentFor(field.name, own, { scopes: [scope] });
      if (!program) throw new Error(field.name);
      const outcome = await tries(program, field, own);
      const isEnough = scope === 'WRITE_CHATS';
      if (isEnough) expect(outcome.found, scope).toEqual({ __typename: payloadOf(field.name) });
      else expect(outcome, scope).toMatchObject({ status: 403, code: 'FORBIDDEN_SCOPE', scope: 'WRITE_CHATS' });
    }
  });
});

describe('a type behind whatever field', () => {
  const typed = Object.entries(typeNeeds).flatMap(([name, need]) => {
    const type = schema.getType(name);
    const guarded =
      type && 'getFields' in type ? Object.keys(type.getFields()).filter((field) => !need.free.includes(field)) : [];
    return guarded.length > 0 ? [{ name, need, guarded }] : [];
  });

  test.each(typed)('$name is shown to those with one of its scopes alone', async ({ name, need, guarded }) => {
    for (const [scope, program] of programs) {
      for (const field of guarded) {
        const spread = name === 'RunContext' ? '... on Run { id contexts { ...Inner } }' : '... on Node { ...Inner }';
        const query = `fragment Inner on ${name} { ${selected(name, field)} } { node(id: "${things.run}") { id ${spread} } }`;
        const { errors } = (await (await program.post('/graphql', { query })).json()) as {
          errors?: { extensions: { code: string } }[];
        };
        const codes = (errors ?? []).map(({ extensions }) => extensions.code);
        const enough: readonly string[] = need.fields?.[field] ?? need.scopes;
        if (!enough.includes(scope)) expect(codes, `${scope} ${field}`).toEqual(['FORBIDDEN_SCOPE']);
      }
    }
  });

  function selected(typeName: string, fieldName: string): string {
    const type = schema.getType(typeName);
    const field = type && 'getFields' in type ? type.getFields()[fieldName] : undefined;
    if (!field || !('args' in field)) throw new Error(`${typeName}.${fieldName}`);
    const given = Object.entries(soundArguments(field.args, fieldName, things));
    const list = given.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ');
    return `${fieldName}${list && `(${list})`} ${selectionOf(field)}`;
  }

  // By name, since the test above takes the needs from the same table as the server.
  test.each([
    ['Agent', '{ agents { instructions } }'],
    ['RunContext', '{ node(id: "$run") { ... on Run { contexts { content } } } }'],
    ['ContextFile', '{ node(id: "$run") { ... on ContextFile { content } } }'],
    ['ContextVersion', '{ node(id: "$run") { ... on ContextVersion { content } } }'],
  ])('%s has words of contexts, which READ_CHATS does not show', async (_type, template) => {
    const query = template.replace('$run', things.run);
    const readsChats = await (await programs.get('READ_CHATS')?.post('/graphql', { query }))?.json();
    expect(readsChats).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN_SCOPE' } }] });
    const both = await programOf(owner, { scopes: ['READ_CHATS', 'READ_CONTEXTS'] });
    expect(await (await both.post('/graphql', { query })).json()).not.toHaveProperty('errors');
  });

  test('is hidden from a program that writes, which receives the id of what it wrote', async () => {
    const program = await programOf(owner, { scopes: ['WRITE_CHATS'] });
    const send = (selection: string) =>
      program.post('/graphql', {
        query: `mutation Say($input: SendMessageInput!) { sendMessage(input: $input) { ... on SendMessagePayload { message { ${selection} } } } }`,
        variables: { input: { chatId: otherChat, content: 'hello', clientId: crypto.randomUUID() } },
      });
    const count = () => db.message.count({ where: { chatId: rowId('Chat', otherChat), role: 'USER' } });
    const before = await count();
    for (const secret of ['content', 'chat { messages { nodes { id } } }', 'parent { content }'])
      expect((await send(secret)).status, secret).toBe(403);
    expect(await count()).toBe(before);
    expect(await (await send('id seq')).json()).toMatchObject({ data: { sendMessage: { message: { seq: 1 } } } });
  });
});

describe('a token that is bound to another chat', () => {
  let program: Program;

  beforeAll(async () => {
    program = await programOf(owner, { scopes, chatIds: [otherChat] });
  });

  test.each(fields)('finds by $name what it would find if there were no such chat', async (field) => {
    const before = await rowsOf(things);
    const { chat, message, answer, run, room, question, ownRoom, invitation, token } = madeUpThings;
    const elsewhere = { ...things, chat, message, answer, run, room, question, ownRoom, invitation, token };
    const found = await tries(program, field, things);
    expect(await rowsOf(things)).toEqual(before);
    expect(withoutIds(found)).toEqual(withoutIds(await tries(program, field, elsewhere)));
  });

  test.each(ofServiceAgents)('of a service agent: $name finds no answer of its own there', async (field) => {
    const own = { ...things };
    const bound = await serviceAgentFor(field.name, own, { chatId: things.ownRoom });
    if (!bound) throw new Error(field.name);
    const before = await rowsOf(things);
    const { room, question, externalRun } = madeUpThings;
    const found = await tries(bound, field, own);
    expect(await rowsOf(things)).toEqual(before);
    expect(withoutIds(found)).toEqual(withoutIds(await tries(bound, field, { ...own, room, question, externalRun })));
    expect(found).toMatchObject({ found: { code: 'NOT_FOUND' } });
  });

  test('makes no chats', async () => {
    for (const name of ['createChat', 'createRoom']) {
      const field = fields.find((each) => each.name === name);
      if (!field) throw new Error(name);
      expect(await tries(program, field, things)).toMatchObject({ found: { code: 'OUTSIDE_TOKEN' } });
    }
  });
});

test.each(fields)('$name is refused to a token that names another document', async (field) => {
  const program = await namingAnother();
  expect(await tries(program, field, things)).toMatchObject({ status: 403, code: 'DOCUMENT_NOT_ALLOWED' });
});

let naming: Promise<Program> | undefined;

function namingAnother(): Promise<Program> {
  naming ??= programOf(owner, { scopes, documentIds: ['a'.repeat(64)] });
  return naming;
}

/** All that the chats and rooms of the owner are made of, but for the one that the token is bound to. */
async function rowsOf({ chat, room, ownRoom }: Things) {
  const chatIds = [chat, room, ownRoom].map((id) => rowId('Chat', id));
  const where = { chatId: { in: chatIds } };
  const order = { orderBy: { id: 'asc' } } as const;
  return JSON.stringify([
    await db.chat.count(),
    await db.chat.findMany({ where: { id: { in: chatIds } }, ...order }),
    await db.chatMember.findMany({ where, ...order }),
    await db.message.findMany({ where, ...order }),
    await db.invitation.findMany({ where, ...order }),
    await db.run.findMany({ where, ...order }),
    await db.reaction.findMany({ where: { message: where }, ...order }),
    await db.roomAgent.findMany({ where, orderBy: { agentId: 'asc' } }),
  ]);
}

function withoutIds(outcome: Outcome): unknown {
  return JSON.parse(JSON.stringify(outcome).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ''));
}

describe('no field is answered', () => {
  let ended: Record<'expired' | 'revoked' | 'disabled', Program>;

  beforeAll(async () => {
    const gone = await person('gone');
    const [expired, revoked] = [await programOf(owner, { scopes }), await programOf(owner, { scopes })];
    ended = { expired, revoked, disabled: await programOf(gone, { scopes }) };
    const past = { expiresAt: new Date(Date.now() - 1_000) };
    await db.apiToken.update({ where: { id: rowId('ApiToken', expired.tokenId) }, data: past });
    await revoke(owner, revoked);
    const { id } = await db.user.findFirstOrThrow({ where: { role: 'ADMIN' } });
    const { id: goneId } = await db.user.findUniqueOrThrow({ where: { email: gone.email } });
    await disablePerson({ id, role: 'ADMIN', credential: { kind: 'SESSION', id: '' } }, goneId);
  });

  test.each(fields)('of $name, with a token that is over', async (field) => {
    for (const [name, program] of Object.entries(ended))
      expect(await tries(program, field, things), name).toEqual({ status: 401, code: 'INVALID_TOKEN' });
  });
});
