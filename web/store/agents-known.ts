/** The agents as the feed last told of them. What another answer says of an agent is as old or older, and gives way. */
import type { Chat } from './chat-fragments';
import type { AgentFieldsFragment as Agent } from '../generated/graphql';
import type { Message } from './message-fragments';

export interface AgentsKnown {
  /** Names this state of them. Empty: nothing is known. */
  version: string;
  rows: readonly Agent[];
}

export const noAgents: AgentsKnown = { version: '', rows: [] };

/** By the server's rule: the one that is chosen while that one can answer, else the one that is the default. */
export function withAnswerer({ version, rows }: AgentsKnown, chat: Chat): Chat {
  if (!version) return chat;
  const chosen = rows.find(({ id, isAvailable }) => isAvailable && id === chat.chosenAgent?.id);
  return { ...chat, agent: chosen ?? rows.find(({ isDefault }) => isDefault) ?? null };
}

/** One that is not there to be chosen keeps the name by which it answered. */
export function withAgentsName({ rows }: AgentsKnown, message: Message): Message {
  const { agent } = message;
  const name = rows.find(({ id }) => id === agent?.id)?.name;
  return agent && name && name !== agent.name ? { ...message, agent: { ...agent, name } } : message;
}
