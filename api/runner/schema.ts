import { db } from '../database/db.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { builder } from '../graphql-builder/builder.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import { idOf } from '../ids.ts';
import { Run } from '../runs/schema.ts';
import { stopRun } from './stop.ts';

builder.relayMutationField(
  'stopRun',
  {
    description: 'Which run.',
    inputFields: (t) => ({ id: t.id({ required: true, description: 'The run’s id.' }).validate(idOf('Run')) }),
  },
  {
    description:
      'Stops a run, also before its first word. What was said stays. A run that is over stays as it is. In a room: its initiator, and whoever has STOP_ANY_RUN.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: async (_root, { input: { id } }, context) => {
      await stopRun(viewerIn(context), id);
      return { runId: id };
    },
  },
  {
    description:
      'It is over, as a rule. Where its node does not answer within five seconds, it may still go on: its end is then told as every end is.',
    outputFields: (t) => ({
      run: t.prismaField({
        type: Run,
        description: 'The run, as it is now.',
        resolve: (query, { runId }) => db.run.findUniqueOrThrow({ ...query, where: { id: runId } }),
      }),
    }),
  },
);
