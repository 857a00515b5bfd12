import type { Topic, TopicState } from '../open-feed.ts';
import { agents, AgentsChange, type AgentsEvent } from './agents.ts';
import { ChatChange, ChatGone, ChatListChange, chats, type ChatsEvent } from './chats.ts';
import { presence, PresenceChange, type PresenceEvent } from './presence.ts';
import { Tick, tick, type TickEvent } from './tick.ts';
import { typing, TypingChange, type TypingEvent } from './typing.ts';
import { RunDelta, words, type WordsEvent } from './words.ts';

export type FeedEvent = ChatsEvent | AgentsEvent | PresenceEvent | TypingEvent | TickEvent | WordsEvent;

/** In the order in which a feed sends what is due: `tick` last. `words` go between any two others (feed.ts). */
export const topics: readonly Topic<FeedEvent, TopicState<FeedEvent>>[] = [
  words,
  chats,
  typing,
  agents,
  presence,
  tick,
];

export const eventTypes = [
  ChatChange,
  RunDelta,
  ChatListChange,
  ChatGone,
  AgentsChange,
  PresenceChange,
  TypingChange,
  Tick,
];
