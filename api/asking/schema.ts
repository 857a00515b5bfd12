import { Chat } from '../chats/schema.ts';
import { messageVisibleTo, runVisibleTo, visibleTo } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  RunInProgressError,
  RunLimitError,
} from '../errors.ts';
import { builder, type FieldsOf } from '../graphql-builder/builder.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import { messageContent } from '../graphql-builder/limits.ts';
import { idOf } from '../ids.ts';
import { chatOf } from '../messages/chat-of.ts';
import { changedMessage, Message } from '../messages/schema.ts';
import { Run } from '../runs/schema.ts';
import { askAgent, continueAnswer, regenerateAnswer, type Sent } from './answer.ts';
import { MOST_ASKED } from './ask-in-room.ts';
import { sendMessage } from './send.ts';

function askedForAnswers(t: FieldsOf<Sent>) {
  return {
    chat: t.prismaField({
      type: Chat,
      description: 'The chat, as it is now.',
      resolve: (query, { messageId }, _args, context) =>
        db.chat.findFirstOrThrow({
          ...query,
          where: { ...visibleTo(viewerIn(context)), messages: { some: { id: messageId } } },
        }),
    }),
    runs: t.prismaField({
      type: [Run],
      description: 'The generations of the answers, in the order in which they were asked for: in a private chat one.',
      complexity: { field: 1, multiplier: MOST_ASKED },
      resolve: (query, { runIds }, _args, context) =>
        db.run.findMany({
          ...query,
          where: { ...runVisibleTo(viewerIn(context)), id: { in: runIds } },
          orderBy: { revision: 'asc' },
        }),
    }),
    answers: t.prismaField({
      type: [Message],
      description: 'The answers that have their place already, still without words.',
      complexity: { field: 1, multiplier: MOST_ASKED },
      resolve: (query, { runIds }, _args, context) =>
        db.message.findMany({
          ...query,
          where: { ...messageVisibleTo(viewerIn(context)), run: { id: { in: runIds } } },
          orderBy: { seq: 'asc' },
        }),
    }),
  };
}

builder.relayMutationField(
  'sendMessage',
  {
    description: 'A message for a chat’s agent, or for the members of a room.',
    inputFields: (t) => ({
      chatId: t.id({ required: true, description: 'The chat’s id.' }).validate(idOf('Chat')),
      content: t.string({
        required: true,
        validate: messageContent,
        description: '1 to 100,000 characters, Markdown.',
      }),
      clientId: t.field({
        type: 'UUID',
        required: true,
        description:
          'The same id again gives the first result: a request that may have been lost is simply sent again.',
      }),
      agentId: t
        .id({ description: 'Who is to answer this message; left out: the chat’s agent.' })
        .validate(idOf('Agent').nullish()),
      parentId: t
        .id({
          description:
            'The answer that it follows; null: it begins the chat anew, beside the first message; left out: the end of the visible thread.',
        })
        .validate(idOf('Message').nullish()),
      replyToId: t
        .id({ description: 'Of a room: the message that it quotes; left out: none.' })
        .validate(idOf('Message').nullish()),
    }),
  },
  {
    description:
      'Says something. In a private chat it asks the agent for an answer; in a room the agents that it mentions, three at most, else the one that answers everything: their runs wait in the room’s queue, and `mentions` says which one could not be asked. Returns before any agent answers: `runEvents` and `feed` have their words.',
    authScopes: { signedIn: true },
    errors: {
      types: [NotFoundError, ForbiddenError, InvalidInputError, ConflictError, RunInProgressError, RunLimitError],
    },
    resolve: (_root, { input: { agentId, replyToId, ...input } }, context) =>
      sendMessage(viewerIn(context), {
        ...input,
        agentId: agentId ?? undefined,
        replyToId: replyToId ?? undefined,
      }),
  },
  {
    description: 'It was said, and what was asked for is on its way.',
    outputFields: (t) => ({
      ...askedForAnswers(t),
      message: changedMessage(t, 'What was said.'),
    }),
  },
);

asking('regenerateAnswer', regenerateAnswer, {
  input: 'Which answer is to be given again.',
  what: 'Asks for another answer to the same message. The visible thread goes on from the new one; the old one stays beside it, with all that followed it. In a room the new one comes at the end.',
  agent: 'Who is to answer this time; left out: the chat’s agent, in a room the same one.',
});

builder.relayMutationField(
  'askAgent',
  {
    description: 'Which agent is to answer which message.',
    inputFields: (t) => ({
      messageId: t
        .id({ required: true, description: 'The id of a person’s message in a room.' })
        .validate(idOf('Message')),
      agentId: t.id({ required: true, description: 'The id of an agent of the room.' }).validate(idOf('Agent')),
      clientId: t.field({ type: 'UUID', required: true, description: 'The same id again gives the first result.' }),
    }),
  },
  {
    description:
      'Asks an agent of a room to answer a message, as a mention does: the run waits in the room’s queue. For agents that could not be asked when the message was sent, and for those that it does not name.',
    authScopes: { signedIn: true },
    errors: {
      types: [NotFoundError, ForbiddenError, InvalidInputError, ConflictError, RunInProgressError, RunLimitError],
    },
    resolve: async (_root, { input }, context) =>
      askAgent(viewerIn(context), await chatOf(viewerIn(context), input.messageId), input),
  },
  {
    description: 'It is asked.',
    outputFields: (t) => ({ ...askedForAnswers(t), message: changedMessage(t, 'The message that is answered.') }),
  },
);

asking('continueAnswer', continueAnswer, {
  input: 'Which answer is to be continued.',
  what: 'Asks for the rest of an answer that broke off: at the model’s limit, by `stopRun`, by a fault, or by a server that stopped. The rest is a message of its own that follows it.',
  agent: 'Who is to go on; left out: the agent who began.',
});

/** A mutation that takes an answer and asks for one more. */
function asking(
  name: string,
  verb: typeof regenerateAnswer,
  says: { input: string; what: string; agent: string },
): void {
  builder.relayMutationField(
    name,
    {
      description: says.input,
      inputFields: (t) => ({
        messageId: t.id({ required: true, description: 'The answer’s id.' }).validate(idOf('Message')),
        clientId: t.field({ type: 'UUID', required: true, description: 'The same id again gives the first result.' }),
        agentId: t.id({ description: says.agent }).validate(idOf('Agent').nullish()),
      }),
    },
    {
      description: says.what,
      authScopes: { signedIn: true },
      errors: {
        types: [NotFoundError, ForbiddenError, InvalidInputError, ConflictError, RunInProgressError, RunLimitError],
      },
      resolve: async (_root, { input: { agentId, ...input } }, context) => {
        const chatId = await chatOf(viewerIn(context), input.messageId);
        return verb(viewerIn(context), chatId, { ...input, agentId: agentId ?? undefined });
      },
    },
    { description: 'An answer is on its way.', outputFields: askedForAnswers },
  );
}
