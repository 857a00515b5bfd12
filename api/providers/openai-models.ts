import type OpenAI from 'openai';

/** Stands for a model that nobody named, until its server has said which ones it has. */
export const unnamedModel = 'default';

/** The first model that a server lists and that talks: one at home has one, or the newest of a few first. */
export async function firstModelOf(client: OpenAI, signal: AbortSignal): Promise<string> {
  const { data } = await client.models.list({ signal });
  return data.find(({ id }) => !/embed|rerank|whisper|tts|moderation/i.test(id))?.id ?? unnamedModel;
}
