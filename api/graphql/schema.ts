/** Every feature's face, and the schema that they make together. */
import '../graphql-builder/scalars.ts';
import '../graphql-builder/error-types.ts';
import '../people/schema.ts';
import '../agents/schema.ts';
import '../contexts/schema.ts';
import '../members/schema.ts';
import '../chats/schema.ts';
import '../mentions/schema.ts';
import '../runs/schema.ts';
import '../bin/schema.ts';
import '../messages/schema.ts';
import '../asking/schema.ts';
import '../reactions/schema.ts';
import '../invitations/schema.ts';
import '../rooms/schema.ts';
import '../room-agents/schema.ts';
import '../accounts/schema.ts';
import '../audit/schema.ts';
import '../tokens/schema.ts';
import '../limits/schema.ts';
import '../service-agents/schema.ts';
import '../runner/schema.ts';
import '../run-events/schema.ts';
import '../feed/schema.ts';

import { countAnswers } from '../paging/answer-size.ts';
import { builder } from '../graphql-builder/builder.ts';
import { describeScopes } from './describe-scopes.ts';

builder.queryType({ description: 'What can be read.' });
builder.mutationType({ description: 'What can be done. Failures that are to be expected are members of each result.' });
builder.subscriptionType({ description: 'What can be followed, over server-sent events.' });

export const schema = describeScopes(countAnswers(builder.toSchema()));
