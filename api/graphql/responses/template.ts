import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import type { PlainValue } from '../../graphql-builder/plain-events.ts';

/** Serialises a plain event as one operation asks for it; undefined where the operation asks for more than plain fields. */
export interface ResponseTemplate {
  serialize(plain: PlainValue): string | undefined;
}

type Write = (value: object) => string;

/** Null where it takes a real execution to know what is asked for: directives, say. */
export function compileTemplate(
  operation: OperationDefinitionNode,
  document: DocumentNode,
  schema: GraphQLSchema,
): ResponseTemplate | null {
  const [root, ...others] = operation.selectionSet.selections;
  if (root?.kind !== Kind.FIELD || !root.selectionSet || others.length > 0 || root.directives?.length) return null;
  const { selectionSet } = root;
  const fragments = new Map(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
  const writers = new Map<string, Write | null>();
  const serialized = new WeakMap<object, string>();
  const before = `{"data":{${JSON.stringify(root.alias?.value ?? root.name.value)}:`;

  return {
    serialize({ typename, value, key }) {
      const known = serialized.get(key);
      if (known !== undefined) return known;
      if (!writers.has(typename)) writers.set(typename, writerOf(selectionSet, typename, { fragments, schema }));
      const write = writers.get(typename);
      if (!write) return undefined;
      const text = `${before}${write(value())}}}`;
      serialized.set(key, text);
      return text;
    },
  };
}

interface TemplateScope {
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  schema: GraphQLSchema;
}

function writerOf(selectionSet: SelectionSetNode, typename: string, scope: TemplateScope): Write | null {
  const fields = fieldsOf(selectionSet, typename, scope);
  if (!fields) return null;
  const before = fields.map(({ key }) => `${JSON.stringify(key)}:`);
  return (value) => `{${fields.map(({ write }, index) => before[index] + write(value)).join(',')}}`;
}

interface Field {
  key: string;
  isLeaf: boolean;
  write: Write;
}

/** In the order in which they are asked for; null where one of them is not plain. */
function fieldsOf(selectionSet: SelectionSetNode, typename: string, scope: TemplateScope): Field[] | null {
  const fields = new Map<string, Field>();
  for (const selection of selectionSet.selections) {
    if (selection.directives?.length) return null;
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      const key = selection.alias?.value ?? name;
      const write = fieldWriter(name, selection.selectionSet, typename, scope);
      if (!write || selection.arguments?.length) return null;
      if (!put(fields, { key, isLeaf: !selection.selectionSet, write })) return null;
      continue;
    }
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? scope.fragments.get(selection.name.value) : selection;
    if (!fragment) return null;
    const condition = fragment.typeCondition?.name.value;
    if (condition !== undefined && !holdsFor(condition, typename, scope.schema)) continue;
    const inner = fieldsOf(fragment.selectionSet, typename, scope);
    if (!inner?.every((field) => put(fields, field))) return null;
  }
  return [...fields.values()];
}

/** A leaf that is asked for twice is written once. An object may be asked for more of it the second time: that is execution's work. */
function put(fields: Map<string, Field>, field: Field): boolean {
  if (fields.has(field.key)) return field.isLeaf;
  fields.set(field.key, field);
  return true;
}

function fieldWriter(
  name: string,
  selectionSet: SelectionSetNode | undefined,
  typename: string,
  scope: TemplateScope,
): Write | null {
  if (name === '__typename') return () => JSON.stringify(typename);
  if (!selectionSet) return (value) => JSON.stringify(fieldOf(value, name));
  const type = scope.schema.getType(typename);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  const inner = field && writerOf(selectionSet, String(field.type).replace('!', ''), scope);
  return inner ? (value) => inner(fieldOf(value, name) as object) : null;
}

function fieldOf(value: object, name: string): unknown {
  return (value as Record<string, unknown>)[name];
}

function holdsFor(condition: string, typename: string, schema: GraphQLSchema): boolean {
  if (condition === typename) return true;
  const [type, asked] = [schema.getType(typename), schema.getType(condition)];
  return isObjectType(type) && isAbstractType(asked) && schema.isSubType(asked, type);
}
