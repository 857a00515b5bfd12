import type { AnyTopic } from '../open-feed.ts';
import { agents, AgentsChange, type AgentsEvent } from './agents.ts';
import { ChatChange, ChatGone, ChatListChange, chats, type ChatsEvent } from './chats.ts';
import { Tick, tick, type TickEvent } from './tick.ts';
import { RunDelta, words, type WordsEvent } from './words.ts';

/** In the order in which a feed sends what is due: `tick` last. */
export const topics: readonly AnyTopic[] = [words, chats, agents, tick];

export type FeedEvent = ChatsEvent | AgentsEvent | TickEvent | WordsEvent;

export const eventTypes = [ChatChange, RunDelta, ChatListChange, ChatGone, AgentsChange, Tick];
