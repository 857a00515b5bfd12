/** The failures that any feature may give, as a client sees them. A feature's own stand in its schema.ts. */
import { builder } from './builder.ts';
import { MOST_ISSUES } from './limits.ts';
import {
  type ErrorCode,
  type ExpectedError,
  ForbiddenError,
  type InputIssue,
  type InputIssueCode,
  InvalidInputError,
  NotFoundError,
} from '../errors.ts';

export const ErrorCodeType = builder.enumType('ErrorCode', {
  description: 'What went wrong, for programs: the same for every wording of `reason`. New ones may come.',
  values: {
    NOT_FOUND: { description: 'It is not there, or not yours.' },
    INVALID_INPUT: { description: 'The input was refused; `issues` says where and why.' },
    CHAT_LIMIT: { description: 'As many chats are active as this person may have.' },
    RUN_IN_PROGRESS: { description: 'An answer is being written in the chat.' },
    RUN_LIMIT: { description: 'As many answers are being written as this person may have at once.' },
    CLIENT_ID_REUSED: { description: 'Something else was asked for with the same `clientId`.' },
    VERSION_CONFLICT: { description: 'Somebody else changed it since `expectedVersion`.' },
    AGENT_WITHOUT_KEY: { description: 'The agent that `subject` names cannot answer: its provider has no key.' },
    NO_AGENT: { description: 'No agent can answer.' },
    LAST_AGENT: { description: 'It is the last agent.' },
    LAST_USABLE_AGENT: { description: 'It is the last agent that can answer.' },
    DEFAULT_AGENT: { description: 'It is the default agent.' },
    CHAT_DELETED: { description: 'The chat is deleted.' },
    CHAT_ARCHIVED: { description: 'The viewer archived the chat.' },
    NOT_THE_AUTHOR: { description: 'Only its author may do this with a message.' },
    ANSWER_NOT_CUT: { description: 'The answer did not break off, so there is nothing to continue.' },
    ANSWER_DELETED: { description: 'The answer is deleted.' },
    QUESTION_DELETED: { description: 'The message that was answered is deleted.' },
    ROLE_TOO_LOW: { description: 'The viewer’s role in the room does not allow it.' },
    ROOM_CLOSED: { description: 'The room is read-only.' },
    ROOM_IS_ONE_LINE: { description: 'A room has no branches.' },
    TOO_MANY_REACTIONS: { description: 'The message has as many kinds of reactions as it can have.' },
    NOT_A_ROOM: { description: 'It is a private chat of one person and an agent.' },
    NOT_IN_ROOM: { description: 'The agent that `subject` names is not in the room.' },
    QUEUE_FULL: { description: 'As many runs wait in the room as can wait.' },
    ROOM_RUN_LIMIT: { description: 'Agents were asked in the room as often as they may be in a minute.' },
    TOO_MANY_AGENTS: { description: 'One message asks three agents at most, and a room has twenty at most.' },
    IS_A_ROOM: { description: 'It is a room, which `updateRoom` changes.' },
    ROOM_FULL: { description: 'The room has as many members as it can have.' },
    TOO_MANY_ROOMS: { description: 'The viewer made as many rooms as they may make in 24 hours.' },
    LAST_OWNER: { description: 'The viewer is the last owner of the room.' },
    TOO_MANY_INVITATIONS: {
      description: 'The room has 50 open invitations, or the viewer, who is neither moderator nor owner, five.',
    },
    TOO_MANY_JOINS: { description: 'The viewer joined the room ten times in an hour.' },
    BANNED: { description: 'The viewer was removed from the room for good.' },
    LAST_ADMINISTRATOR: { description: 'It is the last administrator who can sign in.' },
    OUTSIDE_TOKEN: {
      description: 'The token is bound to some chats, and this would make another one, or reach all of somebody’s.',
    },
    TOO_MANY_TOKENS: { description: 'The viewer has as many tokens as they can have.' },
    OFFSET_GAP: { description: 'Words before those are missing; `known` says how many are there.' },
    NOT_A_SERVICE_AGENT: { description: 'The viewer is no service agent.' },
    ONLY_PEOPLE_ASK: { description: 'The viewer is a service agent, or the message is an agent’s.' },
    ASKED_BY_MENTION: { description: 'A service agent gave the answer: a message that mentions it asks it again.' },
    ANSWER_ENDED: { description: 'The answer is over, whoever ended it.' },
    TEXT_DIFFERS: { description: 'Other words are stored where these would be.' },
    ANSWER_TOO_LONG: { description: 'The answer has as many characters or parts as it can have.' },
    SERVICE_AGENT_ANSWERED: { description: 'The service agent has answered in rooms: it can be disabled.' },
    OWNER_PROTECTED: { description: 'Nobody can remove an owner, and owners alone a moderator.' },
  } satisfies Record<ErrorCode, object>,
});

const IssueCode = builder.enumType('InputIssueCode', {
  description: 'What is wrong with a field, for programs. New ones may come.',
  values: {
    EMPTY: { description: 'It has no words.' },
    NOT_ONE_LINE: { description: 'It has line breaks.' },
    NOT_STORABLE: { description: 'It has a NUL or half of a surrogate pair.' },
    TOO_LONG: { description: 'It has more than `limit` UTF-16 code units.' },
    TOO_SMALL: { description: 'It is less than `limit`.' },
    TOO_LARGE: { description: 'It is, or has, more than `limit`.' },
    HANDLE_FORM: { description: 'It is no handle; the field says what one is.' },
    HANDLE_TAKEN: { description: 'Somebody else has this handle, or gave it up less than 30 days ago.' },
    NOT_AN_EMOJI: { description: 'It is not one emoji of Unicode’s list.' },
    MALFORMED: { description: 'It has another form than is needed; `reason` has the details.' },
  } satisfies Record<InputIssueCode, object>,
});

export const ErrorInterface = builder.interfaceRef<ExpectedError>('Error').implement({
  description: 'A failure that is to be expected: data, in the place of what was asked for.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeType, description: 'What is wrong, for a program.' }),
    reason: t.exposeString('reason', { description: 'What is wrong, for a person, in English.' }),
  }),
});

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: 'It is not there, or not yours: the two look the same.',
  interfaces: [ErrorInterface],
});

builder.objectType(ForbiddenError, {
  name: 'ForbiddenError',
  description: 'You may see it, but not do this with it, or not now.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    subject: t.exposeString('subject', {
      nullable: true,
      description: 'The name of what it is about, where `code` says that there is one.',
    }),
  }),
});

const Issue = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'One thing that is wrong with what was sent.',
  fields: (t) => ({
    path: t.exposeStringList('path', { description: 'Where: the argument’s name, then inwards.' }),
    code: t.expose('code', { type: IssueCode, description: 'What is wrong there, for a program.' }),
    reason: t.exposeString('reason', { description: 'What is wrong there, for a person, in English.' }),
    limit: t.exposeInt('limit', { nullable: true, description: 'The bound that was passed, where `code` has one.' }),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'What was sent cannot be taken as it is.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    issues: t.expose('issues', {
      type: [Issue],
      description: `What is wrong with it, at most ${MOST_ISSUES} things.`,
      complexity: { field: 1, multiplier: MOST_ISSUES },
    }),
  }),
});
