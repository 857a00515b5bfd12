/** Operations made by chance from the schema, and what their answers amount to. */
import {
  assertInterfaceType,
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isObjectType,
} from 'graphql';

import { schema } from '../graphql/schema.ts';
import type { Chance } from './chance.ts';
import type { Person } from './person.ts';
import {
  inputType,
  badInput,
  madeUpThings,
  mutationNames,
  mutationResult,
  soundArguments,
  soundInput,
  type Things,
} from './samples.ts';

const MOST_FIELDS = 5;
const DEEPEST = 7;
/** Of so many documents, one is a mutation, and another asks for `node`. */
const KINDS = 5;

/** Mutations that can be done again and again: they take nothing away, and add no more rows than a person may have. */
const repeatable = new Set([
  'addMembers',
  'addRoomAgent',
  'createChat',
  'editMessage',
  'enablePerson',
  'joinRoom',
  'markRead',
  'pinChat',
  'react',
  'selectBranch',
  'setDefaultAgent',
  'setMemberRole',
  'setRoomNotifications',
  'setTyping',
  'stopRun',
  'unarchiveChat',
  'unpinChat',
  'unreact',
  'updateChat',
  'updatePersonalContext',
  'updatePreferences',
  'updateRoom',
]);

export interface ChanceDocument {
  query: string;
  variables?: Record<string, unknown>;
}

export class ChanceDocuments {
  readonly #chance: Chance;
  readonly #things: Things;
  readonly #nodes: readonly string[];

  /** `nodes`: the ids of what there is, of each type. */
  constructor(chance: Chance, things: Things, nodes: readonly string[]) {
    this.#chance = chance;
    this.#things = things;
    this.#nodes = nodes;
  }

  next(): ChanceDocument {
    const kind = Math.floor(this.#chance() * KINDS);
    if (kind === 0) return this.#mutation();
    if (kind === 1) return this.#node();
    const roots = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(({ name }) => name !== 'node');
    return { query: `{ ${this.#call(this.#oneOf(roots), DEEPEST)} }` };
  }

  #node(): ChanceDocument {
    const id = this.#oneOf(this.#nodes);
    const [typename = ''] = id.split('_');
    const inner = this.#inner(assertInterfaceType(schema.getType('Node')), DEEPEST, typename);
    return { query: `query ($id: ID!) { node(id: $id) { ${inner} } }`, variables: { id } };
  }

  /** Its input can be taken, names what is not there, or is refused, so that every member of its result comes. */
  #mutation(): ChanceDocument {
    const name = this.#oneOf(mutationNames());
    const inputs = [() => badInput(name, madeUpThings)];
    // One that names nothing would make something new each time.
    if (namesSomething(name)) inputs.push(() => soundInput(name, madeUpThings));
    if (repeatable.has(name)) inputs.push(() => soundInput(name, this.#things));
    const inner = this.#inner(mutationResult(name), DEEPEST);
    return {
      query: `mutation ($input: ${inputType(name).name}!) { ${name}(input: $input) { ${inner} } }`,
      variables: { input: this.#oneOf(inputs)() },
    };
  }

  #call(field: GraphQLField<unknown, unknown>, depth: number): string {
    const given = Object.entries(soundArguments(field.args, field.name, this.#things));
    if (field.args.some(({ name }) => name === 'first')) given.push(['first', 1 + Math.floor(this.#chance() * 20)]);
    const list = given.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ');
    const type = getNamedType(field.type);
    const inner = isLeafType(type) ? '' : `{ ${this.#inner(type, depth)} }`;
    return `${field.name}${list && `(${list})`} ${inner}`;
  }

  /** What is asked of a value; `certain`: a type that it may have, and that is not left to chance. */
  #inner(type: GraphQLNamedType, depth: number, certain?: string): string {
    return ['__typename', ...this.#fields(type, depth), ...this.#fragments(type, depth, certain)].join(' ');
  }

  #fields(type: GraphQLNamedType, depth: number): string[] {
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    const all = Object.values(type.getFields());
    const leaves = all.filter((field) => isLeafType(getNamedType(field.type)));
    const possible = depth > 1 ? all : leaves;
    const chosen = this.#some(possible, possible.length > 0 ? 1 + Math.floor(this.#chance() * MOST_FIELDS) : 0);
    return chosen.map((field) => this.#call(field, depth - 1));
  }

  /** Of a union or an interface: on some of the types that it may be, and on the interface of errors. */
  #fragments(type: GraphQLNamedType, depth: number, certain?: string): string[] {
    if (!isAbstractType(type)) return [];
    const members = schema.getPossibleTypes(type);
    const interfaces = members.flatMap((member) => member.getInterfaces()).filter((each) => each !== type);
    const possible = [...members, ...new Set(interfaces)];
    const chosen = this.#some<GraphQLNamedType>(possible, Math.floor(this.#chance() * MOST_FIELDS));
    const known = members.filter(({ name }) => name === certain);
    return [...new Set([...known, ...chosen])].map(
      (each) => `... on ${each.name} { ${this.#ofFragment(each, depth)} }`,
    );
  }

  /** Under names of its own, since fields of one name may differ in type and arguments between the members. */
  #ofFragment(type: GraphQLNamedType, depth: number): string {
    const fields = this.#fields(type, depth).map((field) => {
      const [name = ''] = field.split(/\W/, 1);
      return `${type.name}_${name}: ${field}`;
    });
    return ['__typename', ...fields].join(' ');
  }

  #some<Item>(items: readonly Item[], tries: number): Item[] {
    return [...new Set(Array.from({ length: tries }, () => this.#oneOf(items)))];
  }

  #oneOf<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#chance() * items.length)];
    if (item === undefined) throw new Error('There is nothing to choose from.');
    return item;
  }
}

function namesSomething(mutation: string): boolean {
  return Object.values(inputType(mutation).getFields()).some(({ type }) => type.toString().includes('ID!'));
}

/** How many fields of rows an answer has. */
export function fieldsIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + fieldsIn(each), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + 1 + fieldsIn(each), 0);
}

function typesIn(value: unknown): Set<string> {
  const types = new Set<string>();
  JSON.stringify(value, (name, each: unknown) => {
    if (name === '__typename') types.add(String(each));
    return each;
  });
  return types;
}

export interface Weighed {
  document: ChanceDocument;
  requested: number;
  actual: number;
  /** Of what was answered. */
  types: Set<string>;
}

/** Null where it is refused because it asks for too much. */
export async function weigh(who: Person, document: ChanceDocument): Promise<Weighed | null> {
  const response = await who.post('/graphql', document, { 'x-confab-cost': '1' });
  const { data, errors, extensions } = (await response.json()) as {
    data?: unknown;
    errors?: unknown;
    extensions?: { cost: { requested: number } };
  };
  if (errors || !extensions) return null;
  return { document, requested: extensions.cost.requested, actual: fieldsIn(data), types: typesIn(data) };
}
