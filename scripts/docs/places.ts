/** Which page of the reference describes what. Each root field and each type has one place, which its name finds. */
import {
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isUnionType,
} from 'graphql';

export type RootField = GraphQLField<unknown, unknown>;

/** In the order of the menu. */
export const kinds = {
  queries: 'Queries',
  mutations: 'Mutations',
  subscriptions: 'Subscriptions',
  objects: 'Objects',
  interfaces: 'Interfaces',
  unions: 'Unions',
  errors: 'Errors',
  inputs: 'Inputs',
  enums: 'Enums',
  scalars: 'Scalars',
} as const;

export type Kind = keyof typeof kinds;

/** What a mutation takes and gives, which is described with it rather than on a page of its own. */
export interface OwnTypes {
  input?: GraphQLNamedType;
  result?: GraphQLNamedType;
  payloads: GraphQLNamedType[];
}

export class Places {
  readonly schema: GraphQLSchema;
  readonly #owners = new Map<GraphQLNamedType, string>();

  constructor(schema: GraphQLSchema) {
    this.schema = schema;
    for (const field of this.rootFields('mutations')) {
      const { input, result, payloads } = typesOf(this, field);
      for (const type of [input, result, ...payloads])
        if (type && !this.#owners.has(type)) this.#owners.set(type, field.name);
    }
  }

  rootFields(kind: Kind): RootField[] {
    return Object.values(this.#rootOf(kind)?.getFields() ?? {});
  }

  /** Those that are described on a page by themselves. */
  types(kind: Kind): GraphQLNamedType[] {
    return this.allTypes().filter((type) => !this.#owners.has(type) && this.#kindOf(type) === kind);
  }

  /** All that a client can name, but for the roots. */
  allTypes(): GraphQLNamedType[] {
    const roots = new Set<unknown>([this.#rootOf('queries'), this.#rootOf('mutations'), this.#rootOf('subscriptions')]);
    return Object.values(this.schema.getTypeMap()).filter((type) => !isIntrospectionType(type) && !roots.has(type));
  }

  /** Those of a mutation that no mutation before it has. */
  ownTypes(field: RootField): OwnTypes {
    const { input, result, payloads } = typesOf(this, field);
    const isOwn = (type: GraphQLNamedType | undefined) => type && this.#owners.get(type) === field.name;
    return {
      ...(input && isOwn(input) && { input }),
      ...(result && isOwn(result) && { result }),
      payloads: payloads.filter(isOwn),
    };
  }

  addressOf(type: GraphQLNamedType): string {
    const kind = this.#owners.has(type) ? 'mutations' : this.#kindOf(type);
    return `/docs/reference/${kind}#${type.name}`;
  }

  isError(type: GraphQLNamedType): type is GraphQLObjectType {
    return isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Error');
  }

  #rootOf(kind: Kind): GraphQLObjectType | null | undefined {
    if (kind === 'queries') return this.schema.getQueryType();
    if (kind === 'mutations') return this.schema.getMutationType();
    return kind === 'subscriptions' ? this.schema.getSubscriptionType() : null;
  }

  #kindOf(type: GraphQLNamedType): Kind {
    if (this.isError(type)) return 'errors';
    if (isObjectType(type)) return 'objects';
    if (isInterfaceType(type)) return 'interfaces';
    if (isUnionType(type)) return 'unions';
    if (isInputObjectType(type)) return 'inputs';
    return isEnumType(type) ? 'enums' : 'scalars';
  }
}

function typesOf(places: Places, field: RootField): OwnTypes {
  const input = field.args.length === 1 ? getNamedType(field.args[0]?.type) : undefined;
  const result = getNamedType(field.type);
  const members = isUnionType(result) ? result.getTypes() : [];
  return {
    ...(isInputObjectType(input) && { input }),
    ...(isUnionType(result) && { result }),
    payloads: members.filter((type) => !places.isError(type)),
  };
}
