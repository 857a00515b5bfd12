/** Which model answers at a server of which no model was named. */
import type OpenAI from 'openai';
import { z } from 'zod';
import { ProviderFailure } from './provider.ts';
import type { Wire } from './wire.ts';

/** Stands for the default model until the server has said which ones it has. */
export const unnamedModel = 'default';

const LONGEST_LIST_BYTES = 2_000_000;
const MOST_MODELS = 2_000;
/** How many models Ollama is asked about one by one. */
const MOST_SHOWN = 5;
const LIST_MS = 10_000;

/** The first of its models that a server calls a chat model; where it does not say, the first whose name is not of another kind. */
export async function findChatModel(client: OpenAI, wire: Wire, signal: AbortSignal): Promise<string> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]);
  const ids = await listModels(client, wire, within);
  const likely = [...ids.filter((id) => !isOtherKind.test(id)), ...ids.filter((id) => isOtherKind.test(id))];
  const capabilities = await capabilitiesAtOllama(client, wire, within, likely);
  if (capabilities.size === 0) return likely.find((id) => !isOtherKind.test(id)) ?? unnamedModel;
  const chats = likely.find((id) => capabilities.get(id)?.includes('completion'));
  return chats ?? likely.find((id) => !capabilities.has(id) && !isOtherKind.test(id)) ?? unnamedModel;
}

/** Models for embeddings, ranking, speech, pictures and moderation, by the names that they usually have. */
const isOtherKind =
  /embed|rerank|(?:^|[/_-])(?:bge|gte|e5|jina|minilm|labse|stella|mxbai|colbert|clip|siglip|sdxl)(?:[-_:.]|$)|all-minilm|paraphrase|nomic-|arctic-|whisper|(?:^|[/_-])tts|speech|transcribe|moderation|guard|dall-?e|diffusion|flux|imagen|gpt-image|sora|davinci-002|babbage-002/i;

const ModelList = z.object({ data: z.array(z.object({ id: z.string().nullable().catch(null) }).catch({ id: null })) });

async function listModels(client: OpenAI, wire: Wire, signal: AbortSignal): Promise<string[]> {
  const response = await client.models.list({ signal }).asResponse();
  const { text, isWhole } = await wire.text(response, LONGEST_LIST_BYTES);
  const list = isWhole ? ModelList.safeParse(jsonIn(text)).data : undefined;
  if (!list)
    throw new ProviderFailure('UPSTREAM_MALFORMED', 'The list of models cannot be read.', { retryable: false });
  return namesIn(list.data.map(({ id }) => id));
}

function namesIn(names: (string | null)[]): string[] {
  return names.filter((name) => name !== null && name !== '' && name.length <= 200).slice(0, MOST_MODELS) as string[];
}

const Capabilities = z.array(z.string()).max(50).nullish().catch(null);
const Tags = z.object({
  models: z.array(
    z.object({ name: z.string().catch(''), capabilities: Capabilities }).catch({ name: '', capabilities: null }),
  ),
});
const Shown = z.object({ capabilities: Capabilities });

/** By names of models, where the server is Ollama: newer ones have them in the list, older ones of each model alone. */
async function capabilitiesAtOllama(
  client: OpenAI,
  wire: Wire,
  signal: AbortSignal,
  candidates: readonly string[],
): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const tags = Tags.safeParse(await askOllama(client, wire, signal, 'tags')).data;
  if (!tags) return found;
  for (const { name, capabilities } of tags.models.slice(0, MOST_MODELS))
    if (capabilities) found.set(name, capabilities);
  if (found.size > 0) return found;
  for (const model of candidates.slice(0, MOST_SHOWN)) {
    const shown = Shown.safeParse(await askOllama(client, wire, signal, 'show', { model })).data;
    if (shown?.capabilities) found.set(model, shown.capabilities);
    if (shown?.capabilities?.includes('completion')) break;
  }
  return found;
}

/** Null where it is no Ollama. Its own API is beside the Chat Completions one. */
async function askOllama(
  client: OpenAI,
  wire: Wire,
  signal: AbortSignal,
  what: 'tags' | 'show',
  body?: object,
): Promise<unknown> {
  const base = client.baseURL.replace(/\/+$/, '');
  if (!base.endsWith('/v1')) return null;
  try {
    const url = `${base.slice(0, -'/v1'.length)}/api/${what}`;
    const init = body && {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    };
    const response = await wire.fetch(url, { ...init, signal });
    const { text, isWhole } = await wire.text(response, LONGEST_LIST_BYTES);
    return response.ok && isWhole ? jsonIn(text) : null;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
