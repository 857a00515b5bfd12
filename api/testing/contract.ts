/** What a schema may not do to the clients of the one before. */
import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core';
import {
  buildSchema,
  getNamedType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

export interface Contract {
  /** SDL of the last release, which clients are built on. */
  released: string;
  /** SDL of what is to be released. */
  present: string;
  /** What CHANGELOG.md says of what is to be released. */
  news: string;
  /** Version of the last release. */
  version: string;
  today: Date;
}

/**
 * One sentence for each breach, empty where there is none. Breaking changes are allowed to what the release had deprecated with a date that
 * is over. After a version 0.y, whose numbers promise nothing yet, also where the news name the place in an entry that begins with "Breaking for
 * API clients". A new enum value or union member has to be in the news by its name, as `ErrorCode.ROOM_FULL` between backticks.
 */
export async function breachesOf({ released, present, news, version, today }: Contract): Promise<string[]> {
  const before = buildSchema(released);
  const due = duePlaces(before, today);
  const types = typesBehind(before, due);
  const announced = version.startsWith('0.') ? entriesOfBreaks(news) : '';
  const changes = await diff(before, buildSchema(present));
  return changes.flatMap((change) => {
    const path = change.path ?? '';
    if (change.criticality.level === CriticalityLevel.Breaking)
      return isDue(path, due) || types.has(path) || announced.includes(`\`${path}\``)
        ? []
        : `${change.message}: deprecate it first, with the date from which it may go.`;
    const grown = grownBy(change);
    return grown !== null && !news.includes(`\`${grown}\``)
      ? `${change.message}: name \`${grown}\` in CHANGELOG.md, so that clients learn of it.`
      : [];
  });
}

function entriesOfBreaks(news: string): string {
  return news
    .split(/^- /m)
    .filter((entry) => entry.startsWith('Breaking for API clients'))
    .join('');
}

/** The new value or member, after the name of its type; null where the change is another one. */
function grownBy({ type, path, meta }: Change): string | null {
  if (type === 'ENUM_VALUE_ADDED' && !meta.addedToNewType) return path ?? null;
  if (type === 'UNION_MEMBER_ADDED' && !meta.addedToNewType)
    return `${meta.unionName}.${meta.addedUnionMemberTypeName}`;
  return null;
}

/** A place is due itself, or as part of one that is, as an argument of a field. */
function isDue(path: string, due: ReadonlySet<string>): boolean {
  const names = path.split('.');
  return names.some((_, index) => due.has(names.slice(0, index + 1).join('.')));
}

/** `Type.field`, `Type.field.argument`, `Input.field` and `Enum.VALUE` of which the date in their deprecation is over. */
function duePlaces(schema: GraphQLSchema, today: Date): Set<string> {
  const places = Object.values(schema.getTypeMap()).flatMap((type) => placesIn(type));
  return new Set(places.filter(({ reason }) => isPast(reason, today)).map(({ path }) => path));
}

interface Place {
  path: string;
  reason: string | null | undefined;
}

function placesIn(type: GraphQLNamedType): Place[] {
  const place = (path: string, { deprecationReason: reason }: { deprecationReason?: string | null | undefined }) => ({
    path: `${type.name}.${path}`,
    reason,
  });
  if (isEnumType(type)) return type.getValues().map((value) => place(value.name, value));
  if (isInputObjectType(type)) return Object.values(type.getFields()).map((field) => place(field.name, field));
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => [
    place(field.name, field),
    ...field.args.map((argument) => place(`${field.name}.${argument.name}`, argument)),
  ]);
}

function isPast(reason: string | null | undefined, today: Date): boolean {
  const [date] = /\d{4}-\d{2}-\d{2}/.exec(reason ?? '') ?? [];
  return date !== undefined && new Date(date).getTime() <= today.getTime();
}

/** Types that fields which are due lead to: they may go with them. Where another field needs one, its own change is a breach. */
function typesBehind(schema: GraphQLSchema, due: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  const visit = (type: GraphQLNamedType) => {
    if (found.has(type.name)) return;
    found.add(type.name);
    if (isAbstractType(type)) schema.getPossibleTypes(type).forEach(visit);
    if (isInputObjectType(type) || isObjectType(type) || isInterfaceType(type))
      for (const field of Object.values(type.getFields())) visitField(field);
  };
  const visitField = (field: {
    type: Parameters<typeof getNamedType>[0];
    args?: readonly { type: typeof field.type }[];
  }) => {
    const types = [field, ...(field.args ?? [])].map(({ type }) => getNamedType(type));
    for (const type of types) if (type) visit(type);
  };
  for (const path of due) {
    const [typeName = '', fieldName = ''] = path.split('.');
    const type = schema.getType(typeName);
    if (!isInputObjectType(type) && !isObjectType(type) && !isInterfaceType(type)) continue;
    const field = type.getFields()[fieldName];
    if (field && due.has(`${typeName}.${fieldName}`)) visitField(field);
  }
  return found;
}
