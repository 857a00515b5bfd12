/** The failures that a person may meet and a client may expect. Each is a member of the result unions of the schema. */

/** What is forbidden, and why: the code is for programs, the sentence for people. `subject` is the name of what it is about. */
const forbidden = {
  AGENT_WITHOUT_KEY: (subject: string) =>
    `${subject} cannot answer: its provider has no key. An administrator can set one.`,
  NO_AGENT: () => 'No agent can answer. An administrator can set a key or bring back the echo.',
  LAST_AGENT: () => 'This is the last agent. Make another one first.',
  LAST_USABLE_AGENT: () => 'This is the last agent that can answer. Make another one first.',
  DEFAULT_AGENT: () => 'This is the default agent. Make another one the default first.',
  CHAT_DELETED: () => 'This chat is deleted. Restore it to go on in it.',
  CHAT_ARCHIVED: () => 'This chat is archived. Unarchive it to go on in it.',
  NOT_THE_AUTHOR: () => 'Only its author can edit or delete a message.',
  ANSWER_NOT_CUT: () => 'Only an answer that broke off can be continued.',
  ANSWER_DELETED: () => 'This answer is deleted.',
  QUESTION_DELETED: () => 'The message that it answered is deleted.',
  ROLE_TOO_LOW: () => 'Your role in this room does not allow that.',
  ROOM_CLOSED: () => 'This room is read-only.',
  ROOM_IS_ONE_LINE: () => 'A room is one line: it has no branches, and nothing in it is asked again in another way.',
  TOO_MANY_REACTIONS: () => 'This message has as many kinds of reactions as it can have. Use one that is there.',
  NOT_A_ROOM: () => 'This is a private chat of one person and an agent: only rooms have this.',
  IS_A_ROOM: () => 'This is a room: updateRoom changes it, and it has no agent of its own.',
  ROOM_FULL: () => 'This room has as many members as it can have.',
  TOO_MANY_ROOMS: () => 'You made as many rooms as you may make in 24 hours. Make the next one later.',
  LAST_OWNER: () => 'You are the last owner of this room. Make somebody else an owner first.',
  TOO_MANY_INVITATIONS: () =>
    'There are as many open invitations as there can be: 50 of a room, 5 of a member. Revoke one first.',
  TOO_MANY_JOINS: () => 'You joined this room ten times in an hour. Join again later.',
  BANNED: () => 'Whoever was removed from this room for good can only be brought back by a moderator.',
  NOT_IN_ROOM: (subject: string) => `${subject} is not in this room. A moderator can add it.`,
  QUEUE_FULL: () => 'As many questions wait in this room as can wait. Ask again when some are answered.',
  ROOM_RUN_LIMIT: () => 'Agents were asked as often as they may be in this room in a minute. Ask again soon.',
  TOO_MANY_AGENTS: () => 'One message asks three agents at most, and a room has twenty at most.',
  LAST_ADMINISTRATOR: () => 'This is the last administrator who can sign in: somebody has to stay one.',
  OUTSIDE_TOKEN: () =>
    'This token is bound to some chats: with it, nobody makes another one, nor changes accounts, which have others.',
  TOO_MANY_TOKENS: () => 'You have as many tokens as you can have. Revoke one first.',
  NOT_A_SERVICE_AGENT: () => 'Only a service agent streams answers of its own. People send messages.',
  ONLY_PEOPLE_ASK: () =>
    'Agents are asked by people alone: what a service agent writes asks none, and it answers none of them.',
  ASKED_BY_MENTION: () => 'A service agent is asked again by a message that mentions it.',
  ANSWER_ENDED: () =>
    'This answer is over: its service agent ended it, somebody stopped it, or nothing came for too long.',
  TEXT_DIFFERS: () => 'Other words are stored at this place. Begin another answer, or go on from its length.',
  ANSWER_TOO_LONG: () => 'An answer has at most 400,000 characters, in 200 parts.',
  SERVICE_AGENT_ANSWERED: () => 'This service agent has answered in rooms. Disable it instead.',
  OWNER_PROTECTED: () => 'An owner can be removed by nobody, and a moderator by owners alone.',
};

export type ForbiddenCode = keyof typeof forbidden;

export type ErrorCode =
  | 'NOT_FOUND'
  | 'INVALID_INPUT'
  | 'CHAT_LIMIT'
  | 'RUN_IN_PROGRESS'
  | 'RUN_LIMIT'
  | 'VERSION_CONFLICT'
  | 'CLIENT_ID_REUSED'
  | 'OFFSET_GAP'
  | ForbiddenCode;

export abstract class ExpectedError extends Error {
  /** For a program, which translates it. */
  abstract readonly code: ErrorCode;

  /** For a person, in plain English: what is wrong and, where there is something, what to do. */
  get reason(): string {
    return this.message;
  }
}

/** Not there, or not yours: the two look the same. */
export class NotFoundError extends ExpectedError {
  override name = 'NotFoundError';
  override readonly code = 'NOT_FOUND';
}

/** Yours to see, but not to do, or not now. */
export class ForbiddenError extends ExpectedError {
  override name = 'ForbiddenError';
  override readonly code: ForbiddenCode;
  readonly subject: string | null;

  constructor(code: ForbiddenCode, subject = '') {
    super(forbidden[code](subject));
    this.code = code;
    this.subject = subject || null;
  }
}

/** What may be wrong with one field of an input. */
export const inputIssueCodes = [
  'EMPTY',
  'NOT_ONE_LINE',
  'NOT_STORABLE',
  'TOO_LONG',
  'TOO_SMALL',
  'TOO_LARGE',
  'HANDLE_FORM',
  'HANDLE_TAKEN',
  'NOT_AN_EMOJI',
  'MALFORMED',
] as const;

export type InputIssueCode = (typeof inputIssueCodes)[number];

export interface InputIssue {
  /** From the argument inwards: `['input', 'title']`. */
  path: string[];
  code: InputIssueCode;
  reason: string;
  /** Of TOO_LONG in UTF-16 code units, of TOO_SMALL and TOO_LARGE the number itself; else undefined. */
  limit?: number | undefined;
}

export class InvalidInputError extends ExpectedError {
  override name = 'InvalidInputError';
  override readonly code = 'INVALID_INPUT';
  readonly issues: InputIssue[];

  constructor(issues: InputIssue[]) {
    super(issues.map(({ path, reason }) => `${path.at(-1) ?? 'input'}: ${reason}`).join(' '));
    this.issues = issues;
  }
}

export class ChatLimitError extends ExpectedError {
  override name = 'ChatLimitError';
  override readonly code = 'CHAT_LIMIT';
  readonly limit: number;

  constructor(limit: number) {
    super(`You have ${limit} active chats, which is your limit. Archive or delete one first.`);
    this.limit = limit;
  }
}

export class RunInProgressError extends ExpectedError {
  override name = 'RunInProgressError';
  override readonly code = 'RUN_IN_PROGRESS';
  readonly runId: string;

  constructor(runId: string) {
    super('An answer is being written in this chat. Wait for its end or stop it first.');
    this.runId = runId;
  }
}

export class RunLimitError extends ExpectedError {
  override name = 'RunLimitError';
  override readonly code = 'RUN_LIMIT';
  readonly limit: number;

  constructor(limit: number) {
    const those = limit === 1 ? 'An answer is' : `${limit} answers are`;
    super(`${those} being written for you, which is the most at once. Wait for one to end or stop one.`);
    this.limit = limit;
  }
}

/** Another change came first: then it carries the present state. Or the same clientId was given to another request. */
export class ConflictError extends ExpectedError {
  override name = 'ConflictError';
  override readonly code: 'VERSION_CONFLICT' | 'CLIENT_ID_REUSED';
  readonly contextFileId: string | null;

  constructor(contextFileId: string | null = null) {
    super(
      contextFileId === null
        ? 'Something else was done with this clientId. Make a new one for each request, and keep it when you send that again.'
        : 'Somebody changed this text meanwhile. Compare yours with the present one and save again.',
    );
    this.code = contextFileId === null ? 'CLIENT_ID_REUSED' : 'VERSION_CONFLICT';
    this.contextFileId = contextFileId;
  }
}

/** Words of a growing answer came from an offset beyond what is known of it, or its end too soon. */
export class OffsetError extends ExpectedError {
  override name = 'OffsetError';
  override readonly code = 'OFFSET_GAP';
  /** UTF-16 code units that are known. */
  readonly known: number;

  constructor(known: number) {
    super(`The first ${known.toLocaleString('en-US')} characters of this answer are known. Send what follows them.`);
    this.known = known;
  }
}
