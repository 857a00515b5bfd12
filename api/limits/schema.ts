import { type Budget, tightestOf, WINDOW_SECONDS } from '../auth/budgets.ts';
import { builder } from '../graphql-builder/builder.ts';

const RateLimit = builder.objectRef<Budget & { cost: number }>('RateLimit').implement({
  description: `What may be asked for in ${WINDOW_SECONDS} seconds, in points: about one for each field of each row that an operation asks for.`,
  fields: (t) => ({
    cost: t.exposeInt('cost', { description: 'What this operation was charged, before anything of it was done.' }),
    limit: t.exposeInt('limit', { description: 'How many points there are at the beginning.' }),
    remaining: t.exposeInt('remaining', { description: 'How many of them are left.' }),
    resetAt: t.expose('resetAt', { type: 'DateTime', description: 'When all of them are there again.' }),
  }),
});

builder.queryField('rateLimit', (t) =>
  t.field({
    type: RateLimit,
    nullable: true,
    description:
      'What the viewer may still ask for: of the person’s points and the token’s, those of which less is left. Null where nothing is charged.',
    authScopes: { signedIn: true },
    resolve: (_root, _args, { charge }) => {
      const tightest = charge && tightestOf(charge);
      return tightest && { ...tightest, cost: charge.requested };
    },
  }),
);
