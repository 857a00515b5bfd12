/** What tests ask for again and again. */
export * from './documents/agents.ts';
export * from './documents/chats.ts';
export * from './documents/contexts.ts';
export * from './documents/feed.ts';
export * from './documents/messages.ts';
export * from './documents/runs.ts';
export * from './documents/viewer.ts';
