/** The law: whatever is put in, what comes back is an answer that says what is wrong, and never a fault of ours. */
import {
  getNamedType,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isRequiredInputField,
} from 'graphql';
import { beforeAll, expect, test } from 'vitest';

import { graphql } from '../generated/graphql/gql.ts';
import { schema } from './schema.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { CreateAgent } from '../testing/documents.ts';
import { stopsAt } from '../testing/model-server.ts';
import { type Person, person } from '../testing/person.ts';
import { performerOf } from '../testing/performer.ts';
import {
  inputType,
  madeUpThings,
  mutationDocument,
  mutationNames,
  soundArguments,
  soundInput,
  type Things,
  thingsOf,
} from '../testing/samples.ts';

const WriteSomething = graphql(`
  mutation WriteSomething($content: String!, $expectedVersion: Int!) {
    updatePersonalContext(input: { content: $content, expectedVersion: $expectedVersion }) {
      ... on UpdatePersonalContextPayload {
        contextFile {
          version
          versions(first: 1) {
            nodes {
              id
            }
          }
        }
      }
    }
  }
`);

useConfab();

let ada: Person;
let version: string;

beforeAll(async () => {
  // Cut, so that it can be continued too.
  testServer().model.otherwise(stopsAt('max_tokens', 'An answer.'));
  // The first account is the administrator's: every verb is hers to try.
  ada = await person('ada');
  const { updatePersonalContext } = await ada.ask(WriteSomething, { content: 'first', expectedVersion: 0 });
  const file = 'contextFile' in updatePersonalContext ? updatePersonalContext.contextFile : undefined;
  version = file?.versions.nodes[0]?.id ?? '';
});

test.each(mutationNames())('%s', async (name) => {
  const things = await thingsOf(ada, { agent: await newAgent(), version });
  const by = await performerOf(name, ada, things);
  const sound = soundInput(name, things);
  if ('expectedVersion' in sound && name !== 'updatePrimaryContext') sound['expectedVersion'] = 1;
  const first = await attempt(mutationDocument(name), { input: sound }, { by });
  // Else nothing below would reach what it is to try.
  expect(first.answer).toMatchObject({ data: { [name]: { __typename: expect.stringMatching(/Payload$/) as string } } });

  const inputs = [
    undefined,
    null,
    [],
    'text',
    {},
    { ...sound, unheardOf: 1 },
    ...Object.values(inputType(name).getFields()).flatMap((field) =>
      badValues(field.type).map((value) => ({ ...fresh(sound), [field.name]: value })),
    ),
  ];
  const faults: string[] = [];
  for (const input of inputs) {
    const { isFault, text } = await attempt(mutationDocument(name), { input }, { by });
    if (isFault) faults.push(`${shown(input)} → ${text}`);
  }
  expect(faults).toEqual([]);
});

const placesWithArguments = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type) && type.name !== 'Mutation' && !type.name.startsWith('__'))
  .flatMap((type) =>
    isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ type: type.name, field })) : [],
  )
  .filter(({ field }) => field.args.length > 0)
  .map(({ type, field }) => ({ place: `${type}.${field.name}`, type, field }));

test.each(placesWithArguments)('$place', async ({ type, field }) => {
  const things = await thingsOf(ada, { agent: await newAgent(), version });
  const { args } = field;
  const sound = soundArguments(args, field.name, things);
  // A feed that watches nothing would send only ticks.
  if (field.name === 'feed') sound['chats'] = [{ id: madeUpThings.chat, after: 0 }];
  const { query, headers = {} } = reach(type, field, things);
  const first = await attempt(query, sound, { headers });
  expect(first.answer).not.toHaveProperty('errors');

  const faults: string[] = [];
  for (const variables of args.flatMap((arg) =>
    badValues(arg.type).map((value) => ({ ...sound, [arg.name]: value })),
  )) {
    const { isFault, text } = await attempt(query, variables, { headers });
    if (isFault) faults.push(`${shown(variables)} → ${text}`);
  }
  expect(faults).toEqual([]);
});

const account = { name: 'Bob', email: 'bob@example.org', password: 'a password' };

test.each([
  ['sign-up/email', account],
  ['sign-in/email', account],
  ['update-user', { name: 'Bob', image: null }],
  ['change-password', { currentPassword: 'not it', newPassword: 'another one', revokeOtherSessions: true }],
  ['revoke-session', { token: 'none' }],
  ['revoke-other-sessions', {}],
  ['sign-out', {}],
  ['no-such-thing', {}],
])('/api/auth/%s', async (path, sound) => {
  const bob = await person('bob');
  const bodies = [
    '',
    '{',
    'null',
    '5',
    '[]',
    '{}',
    ...Object.keys(sound).flatMap((key) => fewTexts.map((value) => JSON.stringify({ ...sound, [key]: value }))),
    JSON.stringify({
      ...sound,
      role: 'ADMIN',
      maxChats: 1e6,
      id: 'x',
      emailVerified: 'x',
      image: '\0',
      callbackURL: '//evil.example',
    }),
  ];
  const faults: string[] = [];
  for (const body of bodies) {
    const response = await bob.post(`/api/auth/${path}`, body);
    if (response.status >= 500) faults.push(`${shown(body)} → ${response.status} ${await response.text()}`);
  }
  expect(faults).toEqual([]);
});

async function newAgent(): Promise<string> {
  const handle = `a-${crypto.randomUUID().slice(0, 8)}`;
  const { createAgent } = await ada.ask(CreateAgent, { input: { handle, name: 'Another', provider: 'ECHO' } });
  if (createAgent.__typename !== 'CreateAgentPayload') throw new Error(JSON.stringify(createAgent));
  return createAgent.agent.id;
}

interface Attempt {
  answer: unknown;
  text: string;
  isFault: boolean;
}

async function attempt(
  query: string,
  variables: object,
  { by = ada, headers = {} }: { by?: Person; headers?: Record<string, string> } = {},
): Promise<Attempt> {
  const response = await by.post('/graphql', { query, variables }, headers);
  const text = await textOf(response);
  const json = headers['accept'] ? (/^data: (.+)$/m.exec(text)?.[1] ?? text) : text;
  const answer: unknown = JSON.parse(json);
  return { answer, text, isFault: response.status >= 500 || text.includes('"INTERNAL"') };
}

/** All that is answered; of a feed, which has no end, until it has reported the unknown chat as gone. */
async function textOf(response: Response): Promise<string> {
  let text = '';
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece;
    if (/"ChatGone"|"ChangeBatch"|"BAD_USER_INPUT"/.test(text)) break;
  }
  return text;
}

/** What lies at the place, asked with variables for all of its arguments. */
function reach(type: string, { name, args, type: result }: GraphQLField<unknown, unknown>, things: Things) {
  const declared = args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
  const given = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const inner = getNamedType(result).name.endsWith('Connection')
    ? '{ nodes { __typename } pageInfo { endCursor } }'
    : '{ __typename }';
  const field = `${name}(${given}) ${inner}`;
  switch (type) {
    case 'Query':
      return { query: `query Try(${declared}) { ${field} }` };
    case 'Subscription':
      return { query: `subscription Try(${declared}) { ${field} }`, headers: { accept: 'text/event-stream' } };
    case 'Chat':
      return { query: `query Try(${declared}) { chat(id: "${things.chat}") { ${field} } }` };
    case 'ApiToken':
      return { query: `query Try(${declared}) { apiTokens { ${field} } }` };
    case 'ContextFile':
      return { query: `query Try(${declared}) { personalContext { ${field} } }` };
  }
  throw new Error(`How does one come to a ${type}?`);
}

const texts = [
  undefined,
  null,
  '',
  '   ',
  '\n',
  'x'.repeat(256),
  'x'.repeat(100_001),
  '\0',
  'a\0b',
  '\ud800',
  'a\udfffb',
  '\u202ertl\u202c',
  '%_\\\'";--',
  'Chat_',
  'Chat_x',
  'Chat_00000000-0000-0000-0000-000000000000',
  'Nothing_00000000-0000-0000-0000-000000000000',
  '__proto___00000000-0000-0000-0000-000000000000',
  'constructor_00000000-0000-0000-0000-000000000000',
  '00000000-0000-0000-0000-000000000000',
  Buffer.from('[true,"00000000000000000000","------------------------------------"]').toString('base64url'),
  Buffer.from('[false,"99999999999999999999","ffffffffffffffffffffffffffffffffffff"]').toString('base64url'),
  Buffer.from('2147483647').toString('base64url'),
  Buffer.from('-1').toString('base64url'),
  Buffer.from('GPC:J:["x",1]').toString('base64'),
  Buffer.from('GPC:N:99999999999').toString('base64'),
  5,
  true,
  [],
  ['x'],
  {},
  { $ne: 1 },
];

const fewTexts = [undefined, null, '', '\n', 'x'.repeat(1_001), '\0', '\ud800', '\u202ertl', 5, [], {}];

const numbers = [
  undefined,
  null,
  -1,
  0,
  1,
  101,
  2_147_483_647,
  2_147_483_648,
  -2_147_483_648,
  1.5,
  1e300,
  '1',
  'x',
  true,
  [],
  {},
];

function badValues(type: GraphQLInputType): unknown[] {
  const named = getNamedType(type);
  if (isEnumType(named)) return [undefined, null, '', 'NOTHING', '__proto__', 'constructor', 0, true, [], {}];
  if (isInputObjectType(named)) return ['x', 5, {}, [null], [{}], ...badCursors(named)];
  return named.name === 'Int' ? numbers : texts;
}

/** Lists of two: one with something bad in it, and a valid one that leads nowhere. */
function badCursors(cursor: GraphQLInputObjectType): unknown[] {
  const fields = Object.values(cursor.getFields());
  const needed = fields.filter((field) => isRequiredInputField(field));
  const sound = Object.fromEntries(
    needed.map(({ name, type }) => [name, getNamedType(type).name === 'Int' ? 0 : madeUpThings.chat]),
  );
  return fields.flatMap(({ name, type }) =>
    badValues(type)
      .filter((value) => value !== undefined)
      .map((value) => [{ ...sound, [name]: value }, sound]),
  );
}

/** The same with ids of requests that were not there before. */
function fresh(input: Record<string, unknown>): Record<string, unknown> {
  return 'clientId' in input ? { ...input, clientId: crypto.randomUUID() } : input;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').replace(/x{20,}/g, 'xxx…');
}
