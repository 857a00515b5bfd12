import { agentWords } from './words';

/** A built-in agent's description in the reader's language; one that an administrator wrote as it is. */
export function sayAgentDescription(description: string): string {
  const key = builtIn[description];
  return key ? agentWords().builtIn[key] : description;
}

/** Word for word as in api/agents/built-in.ts. */
const builtIn: Record<string, keyof ReturnType<typeof agentWords>['builtIn']> = {
  'Anthropic’s assistant: answers questions, writes, and works on code.': 'claude',
  'Answers questions, writes, and works on code.': 'assistant',
  'Repeats what you write. For trying out Confab before a model is connected.': 'echo',
};
