/** What may be typed: the shapes and lengths of everything that people write. Lengths are UTF-16 code units. */
import { z } from 'zod';

export const MESSAGE_LENGTH = 100_000;
export const TITLE_LENGTH = 255;
export const CONTEXT_LENGTH = 50_000;

/** PostgreSQL cannot store NUL, and UTF-8 has no half of a surrogate pair: better refused than silently changed. */
const storable = z
  .string()
  .refine((value) => !value.includes('\0'), 'A NUL character cannot be stored. Take it out.')
  .refine((value) => value.isWellFormed(), 'It holds half of a surrogate pair, which is no character. Take it out.');

function atMost(length: number) {
  const shown = length.toLocaleString('en-US');
  return storable.refine((value) => value.length <= length, `It may have at most ${shown} characters.`);
}

/** One line of text, without the spaces around it. */
function line(length: number) {
  return atMost(length)
    .transform((value) => value.trim())
    .refine((value) => value !== '', 'It must not be empty.')
    .refine((value) => !/[\r\n]/.test(value), 'It must be a single line.');
}

export const messageContent = atMost(MESSAGE_LENGTH).refine((value) => value.trim() !== '', 'It must not be empty.');
export const chatTitle = line(TITLE_LENGTH);
export const searchText = atMost(TITLE_LENGTH);
export const contextContent = atMost(CONTEXT_LENGTH);
export const expectedVersion = z.int().min(0, 'A version is 0 or more.');

export const agentHandle = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,31}$/, 'Use 2 to 32 small letters, digits and hyphens, a letter first.');
export const agentName = line(100);
export const agentDescription = atMost(500);
export const agentModel = line(200);
export const agentInstructions = atMost(CONTEXT_LENGTH);
export const agentMaxOutputTokens = z.int().min(1, 'At least 1.').max(128_000, 'At most 128,000.');
