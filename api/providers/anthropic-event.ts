/**
 * What Anthropic's Messages API sends, or a server that speaks it, checked where it comes in. Words of another kind than text are
 * refused, since an answer without them would be corrupt; of all else, what has an odd kind counts as not said.
 */
import { z } from 'zod';
import { TokenCount } from './usage.ts';

const Usage = z
  .object({
    input_tokens: TokenCount,
    output_tokens: TokenCount,
    cache_read_input_tokens: TokenCount,
    cache_creation_input_tokens: TokenCount,
  })
  .nullish()
  .catch(null);

/** Of a content block, or of a piece of one. */
const Content = z
  .object({
    type: z.string().nullish().catch(null),
    text: z.unknown().optional(),
    thinking: z.string().nullish().catch(null),
  })
  .refine(({ type, text }) => !type?.startsWith('text') || text == null || typeof text === 'string', 'No text.')
  .transform(({ type, text, thinking }) => ({ type, thinking, text: typeof text === 'string' ? text : '' }));

export type Content = z.infer<typeof Content>;

const Stop = z.object({ stop_reason: z.string().nullish().catch(null) });

/** By its type an event has other fields; the types that are not here are passed over. */
export const MessageEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message_start'),
    message: z.object({ usage: Usage }).nullish().catch(null),
  }),
  z.object({ type: z.literal('content_block_start'), index: z.unknown().optional(), content_block: Content }),
  z.object({ type: z.literal('content_block_delta'), index: z.unknown().optional(), delta: Content }),
  z.object({ type: z.literal('message_delta'), delta: Stop.nullish().catch(null), usage: Usage }),
  z.object({ type: z.literal('message_stop') }),
  /** A whole answer in place of a stream. */
  z.object({
    type: z.literal('message'),
    content: z.array(Content),
    stop_reason: z.string().nullish().catch(null),
    usage: Usage,
  }),
  z.object({ type: z.literal('error'), error: z.unknown().optional() }),
]);

export type MessageEvent = z.infer<typeof MessageEvent>;
export type Usage = z.infer<typeof Usage>;

/** The field with the type of an event. */
export const EventType = z.object({ type: z.string().nullish().catch(null) });

/** What is in the field of that name where something failed. */
export const ErrorBody = z
  .object({ type: z.string().nullish().catch(null) })
  .nullish()
  .catch(null);
