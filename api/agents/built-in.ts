import { db } from '../db.ts';

/** The agents a new installation begins with. An administrator may rename or archive them; they are not made again. */
export async function ensureBuiltInAgents(): Promise<void> {
  if ((await db.agent.count()) > 0) return;
  await db.agent.createMany({
    skipDuplicates: true,
    data: [
      {
        handle: 'claude',
        name: 'Claude',
        description: 'Anthropic’s assistant. Needs ANTHROPIC_API_KEY.',
        provider: 'ANTHROPIC',
      },
      {
        handle: 'echo',
        name: 'Echo',
        description: 'Repeats what you write, without a model, a key or a network.',
        provider: 'ECHO',
      },
    ],
  });
}
