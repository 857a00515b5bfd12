/** Which scope a token needs, in one place: for each root field, and for the types by which one field shows what another one is for. */
import type { ApiScope } from '../generated/prisma/client.ts';

/**
 * `ANY_TOKEN`: the scopes of the types that are asked for decide. `BROWSER`: no token at all, only a person who is signed in with a
 * cookie. `EVERYBODY`: signed out too.
 */
export type Need = ApiScope | 'ANY_TOKEN' | 'BROWSER' | 'EVERYBODY';

/** By the name of the root field. A field that is missing here is refused to every token, and a test fails. */
export const rootNeeds: Readonly<Record<string, Need>> = {
  // Queries.
  agents: 'READ_CHATS',
  apiTokens: 'BROWSER',
  changelog: 'ADMIN_AUDIT',
  changes: 'ADMIN_AUDIT',
  chat: 'READ_CHATS',
  chats: 'READ_CHATS',
  invitation: 'EVERYBODY',
  node: 'ANY_TOKEN',
  openRooms: 'READ_CHATS',
  people: 'READ_CHATS',
  personalContext: 'READ_CONTEXTS',
  primaryContext: 'READ_CONTEXTS',
  rateLimit: 'ANY_TOKEN',
  server: 'EVERYBODY',
  serviceAgents: 'ADMIN_PEOPLE',
  viewer: 'EVERYBODY',

  // Subscriptions.
  feed: 'READ_CHATS',
  runEvents: 'READ_CHATS',

  // Mutations.
  acceptInvitation: 'MANAGE_ROOMS',
  addMembers: 'MANAGE_ROOMS',
  addRoomAgent: 'MANAGE_ROOMS',
  appendToAnswer: 'WRITE_CHATS',
  archiveAgent: 'ADMIN_AGENTS',
  archiveChat: 'WRITE_CHATS',
  askAgent: 'RUN_AGENTS',
  beginAnswer: 'WRITE_CHATS',
  continueAnswer: 'RUN_AGENTS',
  createAgent: 'ADMIN_AGENTS',
  createApiToken: 'BROWSER',
  createChat: 'WRITE_CHATS',
  createInvitation: 'MANAGE_ROOMS',
  createRoom: 'MANAGE_ROOMS',
  createServiceAgent: 'ADMIN_PEOPLE',
  deleteChat: 'WRITE_CHATS',
  deleteMessage: 'WRITE_CHATS',
  deletePerson: 'ADMIN_PEOPLE',
  disablePerson: 'ADMIN_PEOPLE',
  editMessage: 'WRITE_CHATS',
  enablePerson: 'ADMIN_PEOPLE',
  endAnswer: 'WRITE_CHATS',
  joinRoom: 'MANAGE_ROOMS',
  leaveRoom: 'MANAGE_ROOMS',
  markRead: 'WRITE_CHATS',
  pinChat: 'WRITE_CHATS',
  react: 'WRITE_CHATS',
  regenerateAnswer: 'RUN_AGENTS',
  removeMember: 'MANAGE_ROOMS',
  removeRoomAgent: 'MANAGE_ROOMS',
  restoreChat: 'WRITE_CHATS',
  restoreContextVersion: 'WRITE_CONTEXTS',
  revokeApiToken: 'BROWSER',
  revokeInvitation: 'MANAGE_ROOMS',
  selectBranch: 'WRITE_CHATS',
  sendMessage: 'WRITE_CHATS',
  setDefaultAgent: 'ADMIN_AGENTS',
  setMaxChats: 'ADMIN_PEOPLE',
  setMemberRole: 'MANAGE_ROOMS',
  setRoomNotifications: 'WRITE_CHATS',
  setTyping: 'WRITE_CHATS',
  stopRun: 'RUN_AGENTS',
  unarchiveAgent: 'ADMIN_AGENTS',
  unarchiveChat: 'WRITE_CHATS',
  unpinChat: 'WRITE_CHATS',
  unreact: 'WRITE_CHATS',
  updateAgent: 'ADMIN_AGENTS',
  updateChat: 'WRITE_CHATS',
  updateHandle: 'ACCOUNT',
  updatePersonalContext: 'WRITE_CONTEXTS',
  updatePreferences: 'ACCOUNT',
  updatePrimaryContext: 'WRITE_CONTEXTS',
  updateRoom: 'MANAGE_ROOMS',
  updateServiceAgent: 'ADMIN_PEOPLE',
  writeChangelogBase: 'BROWSER',
};

export interface TypeNeed {
  /** One of them is enough. */
  scopes: readonly (ApiScope | 'BROWSER')[];
  /** Fields that every token may ask for: what a program that only writes has to know of what it wrote. */
  free: readonly string[];
  /** Fields that need another scope than the rest: one of these is enough. */
  fields?: Readonly<Record<string, readonly ApiScope[]>>;
}

/** Whatever the field by which a token comes to these types, `node` and the payloads of mutations among them. */
export const typeNeeds: Readonly<Record<string, TypeNeed>> = {
  Agent: {
    scopes: ['READ_CHATS', 'RUN_AGENTS', 'ADMIN_AGENTS'],
    free: ['id', 'name', 'handle'],
    fields: { instructions: ['READ_CONTEXTS', 'ADMIN_AGENTS'] },
  },
  ApiToken: { scopes: ['BROWSER'], free: ['id'] },
  Chat: { scopes: ['READ_CHATS'], free: ['id', 'revision'] },
  ContextFile: { scopes: ['READ_CONTEXTS'], free: ['id', 'version'] },
  ContextVersion: { scopes: ['READ_CONTEXTS'], free: ['id', 'version'] },
  Invitation: { scopes: ['MANAGE_ROOMS'], free: ['id'] },
  Message: { scopes: ['READ_CHATS'], free: ['id', 'seq', 'clientId', 'createdAt'] },
  Person: { scopes: ['READ_CHATS', 'MANAGE_ROOMS', 'ACCOUNT', 'ADMIN_PEOPLE'], free: ['id'] },
  Run: { scopes: ['READ_CHATS'], free: ['id', 'status'] },
  RunContext: { scopes: ['READ_CONTEXTS'], free: ['type', 'version'] },
  User: { scopes: ['ACCOUNT'], free: ['id', 'name', 'role', 'person'] },
};

/** The last sentence of a root field's description. */
export function sentenceOf(need: Need): string {
  return sentences[need] ?? `Scope of a token: \`${need}\`.`;
}

const sentences: Partial<Record<Need, string>> = {
  ANY_TOKEN: 'Scope of a token: by the types that are asked for.',
  BROWSER: 'Never with a token: only in a browser that is signed in.',
  EVERYBODY: 'Scope of a token: none.',
};
