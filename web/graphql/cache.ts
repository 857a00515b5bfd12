import { cacheExchange, type Cache, type DataFields, type UpdatesConfig } from '@urql/exchange-graphcache';
import type { Exchange } from '@urql/core';

/** What has no identity of its own lives inside what holds it. */
const embedded = [
  'Server',
  'MessagePart',
  'Usage',
  'RunFailure',
  'RunContext',
  'InputIssue',
  'ChatConnection',
  'ChatEdge',
  'MessageConnection',
  'MessageEdge',
  'ContextVersionConnection',
  'ContextVersionEdge',
] as const;

const updates: UpdatesConfig = {
  Mutation: {
    createAgent: (_result, _args, cache) => forget(cache, 'Query', 'agents'),
    archiveAgent: (_result, _args, cache) => forget(cache, 'Query', 'agents'),
    setDefaultAgent: (_result, _args, cache) => forget(cache, 'Query', 'agents'),
    updatePrimaryContext: (result, _args, cache) => forgetVersions(cache, payloadOf(result, 'updatePrimaryContext')),
    updatePersonalContext: (result, _args, cache) => forgetVersions(cache, payloadOf(result, 'updatePersonalContext')),
    restoreContextVersion: (result, _args, cache) => forgetVersions(cache, payloadOf(result, 'restoreContextVersion')),
  },
};

/** Without this the cache guesses which fragments match, and takes a failure it has never met for none of them. */
export const possibleTypes = {
  Error: [
    'ChatLimitError',
    'ConflictError',
    'ForbiddenError',
    'InvalidInputError',
    'NotFoundError',
    'RunInProgressError',
    'RunLimitError',
  ],
};

export const normalisedCache: Exchange = cacheExchange({
  possibleTypes,
  keys: Object.fromEntries(embedded.map((type) => [type, () => null])),
  updates,
});

interface Entity {
  __typename: string;
  id: string;
}

function payloadOf(result: DataFields, field: string): DataFields {
  return (result[field] ?? {}) as DataFields;
}

function isEntity(value: unknown): value is Entity {
  return typeof value === 'object' && value !== null && 'id' in value && '__typename' in value;
}

function keyOf(cache: Cache, entity: Entity): string {
  return cache.keyOfEntity({ __typename: entity.__typename, id: entity.id }) ?? '';
}

/** Forgets a field with whatever arguments it was asked for: `invalidate` alone takes none to mean exactly none. */
function forget(cache: Cache, entity: Entity | 'Query', field: string): void {
  for (const { fieldName, arguments: args } of cache.inspectFields(
    entity === 'Query' ? entity : keyOf(cache, entity),
  )) {
    if (fieldName === field)
      cache.invalidate(entity === 'Query' ? entity : keyOf(cache, entity), fieldName, args ?? undefined);
  }
}

/** Whether it was we who wrote a version or, in a conflict, someone else. */
function forgetVersions(cache: Cache, { contextFile, current }: DataFields): void {
  const file = contextFile ?? current;
  if (isEntity(file)) forget(cache, file, 'versions');
}
