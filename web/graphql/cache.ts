import { cacheExchange, type Cache, type DataFields, type UpdatesConfig } from '@urql/exchange-graphcache';
import type { Exchange } from '@urql/core';

/** How many messages a page of a thread holds; the newest page is the one that new messages join. */
export const THREAD_PAGE = 50;

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
    createChat: (_result, _args, cache) => forgetChats(cache),
    archiveChat: (_result, _args, cache) => forgetChats(cache),
    unarchiveChat: (_result, _args, cache) => forgetChats(cache),
    deleteChat: (_result, _args, cache) => forgetChats(cache),
    restoreChat: (_result, _args, cache) => forgetChats(cache),
    sendMessage: (result, _args, cache) => {
      const { chat, message, answer } = payloadOf(result, 'sendMessage');
      if (isEntity(chat) && isEntity(message) && isEntity(answer)) {
        changeThread(cache, chat, (nodes) => withNew(nodes, [keyOf(cache, message), keyOf(cache, answer)]));
      }
    },
    regenerateAnswer: (result, args, cache) => {
      const { chat, answer } = payloadOf(result, 'regenerateAnswer');
      const { messageId } = args['input'] as { messageId: string };
      const old = cache.keyOfEntity({ __typename: 'Message', id: messageId });
      if (isEntity(chat) && isEntity(answer)) {
        changeThread(cache, chat, (nodes) => nodes.map((node) => (node === old ? keyOf(cache, answer) : node)));
      }
    },
    createAgent: (_result, _args, cache) => forget(cache, 'Query', 'agents'),
    archiveAgent: (_result, _args, cache) => forget(cache, 'Query', 'agents'),
    setDefaultAgent: (_result, _args, cache) => forget(cache, 'Query', 'agents'),
    updatePrimaryContext: (result, _args, cache) => forgetVersions(cache, payloadOf(result, 'updatePrimaryContext')),
    updatePersonalContext: (result, _args, cache) => forgetVersions(cache, payloadOf(result, 'updatePersonalContext')),
    restoreContextVersion: (result, _args, cache) => forgetVersions(cache, payloadOf(result, 'restoreContextVersion')),
  },
};

/** Without this the cache guesses which fragments match, and takes a failure it has never met for none of them. */
const possibleTypes = {
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

function forgetChats(cache: Cache): void {
  forget(cache, 'Query', 'chats');
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

function changeThread(cache: Cache, chat: Entity, change: (nodes: string[]) => string[]): void {
  const key = keyOf(cache, chat);
  for (const { fieldName, arguments: args } of cache.inspectFields(key)) {
    if (fieldName !== 'messages') continue;
    const page = cache.resolve(key, fieldName, args);
    const nodes = typeof page === 'string' ? cache.resolve(page, 'nodes') : null;
    if (typeof page !== 'string' || !Array.isArray(nodes)) continue;
    const isNewest = !args || !('before' in args) || args['before'] == null;
    const changed = change(nodes as string[]);
    if (isNewest || changed.length === nodes.length) cache.link(page, 'nodes', changed);
  }
}

function withNew(nodes: string[], fresh: string[]): string[] {
  return [...nodes, ...fresh.filter((key) => !nodes.includes(key))];
}
