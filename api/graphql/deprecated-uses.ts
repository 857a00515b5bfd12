/** Which deprecated parts of the schema an operation names, in its document and in its variables. */
import {
  type DocumentNode,
  getNamedType,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  separateOperations,
  typeFromAST,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

interface Found {
  uses: ReadonlySet<string>;
  /** Variables whose values may name something deprecated. */
  variables: ReadonlyMap<string, GraphQLInputType>;
}

const known = new WeakMap<DocumentNode, Map<string, Found>>();

/** As coordinates: `Chat.title`, `Query.chats(first:)`, `Role.OWNER`, `SendMessageInput.parentId`. Each is there once. */
export function deprecatedUses(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  values: Readonly<Record<string, unknown>> | null | undefined,
): ReadonlySet<string> {
  // Yoga hands out one document for one text, so that it is walked once.
  const byName = known.get(document) ?? new Map<string, Found>();
  known.set(document, byName);
  const found = byName.get(operationName ?? '') ?? walk(schema, document, operationName ?? '');
  byName.set(operationName ?? '', found);
  if (found.variables.size === 0) return found.uses;
  const uses = new Set(found.uses);
  for (const [name, type] of found.variables) addUsesOf(values?.[name], type, uses);
  return uses;
}

function walk(schema: GraphQLSchema, document: DocumentNode, operationName: string): Found {
  const operations = separateOperations(document);
  const operation = operations[operationName] ?? Object.values(operations)[0] ?? document;
  const uses = new Set<string>();
  const variables = new Map<string, GraphQLInputType>();
  const types = new TypeInfo(schema);
  const field = () => `${types.getParentType()?.name}.${types.getFieldDef()?.name}`;
  visit(
    operation,
    visitWithTypeInfo(types, {
      Field() {
        if (isDeprecated(types.getFieldDef())) uses.add(field());
      },
      Argument() {
        if (isDeprecated(types.getArgument())) uses.add(`${field()}(${types.getArgument()?.name}:)`);
      },
      ObjectField({ name }) {
        const parent = getNamedType(types.getParentInputType());
        if (isInputObjectType(parent) && isDeprecated(parent.getFields()[name.value]))
          uses.add(`${parent.name}.${name.value}`);
      },
      EnumValue() {
        const value = types.getEnumValue();
        if (isDeprecated(value)) uses.add(`${getNamedType(types.getInputType())?.name}.${value?.name}`);
      },
      VariableDefinition({ variable, type }) {
        const declared = typeFromAST(schema, type);
        if (isInputType(declared) && mayNameDeprecated(declared)) variables.set(variable.name.value, declared);
      },
    }),
  );
  return { uses, variables };
}

function isDeprecated(part: { deprecationReason?: string | null | undefined } | null | undefined): boolean {
  return typeof part?.deprecationReason === 'string';
}

/** Whether it, or an input that it leads to, has something deprecated. */
function mayNameDeprecated(type: GraphQLInputType): boolean {
  const seen = new Set<unknown>();
  const queue = [getNamedType(type)];
  for (const named of queue) {
    if (seen.has(named)) continue;
    seen.add(named);
    if (isEnumType(named) && named.getValues().some(isDeprecated)) return true;
    if (!isInputObjectType(named)) continue;
    const fields = Object.values(named.getFields());
    if (fields.some(isDeprecated)) return true;
    queue.push(...fields.map((each) => getNamedType(each.type)));
  }
  return false;
}

/** Without recursion: what a client nests has no bound yet. */
function addUsesOf(value: unknown, declared: GraphQLInputType, uses: Set<string>): void {
  const queue: [unknown, GraphQLInputType][] = [[value, declared]];
  for (const [given, type] of queue) {
    if (isNonNullType(type)) queue.push([given, type.ofType]);
    else if (isListType(type))
      for (const each of Array.isArray(given) ? given : [given]) queue.push([each, type.ofType]);
    else if (isEnumType(type)) {
      if (typeof given === 'string' && isDeprecated(type.getValue(given))) uses.add(`${type.name}.${given}`);
    } else if (isInputObjectType(type) && typeof given === 'object' && given !== null) {
      for (const [name, field] of Object.entries(type.getFields())) {
        if (!Object.hasOwn(given, name)) continue;
        if (isDeprecated(field)) uses.add(`${type.name}.${name}`);
        queue.push([(given as Record<string, unknown>)[name], field.type]);
      }
    }
  }
}
