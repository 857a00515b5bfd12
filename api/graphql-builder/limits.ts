/** What may be typed: the shapes and lengths of everything that people write. Lengths are UTF-16 code units. */
import { z } from 'zod';

import { HANDLE_PATTERN, reservedHandles } from '../handles/handles.ts';
import { holdsControls, isVisible } from '../handles/names.ts';
import { type InputIssueCode, inputIssueCodes } from '../errors.ts';

export const MESSAGE_LENGTH = 100_000;
export const TITLE_LENGTH = 255;
export const CONTEXT_LENGTH = 50_000;
/** Of one operation: 25 chats with 50 messages each and ten fields of every one pass; 100 with 100 do not. */
export const MOST_COMPLEXITY = 25_000;
/** Of a refused input, so many faults are told. */
export const MOST_ISSUES = 5;

/** In the `params` of zod's issues: what a program needs to translate the sentence. */
export const IssueParams = z.object({ code: z.enum(inputIssueCodes), limit: z.number().optional() });

function issue(code: InputIssueCode, reason: string, limit?: number) {
  return { error: reason, params: { code, limit } satisfies z.infer<typeof IssueParams> };
}

/** PostgreSQL cannot store NUL, and UTF-8 has no half of a surrogate pair: better refused than silently changed. */
const storable = z
  .string()
  .refine((value) => !value.includes('\0'), issue('NOT_STORABLE', 'A NUL character cannot be stored. Take it out.'))
  .refine(
    (value) => value.isWellFormed(),
    issue('NOT_STORABLE', 'It holds half of a surrogate pair, which is no character. Take it out.'),
  );

function atMost(length: number) {
  const shown = length.toLocaleString('en-US');
  return storable.refine(
    (value) => value.length <= length,
    issue('TOO_LONG', `It may have at most ${shown} characters.`, length),
  );
}

function between(least: number, most: number) {
  return z
    .int()
    .refine((value) => value >= least, issue('TOO_SMALL', `At least ${least.toLocaleString('en-US')}.`, least))
    .refine((value) => value <= most, issue('TOO_LARGE', `At most ${most.toLocaleString('en-US')}.`, most));
}

const empty = issue('EMPTY', 'It must not be empty.');

/** One line of text, without the spaces around it. */
function line(length: number) {
  return atMost(length)
    .transform((value) => value.trim())
    .refine(isVisible, empty)
    .refine((value) => !/[\r\n]/.test(value), issue('NOT_ONE_LINE', 'It must be a single line.'))
    .refine(
      (value) => /[\r\n]/.test(value) || !holdsControls(value),
      issue(
        'NOT_STORABLE',
        'It holds a control character, or a mark that changes the direction of writing. Take it out.',
      ),
    );
}

export const messageContent = atMost(MESSAGE_LENGTH).refine(isVisible, empty);
export const chatTitle = line(TITLE_LENGTH);
export const roomTopic = atMost(1_000).transform((value) => value.trim());
export const searchText = atMost(TITLE_LENGTH);
export const peopleCount = between(1, 50);
export const chatCount = between(0, 1_000_000);
export const invitationDays = between(1, 30);
export const invitationUses = between(1, 100);
/** Ids, of which a request may name so many. */
export const peopleAtOnce = z
  .array(z.string())
  .refine((ids) => ids.length <= 50, issue('TOO_LARGE', 'At most 50 people at once.', 50));
/** One emoji as people count them, whatever it is made of; the longest of Unicode's list has 15 UTF-16 code units. */
export const emoji = z
  .string()
  .max(35)
  .refine((value) => /^\p{RGI_Emoji}$/v.test(value), issue('NOT_AN_EMOJI', 'It must be one emoji.'));
export const agentsAtOnce = z
  .array(z.string())
  .refine((ids) => ids.length <= 20, issue('TOO_LARGE', 'At most 20 agents at once.', 20));
/** Names of tables, of which a filter may hold so many. */
export const tablesAtOnce = z
  .array(atMost(63))
  .refine((names) => names.length <= 50, issue('TOO_LARGE', 'At most 50 tables at once.', 50));
export const changeRequestId = atMost(200);
export const tokenName = line(80);
/** Lists of a token: an empty one could be taken for no bound at all. */
export const scopesAtOnce = z.array(z.string()).refine((scopes) => scopes.length > 0, empty);
/** Of those, in one list. */
export const tokenChatCount = between(1, 100);
export const chatsOfToken = z
  .array(z.string())
  .refine((ids) => ids.length > 0, empty)
  .refine((ids) => ids.length <= 100, issue('TOO_LARGE', 'At most 100 chats.', 100));
export const documentsOfToken = z
  .array(z.string().regex(/^[0-9a-f]{64}$/, 'It must be a SHA-256 in hexadecimal.'))
  .refine((ids) => ids.length > 0, empty)
  .refine((ids) => ids.length <= 200, issue('TOO_LARGE', 'At most 200 documents.', 200));
export const contextContent = atMost(CONTEXT_LENGTH);
export const messageSeq = between(0, 2 ** 31 - 1);
export const expectedVersion = between(0, 2 ** 31 - 1);

export const agentHandle = z
  .string()
  .refine(
    (value) => /^[a-z][a-z0-9-]{1,31}$/.test(value),
    issue('HANDLE_FORM', 'Use 2 to 32 small letters, digits and hyphens, a letter first.'),
  )
  .refine((value) => !reservedHandles.has(value), issue('HANDLE_TAKEN', 'This handle means everybody.'));
export const personHandle = z
  .string()
  .refine(
    (value) => HANDLE_PATTERN.test(value) && !reservedHandles.has(value),
    issue('HANDLE_FORM', 'Use 2 to 30 small letters, digits, dots, underscores and hyphens, a letter or digit first.'),
  );
export const agentName = line(100);
export const agentDescription = atMost(500);
export const agentModel = line(200);
/** Whose models agents ask; answers of EXTERNAL come from service agents alone. */
export const agentProvider = z.enum(['ANTHROPIC', 'OPENAI', 'ECHO'], {
  error: 'A service agent is made by createServiceAgent.',
});
/** Words that a service agent adds at once, and where they begin. */
export const answerText = atMost(16_000);
export const answerOffset = between(0, 1_000_000);
export const tokenCount = between(0, 1_000_000_000);
export const agentInstructions = atMost(CONTEXT_LENGTH);
export const agentMaxOutputTokens = between(1, 128_000);
