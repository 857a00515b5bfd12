/** A sound value for every place of the schema where something can be put, so that a test that walks it forgets none. */
import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  isEnumType,
  isInputObjectType,
  isRequiredArgument,
} from 'graphql';

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
}

/** Of no use but to be well-formed. */
export const madeUpThings: Things = {
  chat: `Chat_${crypto.randomUUID()}`,
  message: `Message_${crypto.randomUUID()}`,
  answer: `Message_${crypto.randomUUID()}`,
  run: `Run_${crypto.randomUUID()}`,
  agent: `Agent_${crypto.randomUUID()}`,
  version: `ContextVersion_${crypto.randomUUID()}`,
};

/** A chat with an answered message. */
export async function thingsOf(owner: Person, { agent, version }: Pick<Things, 'agent' | 'version'>): Promise<Things> {
  const { id: chatId } = await owner.createsChat();
  const { sendMessage } = await owner.ask(SendMessage, {
    input: { chatId, content: 'hello', clientId: crypto.randomUUID() },
  });
  if (sendMessage.__typename !== 'SendMessagePayload') throw new Error(JSON.stringify(sendMessage));
  const { message } = sendMessage;
  const { run, answer } = onlyAnswer(sendMessage);
  await Array.fromAsync(owner.follows(run.id));
  return { chat: chatId, message: message.id, answer: answer.id, run: run.id, agent, version };
}

export function mutationNames(): string[] {
  return Object.keys(schema.getMutationType()?.getFields() ?? {});
}

/** A mutation that tells what it came to. */
export function mutationDocument(name: string): string {
  return `mutation Try($input: ${inputType(name).name}!) { ${name}(input: $input) { __typename ... on Error { reason } } }`;
}

export function inputType(mutation: string): GraphQLInputObjectType {
  const type = getNamedType(schema.getMutationType()?.getFields()[mutation]?.args[0]?.type);
  if (!isInputObjectType(type)) throw new Error(`${mutation} takes no input.`);
  return type;
}

export function soundInput(mutation: string, things: Things): Record<string, unknown> {
  const fields = Object.values(inputType(mutation).getFields());
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
  if (isEnumType(named)) return named.getValues()[0]?.name;
  switch (named.name) {
    case 'ID':
      return soundId(name, place, things);
    case 'UUID':
      return crypto.randomUUID();
    case 'String':
      return `text-${crypto.randomUUID().slice(0, 8)}`;
    case 'Int':
      return name === 'maxOutputTokens' ? 100 : 0;
  }
  throw new Error(`What is a sound ${named.name} for ${place}(${name})?`);
}

/** By the name of the argument, or where that is `id`, by what it is an argument of. */
function soundId(name: string, place: string, things: Things): string {
  if (name === 'parentId' || name === 'messageId') return things.answer;
  const noun = name === 'id' ? place : name;
  const [, thing] = nouns.find(([pattern]) => pattern.test(noun)) ?? [];
  if (!thing) throw new Error(`Whose id is ${place}(${name})?`);
  return things[thing];
}

const nouns: [RegExp, keyof Things][] = [
  [/version$/i, 'version'],
  [/(^node|message|around)/i, 'message'],
  [/run/i, 'run'],
  [/agent/i, 'agent'],
  [/chat/i, 'chat'],
];
