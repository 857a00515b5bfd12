/** The failures that a person may meet and a client may expect. Each is a member of the result unions of the schema. */

export abstract class ExpectedError extends Error {
  /** For a person, in plain English: what is wrong and, where there is something, what to do. */
  get reason(): string {
    return this.message;
  }
}

/** Not there, or not yours: the two look the same. */
export class NotFoundError extends ExpectedError {
  override name = 'NotFoundError';
}

/** Yours to see, but not to do, or not now. */
export class ForbiddenError extends ExpectedError {
  override name = 'ForbiddenError';
}

export interface InputIssue {
  /** From the argument inwards: `['input', 'title']`. */
  path: string[];
  reason: string;
}

export class InvalidInputError extends ExpectedError {
  override name = 'InvalidInputError';
  readonly issues: InputIssue[];

  constructor(issues: InputIssue[]) {
    super(issues.map(({ path, reason }) => `${path.at(-1) ?? 'input'}: ${reason}`).join(' '));
    this.issues = issues;
  }
}

export class ChatLimitError extends ExpectedError {
  override name = 'ChatLimitError';
  readonly limit: number;

  constructor(limit: number) {
    super(`You have ${limit} active chats, which is your limit. Archive or delete one first.`);
    this.limit = limit;
  }
}

export class RunInProgressError extends ExpectedError {
  override name = 'RunInProgressError';
  readonly runId: string;

  constructor(runId: string) {
    super('An answer is being written in this chat. Wait for its end or stop it first.');
    this.runId = runId;
  }
}

export class RunLimitError extends ExpectedError {
  override name = 'RunLimitError';
  readonly limit: number;

  constructor(limit: number) {
    const those = limit === 1 ? 'An answer is' : `${limit} answers are`;
    super(`${those} being written for you, which is the most at once. Wait for one to end or stop one.`);
    this.limit = limit;
  }
}

/** Somebody else was faster. Carries what stands there now. */
export class ConflictError extends ExpectedError {
  override name = 'ConflictError';
  readonly contextFileId: string;

  constructor(contextFileId: string) {
    super('Somebody changed this text meanwhile. Compare yours with the present one and save again.');
    this.contextFileId = contextFileId;
  }
}
