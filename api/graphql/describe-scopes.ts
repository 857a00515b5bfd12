import type { GraphQLSchema } from 'graphql';

import { rootNeeds, sentenceOf } from '../tokens/scopes.ts';

/** Appends to the description of each root field which scope a token needs for it. Changes the schema. */
export function describeScopes(schema: GraphQLSchema): GraphQLSchema {
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
    for (const field of Object.values(root?.getFields() ?? {})) {
      const need = rootNeeds[field.name];
      if (need) field.description = `${field.description ?? ''} ${sentenceOf(need)}`.trim();
    }
  return schema;
}
