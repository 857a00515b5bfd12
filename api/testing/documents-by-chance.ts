/** Queries made by chance from the schema, and what their answers amount to. */
import {
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  isLeafType,
  isObjectType,
  isUnionType,
} from 'graphql';

import { schema } from '../graphql/schema.ts';
import type { Chance } from './chance.ts';
import type { Person } from './person.ts';
import { soundArguments, type Things } from './samples.ts';

const MOST_FIELDS = 5;
const DEEPEST = 7;

export class ChanceDocuments {
  readonly #chance: Chance;
  readonly #things: Things;

  constructor(chance: Chance, things: Things) {
    this.#chance = chance;
    this.#things = things;
  }

  next(): string {
    const query = schema.getQueryType();
    if (!query) throw new Error('There is no query.');
    const roots = Object.values(query.getFields()).filter(({ name }) => name !== 'node');
    return `{ ${this.#call(this.#oneOf(roots), DEEPEST)} }`;
  }

  #selection(type: GraphQLObjectType, depth: number): string {
    const all = Object.values(type.getFields());
    const leaves = all.filter((field) => isLeafType(getNamedType(field.type)));
    const possible = depth > 1 ? all : leaves;
    const count = 1 + Math.floor(this.#chance() * MOST_FIELDS);
    const chosen = new Set(Array.from({ length: possible.length > 0 ? count : 0 }, () => this.#oneOf(possible)));
    return ['__typename', ...[...chosen].map((field) => this.#call(field, depth - 1))].join(' ');
  }

  #call(field: GraphQLField<unknown, unknown>, depth: number): string {
    const given = Object.entries(soundArguments(field.args, field.name, this.#things));
    if (field.args.some(({ name }) => name === 'first')) given.push(['first', 1 + Math.floor(this.#chance() * 20)]);
    const list = given.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ');
    const type = getNamedType(field.type);
    const inner = isObjectType(type)
      ? `{ ${this.#selection(type, depth)} }`
      : isUnionType(type)
        ? '{ __typename }'
        : '';
    return `${field.name}${list && `(${list})`} ${inner}`;
  }

  #oneOf<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#chance() * items.length)];
    if (item === undefined) throw new Error('There is nothing to choose from.');
    return item;
  }
}

/** How many fields of rows an answer has. */
export function fieldsIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + fieldsIn(each), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + 1 + fieldsIn(each), 0);
}

export interface Weighed {
  query: string;
  requested: number;
  actual: number;
}

/** Null where it is refused because it asks for too much. */
export async function weigh(who: Person, query: string): Promise<Weighed | null> {
  const response = await who.post('/graphql', { query }, { 'x-confab-cost': '1' });
  const { data, errors, extensions } = (await response.json()) as {
    data?: unknown;
    errors?: unknown;
    extensions?: { cost: { requested: number } };
  };
  if (errors || !extensions) return null;
  return { query, requested: extensions.cost.requested, actual: fieldsIn(data) };
}
