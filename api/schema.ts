/** Every feature's face, and the schema that they make together. */
import './scalars.ts';
import './error-types.ts';
import './auth/schema.ts';
import './agents/schema.ts';
import './contexts/schema.ts';
import './chats/schema.ts';
import './messages/schema.ts';
import './runs/schema.ts';
import './feed/schema.ts';

import { countAnswers } from './answer-size.ts';
import { builder } from './builder.ts';

builder.queryType({ description: 'What can be read.' });
builder.mutationType({ description: 'What can be done. Failures that are to be expected are members of each result.' });
builder.subscriptionType({ description: 'What can be followed, over server-sent events.' });

export const schema = countAnswers(builder.toSchema());
