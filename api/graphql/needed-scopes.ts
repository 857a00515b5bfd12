/** Which scopes an operation needs of a token, found out from its document alone, before anything of it is executed. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getNamedType,
  getOperationAST,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import type { Viewer } from '../auth/viewer.ts';
import { type Need, rootNeeds, typeNeeds } from '../tokens/scopes.ts';

/** One of these is enough. */
type Alternatives = readonly Need[];

const found = new WeakMap<DocumentNode, Map<string, readonly Alternatives[]>>();

/** Yoga hands out one document for one text, so that it is walked once. */
export function neededScopes(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): readonly Alternatives[] {
  const known = found.get(document) ?? new Map<string, readonly Alternatives[]>();
  found.set(document, known);
  const needs = known.get(operationName ?? '') ?? new Walk(schema, document).needsOf(operationName);
  known.set(operationName ?? '', needs);
  return needs;
}

/** What the viewer's token lacks: each of them would do. Null: it lacks nothing, or there is no token. */
export function missingScope(viewer: Viewer | null, needs: readonly Alternatives[]): Alternatives | null {
  if (viewer?.credential.kind !== 'TOKEN') return null;
  const { scopes } = viewer.credential;
  const isMet = (need: Need) =>
    need === 'EVERYBODY' || need === 'ANY_TOKEN' || (need !== 'BROWSER' && scopes.has(need));
  return needs.find((alternatives) => !alternatives.some(isMet)) ?? null;
}

class Walk {
  readonly #schema: GraphQLSchema;
  readonly #document: DocumentNode;
  readonly #fragments: Map<string, FragmentDefinitionNode>;
  /** By what they are, so that each is there once. */
  readonly #needs = new Map<string, Alternatives>();
  readonly #walked = new Set<string>();

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema;
    this.#document = document;
    this.#fragments = new Map(
      document.definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
      ),
    );
  }

  needsOf(operationName: string | null | undefined): readonly Alternatives[] {
    const operation = getOperationAST(this.#document, operationName);
    if (operation) this.#walk(operation.selectionSet, this.#rootOf(operation));
    return [...this.#needs.values()];
  }

  #rootOf({ operation }: OperationDefinitionNode): GraphQLNamedType | undefined {
    return this.#schema.getRootType(operation) ?? undefined;
  }

  #walk(selectionSet: SelectionSetNode | undefined, parent: GraphQLNamedType | undefined): void {
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        this.#note(parent, selection.name.value);
        const fields = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields() : {};
        const field = fields[selection.name.value];
        if (field) this.#walk(selection.selectionSet, getNamedType(field.type));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const name = selection.typeCondition?.name.value;
        this.#walk(selection.selectionSet, name === undefined ? parent : this.#schema.getType(name));
      } else {
        this.#walkFragment(selection.name.value);
      }
    }
  }

  #walkFragment(name: string): void {
    const fragment = this.#fragments.get(name);
    if (!fragment || this.#walked.has(name)) return;
    this.#walked.add(name);
    this.#walk(fragment.selectionSet, this.#schema.getType(fragment.typeCondition.name.value));
  }

  #note(parent: GraphQLNamedType | undefined, field: string): void {
    if (!parent || field.startsWith('__')) return;
    if (isRoot(this.#schema, parent)) this.#add([rootNeeds[field] ?? 'BROWSER']);
    const need = typeNeeds[parent.name];
    if (need && !need.free.includes(field)) this.#add(need.fields?.[field] ?? need.scopes);
  }

  #add(alternatives: Alternatives): void {
    this.#needs.set(alternatives.join(), alternatives);
  }
}

function isRoot(schema: GraphQLSchema, type: GraphQLNamedType): boolean {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].some((root) => root === type);
}
