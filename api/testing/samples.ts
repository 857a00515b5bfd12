/** A sound value for every place of the schema where something can be put, so that a test that walks it forgets none. */
import { createHash } from 'node:crypto';

import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  isEnumType,
  isInputObjectType,
  getNullableType,
  type GraphQLNamedType,
  isListType,
  isNonNullType,
  isRequiredArgument,
} from 'graphql';

import { db } from '../database/db.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { schema } from '../graphql/schema.ts';
import { SendMessage } from './documents.ts';
import { onlyAnswer, type Person } from './person.ts';

/** One of everything that an id may stand for. */
export interface Things {
  chat: string;
  message: string;
  answer: string;
  run: string;
  agent: string;
  version: string;
  /** Open, with `person` as a member and a link to it: `invitation`, whose token is `token`. */
  room: string;
  /** What a person said in `room`, where `agent` can be asked. */
  question: string;
  /** Its owner is the only member. */
  ownRoom: string;
  person: string;
  /** Of which administrators alone can do something. */
  serviceAgent: string;
  invitation: string;
  token: string;
  apiToken: string;
  /** That a service agent is writing: begun by `performerOf`. */
  externalRun: string;
}

/** Of no use but to be well-formed. */
export const madeUpThings: Things = {
  chat: `Chat_${crypto.randomUUID()}`,
  message: `Message_${crypto.randomUUID()}`,
  answer: `Message_${crypto.randomUUID()}`,
  run: `Run_${crypto.randomUUID()}`,
  agent: `Agent_${crypto.randomUUID()}`,
  version: `ContextVersion_${crypto.randomUUID()}`,
  room: `Chat_${crypto.randomUUID()}`,
  question: `Message_${crypto.randomUUID()}`,
  ownRoom: `Chat_${crypto.randomUUID()}`,
  person: `Person_${crypto.randomUUID()}`,
  serviceAgent: `Person_${crypto.randomUUID()}`,
  invitation: `Invitation_${crypto.randomUUID()}`,
  token: 'x'.repeat(27),
  apiToken: `ApiToken_${crypto.randomUUID()}`,
  externalRun: `Run_${crypto.randomUUID()}`,
};

/** A chat with an answered message, and rooms. */
export async function thingsOf(owner: Person, { agent, version }: Pick<Things, 'agent' | 'version'>): Promise<Things> {
  const { id: chatId } = await owner.createsChat();
  const { sendMessage } = await owner.ask(SendMessage, {
    input: { chatId, content: 'hello', clientId: crypto.randomUUID() },
  });
  if (sendMessage.__typename !== 'SendMessagePayload') throw new Error(JSON.stringify(sendMessage));
  const { message } = sendMessage;
  const { run, answer } = onlyAnswer(sendMessage);
  await Array.fromAsync(owner.follows(run.id));
  return {
    chat: chatId,
    message: message.id,
    answer: answer.id,
    run: run.id,
    agent,
    version,
    ...(await roomsOf(owner, agent)),
    serviceAgent: await serviceAgentRow(),
    apiToken: await apiTokenOf(owner),
    externalRun: madeUpThings.externalRun,
  };
}

async function serviceAgentRow(): Promise<string> {
  const email = `robot-${crypto.randomUUID()}@example.org`;
  const { id } = await db.user.create({ data: { name: 'Robot', email, role: 'AGENT', maxChats: 0 } });
  return encodeGlobalId('Person', id);
}

async function apiTokenOf({ email }: Person): Promise<string> {
  const { id } = await db.apiToken.create({
    data: { user: { connect: { email } }, name: 'A token', prefix: 'confab_', secretHash: crypto.randomUUID() },
  });
  return encodeGlobalId('ApiToken', id);
}

async function roomsOf(
  owner: Person,
  agent: string,
): Promise<Pick<Things, 'room' | 'question' | 'ownRoom' | 'person' | 'invitation' | 'token'>> {
  const { id: userId } = await db.user.findUniqueOrThrow({ where: { email: owner.email } });
  const neighbour = await db.user.create({ data: { name: 'Ned', email: `ned-${crypto.randomUUID()}@example.org` } });
  const room = {
    kind: 'ROOM',
    visibility: 'OPEN',
    title: 'A room',
    titleSource: 'PERSON',
    createdById: userId,
  } as const;
  const owning = { userId, role: 'OWNER' } as const;
  const own = await db.chat.create({ data: { ...room, members: { create: owning } } });
  const token = crypto.randomUUID();
  const tokenHash = createHash('sha256').update(token).digest('base64url');
  const expiresAt = new Date(Date.now() + 86_400_000);
  const shared = await db.chat.create({
    data: {
      ...room,
      members: { create: [owning, { userId: neighbour.id }] },
      invitations: { create: { createdById: userId, tokenHash, expiresAt, maxUses: 100 } },
      roomAgents: { create: { agentId: rowId('Agent', agent) } },
      messages: {
        create: {
          seq: 1,
          revision: 1,
          role: 'USER',
          authorId: userId,
          content: 'A question',
          reactions: { create: { userId, emoji: '🎉' } },
        },
      },
      revision: 1,
    },
    include: { invitations: true, messages: true },
  });
  const [question] = shared.messages;
  await db.chat.update({ where: { id: shared.id }, data: { headId: question?.id ?? null } });
  return {
    room: encodeGlobalId('Chat', shared.id),
    question: encodeGlobalId('Message', question?.id ?? ''),
    ownRoom: encodeGlobalId('Chat', own.id),
    person: encodeGlobalId('Person', neighbour.id),
    invitation: encodeGlobalId('Invitation', shared.invitations[0]?.id ?? ''),
    token,
  };
}

export function mutationNames(): string[] {
  return Object.keys(schema.getMutationType()?.getFields() ?? {});
}

/** A mutation with its outcome. */
export function mutationDocument(name: string): string {
  return `mutation Try($input: ${inputType(name).name}!) { ${name}(input: $input) { __typename ... on Error { reason } } }`;
}

export function inputType(mutation: string): GraphQLInputObjectType {
  const type = getNamedType(schema.getMutationType()?.getFields()[mutation]?.args[0]?.type);
  if (!isInputObjectType(type)) throw new Error(`${mutation} takes no input.`);
  return type;
}

export function mutationResult(mutation: string): GraphQLNamedType {
  const type = getNamedType(schema.getMutationType()?.getFields()[mutation]?.type);
  if (!type) throw new Error(`There is no ${mutation}.`);
  return type;
}

/** Sound but for its texts, each of which has all faults at once that a text can have. */
export function badInput(mutation: string, things: Things): Record<string, unknown> {
  const bad = `\0\n\ud800${'x'.repeat(51_000)}`;
  const fields = Object.values(inputType(mutation).getFields());
  const texts = fields.filter(({ name, type }) => getNamedType(type).name === 'String' && name !== 'token');
  const inputs = texts.map(({ name, type }) => [name, isListType(getNullableType(type)) ? [bad] : bad]);
  return { ...soundInput(mutation, things), ...Object.fromEntries(inputs) };
}

export function soundInput(mutation: string, things: Things): Record<string, unknown> {
  // Of a room alone, and so not beside the places in a private chat; and of a service agent, which the person is none of.
  const isLeftOut = ({ name, type }: GraphQLInputField) =>
    /^(replyToId|serviceAgentId|length)$/.test(name) && !isNonNullType(type);
  const fields = Object.values(inputType(mutation).getFields()).filter((field) => !isLeftOut(field));
  return Object.fromEntries(fields.map((field) => [field.name, soundValue(field, mutation, things)]));
}

export function soundArguments(
  args: readonly GraphQLArgument[],
  place: string,
  things: Things,
): Record<string, unknown> {
  return Object.fromEntries(args.filter(isRequiredArgument).map((arg) => [arg.name, soundValue(arg, place, things)]));
}

function soundValue({ name, type }: GraphQLInputField | GraphQLArgument, place: string, things: Things): unknown {
  const named = getNamedType(type);
  const isList = isListType(getNullableType(type));
  return isList ? [soundOne(name.replace(/s$/, ''), named, place, things)] : soundOne(name, named, place, things);
}

function soundOne(name: string, named: GraphQLNamedType, place: string, things: Things): unknown {
  if (isEnumType(named)) return named.getValues()[0]?.name;
  if (isInputObjectType(named))
    return Object.fromEntries(
      Object.values(named.getFields()).map((field) => [field.name, soundValue(field, place, things)]),
    );
  switch (named.name) {
    case 'ID':
      return soundId(name, place, things);
    case 'UUID':
      return crypto.randomUUID();
    case 'SafeInt':
      return 0;
    case 'DateTime':
      return new Date(Date.now() + 86_400_000).toISOString();
    case 'Boolean':
      return false;
    case 'String':
      if (name === 'token') return things.token;
      if (name === 'emoji') return '👍';
      if (name === 'documentId') return 'a'.repeat(64);
      return `text-${crypto.randomUUID().slice(0, 8)}`;
    case 'Int':
      if (name === 'maxOutputTokens') return 100;
      return /^(first|days|maxUses)$/.test(name) ? 1 : 0;
  }
  throw new Error(`What is a sound ${named.name} for ${place}(${name})?`);
}

/** By the name of the argument, or where that is `id`, by what it is an argument of. */
function soundId(name: string, place: string, things: Things): string {
  if (place === 'askAgent' && name === 'messageId') return things.question;
  if (name === 'runId' && /^(appendTo|end)Answer$/.test(place)) return things.externalRun;
  if (place === 'beginAnswer') return name === 'chatId' ? things.room : things.question;
  if (place.endsWith('react')) return things.question;
  if (name === 'parentId' || name === 'messageId') return things.answer;
  if (place === 'leaveRoom') return things.ownRoom;
  const isOfRoom = name === 'chatId' && /Member|Invitation|RoomAgent|Notifications/.test(place);
  const noun = name === 'id' ? place : isOfRoom ? 'room' : name;
  const [, thing] = nouns.find(([pattern]) => pattern.test(noun)) ?? [];
  if (!thing) throw new Error(`Whose id is ${place}(${name})?`);
  return things[thing];
}

const nouns: [RegExp, keyof Things][] = [
  [/apiToken/i, 'apiToken'],
  [/room/i, 'room'],
  [/serviceAgent/i, 'serviceAgent'],
  [/person/i, 'person'],
  [/invitation/i, 'invitation'],
  [/version$/i, 'version'],
  [/(^node|message|around)/i, 'message'],
  [/run/i, 'run'],
  [/agent/i, 'agent'],
  [/chat/i, 'chat'],
];
