/**
 * What a server that speaks Chat Completions sends, checked where it comes in. Words of another kind than text are refused, since an
 * answer without them would be corrupt; of all else, what has an odd kind counts as not said.
 */
import { z } from 'zod';
import { TokenCount } from './usage.ts';

const ContentPart = z.object({
  type: z.string().catch(''),
  text: z.string().nullish().catch(null),
  refusal: z.string().nullish().catch(null),
  /** Mistral's is a list of parts of its own. */
  thinking: z
    .union([z.string(), z.array(z.object({ text: z.string().nullish().catch(null) }))])
    .nullish()
    .catch(null),
});

const Content = z.union([z.string(), z.array(z.union([z.string(), ContentPart]))]).nullish();

const Delta = z.object({
  content: Content,
  refusal: z.string().nullish().catch(null),
  /** What a model thought, under the names that vLLM, llama.cpp and DeepSeek, and that Ollama and OpenRouter give it. */
  reasoning_content: Content.catch(null),
  reasoning: Content.catch(null),
});

/** Some servers send it as a string. */
const Index = z
  .union([z.int().min(0), z.string().regex(/^\d{1,9}$/)])
  .transform(Number)
  .nullish()
  .catch(null);

const Choice = z.object({
  index: Index,
  delta: Delta.nullish(),
  /** In place of `delta` where a whole answer comes at once. */
  message: Delta.nullish(),
  finish_reason: z.string().nullish().catch(null),
});

const Usage = z.object({
  prompt_tokens: TokenCount,
  completion_tokens: TokenCount,
  prompt_tokens_details: z.object({ cached_tokens: TokenCount, cache_write_tokens: TokenCount }).nullish().catch(null),
});

export const Chunk = z.object({
  /** vLLM's errors have "error" here, and no field of that name. */
  object: z.string().nullish().catch(null),
  choices: z.array(Choice).nullish(),
  usage: Usage.nullish().catch(null),
  error: z.unknown().optional(),
});

export type Chunk = z.infer<typeof Chunk>;
export type ContentPart = z.infer<typeof ContentPart>;
export type Content = z.infer<typeof Content>;
export type Delta = z.infer<typeof Delta>;
export type Usage = z.infer<typeof Usage>;
