/** The agents as the feed last sent them. What another answer says of an agent is as old or older, and is replaced. */
import type { Chat } from './chat-fragments';
import type { AgentFieldsFragment as Agent } from '../generated/graphql';
import type { Message } from './message-fragments';

export interface AgentsKnown {
  /** Names this state of them. Empty: nothing is known. */
  version: string;
  rows: readonly Agent[];
}

export const noAgents: AgentsKnown = { version: '', rows: [] };

/** By the server's rule: the chosen agent while it can answer, else the default one. */
export function withAnswerer({ version, rows }: AgentsKnown, chat: Chat): Chat {
  if (!version) return chat;
  const chosen = rows.find(({ id, isAvailable }) => isAvailable && id === chat.chosenAgent?.id);
  return { ...chat, agent: chosen ?? rows.find(({ isDefault }) => isDefault) ?? null };
}

/** An agent that cannot be chosen keeps the name by which it answered. */
export function withAgentsName({ rows }: AgentsKnown, message: Message): Message {
  const { agent } = message;
  const name = rows.find(({ id }) => id === agent?.id)?.name;
  return agent && name && name !== agent.name ? { ...message, agent: { ...agent, name } } : message;
}
