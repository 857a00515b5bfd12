/** The forms in which a model may be asked, and an agent for each: all of them ask the same scripted model. */
import { CreateAgent } from './documents.ts';
import { type Person, person } from './person.ts';

/** Its name, what its agent is made of, and the setting that has its key. */
export const wireForms = [
  ['Anthropic', { provider: 'ANTHROPIC', model: 'claude-test' }, 'ANTHROPIC_API_KEY'],
  ['OpenAI', { provider: 'OPENAI', model: 'gpt-test' }, 'OPENAI_API_KEY'],
  ['Ollama', { provider: 'OPENAI', model: 'llama3.2:3b' }, 'OPENAI_API_KEY'],
] as const;

/** Their agents' ids, by the forms' names. In a file whose first person this makes, where none is given: the administrator. */
export async function agentsByForm(administrator?: Person): Promise<Map<string, string>> {
  const ada = administrator ?? (await person('ada'));
  const agents = new Map<string, string>();
  for (const [name, wishes] of wireForms) {
    const input = { handle: `asks-${name.toLowerCase()}`, name, ...wishes };
    const { createAgent } = await ada.ask(CreateAgent, { input });
    if (createAgent.__typename !== 'CreateAgentPayload') throw new Error(JSON.stringify(createAgent));
    agents.set(name, createAgent.agent.id);
  }
  return agents;
}
