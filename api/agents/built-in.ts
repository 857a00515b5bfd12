import { db } from '../database/db.ts';
import { write } from '../database/write.ts';
import type { Agent, Prisma } from '../generated/prisma/client.ts';
import { providers } from '../providers/providers.ts';

/**
 * The agents that are there by themselves. An administrator may rename or archive them; they are not made again.
 * Their descriptions are for everybody who chooses an agent; the page translates them word for word (web/agents/describe.ts).
 */
export async function ensureBuiltInAgents(): Promise<void> {
  const present = await db.agent.findMany({ select: { provider: true } });
  const taken = new Set(
    (await db.handle.findMany({ where: { name: { startsWith: 'assistant' } } })).map(({ name }) => name),
  );
  const data = [...(present.length === 0 ? firstAgents : []), ...assistantFor(present, taken)];
  // Of two nodes that start at once, the second finds the handles taken.
  if (data.length > 0)
    await write({ server: 'start' }, ({ tx }) => tx.agent.createMany({ data, skipDuplicates: true }));
}

/** What a new installation begins with. */
const firstAgents: Prisma.AgentCreateManyInput[] = [
  {
    handle: 'claude',
    name: 'Claude',
    description: 'Anthropic’s assistant: answers questions, writes, and works on code.',
    provider: 'ANTHROPIC',
  },
  {
    handle: 'echo',
    name: 'Echo',
    description: 'Repeats what you write. For trying out Confab before a model is connected.',
    provider: 'ECHO',
  },
];

/**
 * With OPENAI_API_KEY or OPENAI_BASE_URL set, that model is expected to answer, also where agents were made long before. Its name
 * names no vendor, since the server may be OpenAI's or a local one.
 */
function assistantFor(present: Pick<Agent, 'provider'>[], taken: ReadonlySet<string>): Prisma.AgentCreateManyInput[] {
  const isWanted = providers.OPENAI.isConfigured() && !present.some(({ provider }) => provider === 'OPENAI');
  if (!isWanted) return [];
  return [
    {
      handle: freeHandle(taken),
      name: 'Assistant',
      description: 'Answers questions, writes, and works on code.',
      provider: 'OPENAI',
    },
  ];
}

function freeHandle(taken: ReadonlySet<string>): string {
  let handle = 'assistant';
  for (let number = 2; taken.has(handle); number += 1) handle = `assistant-${number}`;
  return handle;
}
