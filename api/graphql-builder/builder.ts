/** Pothos with its plugins and the types it maps to. Defines nothing a client asks for. */
import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin, { queryFromInfo } from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import ValidationPlugin from '@pothos/plugin-validation';
import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import type { z } from 'zod';

import type { RequestContext } from './context.ts';
import { IssueParams, MOST_COMPLEXITY, MOST_ISSUES } from './limits.ts';
import { db } from '../database/db.ts';
import { InvalidInputError } from '../errors.ts';
import { getDatamodel } from '../generated/pothos.ts';
import type PrismaTypes from '../generated/pothos.ts';
import { decodeGlobalId, encodeGlobalId } from '../ids.ts';

export const builder = new SchemaBuilder<{
  Context: RequestContext;
  PrismaTypes: PrismaTypes;
  AuthScopes: { signedIn: boolean };
  DefaultAuthStrategy: 'all';
  Scalars: {
    ID: { Input: string; Output: string | number | bigint };
    DateTime: { Input: Date; Output: Date };
    UUID: { Input: string; Output: string };
    SafeInt: { Input: number; Output: number };
  };
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
}>({
  // The first wraps the others: errors must see what validation and the verbs throw.
  plugins: [ErrorsPlugin, ScopeAuthPlugin, ValidationPlugin, ComplexityPlugin, RelayPlugin, PrismaPlugin],
  defaultFieldNullability: false,

  prisma: {
    // Asked for at each request, since the database is opened after the modules are loaded.
    client: () => db,
    dmmf: getDatamodel(),
    maxConnectionSize: 100,
    defaultConnectionSize: 25,
    onUnusedQuery: null,
  },

  scopeAuth: {
    defaultStrategy: 'all',
    authorizeOnSubscribe: true,
    authScopes: ({ viewer }) => ({ signedIn: viewer !== null }),
    unauthorizedError: () =>
      new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } }),
  },

  validation: {
    validationError: ({ issues }) =>
      new InvalidInputError(
        issues.slice(0, MOST_ISSUES).map((issue) => ({
          path: (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step)),
          ...paramsOf(issue),
          reason: issue.message,
        })),
      ),
  },

  errors: {
    directResult: true,
    // So that a bad argument is an InvalidInputError; a stranger learns no more by it than the public schema says.
    unsafelyHandleInputErrors: true,
    defaultUnionOptions: {
      name: ({ fieldName }) => `${capitalise(fieldName)}Result`,
      description: 'What was done, or which of the failures that are to be expected came instead.',
    },
  },

  complexity: {
    limit: { complexity: MOST_COMPLEXITY, depth: 12, breadth: 400 },
    defaultListMultiplier: 1,
    complexityError: (kind) =>
      new GraphQLError(`The query asks for too much (${kind.toLowerCase()}). Ask for fewer fields or smaller pages.`, {
        extensions: { code: 'QUERY_TOO_COMPLEX', http: { status: 400 } },
      }),
  },

  relay: {
    clientMutationId: 'omit',
    cursorType: 'String',
    encodeGlobalID: encodeGlobalId,
    decodeGlobalID: decodeGlobalId,
    idFieldOptions: { description: 'Opaque, the same for ever, and good for `node`.' },
    nodeTypeOptions: { description: 'Anything that has an id and can be fetched again by it.' },
    nodeQueryOptions: {
      description:
        'Anything with an id, as far as the viewer may see it; null where there is nothing or it is not theirs.',
      nullable: true,
      args: { id: { description: 'As given by any `id` field.' } },
      authScopes: { signedIn: true },
      resolve: (_root, { id }, _context, _info, resolveNode) => (id.typename in nodeTypes ? resolveNode(id) : null),
    },
    nodesQueryOptions: false,
    nodesOnConnection: { description: 'The nodes alone, for those who need no cursors.' },
    mutationInputArgOptions: { description: 'All that the mutation takes.' },
    pageInfoTypeOptions: { description: 'Where a page lies in the whole.' },
    hasNextPageFieldOptions: { description: 'Is there more after this page?' },
    hasPreviousPageFieldOptions: { description: 'Is there more before this page?' },
    startCursorFieldOptions: { description: 'The first edge’s cursor: give it as `before` to get the page before.' },
    endCursorFieldOptions: { description: 'The last edge’s cursor: give it as `after` to get the page after.' },
    cursorFieldOptions: { description: 'Opaque; marks this place for `before` and `after`.' },
    nodeFieldOptions: { description: 'What stands at this place.' },
    edgesFieldOptions: { description: 'The nodes with their cursors.' },
    pageInfoFieldOptions: { description: 'Where this page lies in the whole.' },
    beforeArgOptions: { description: 'Only what stands before this cursor.' },
    afterArgOptions: { description: 'Only what stands after this cursor.' },
    firstArgOptions: { description: 'That many from the start, 1 to 100; 25 where nothing is said.' },
    lastArgOptions: { description: 'That many from the end, 1 to 100.' },
    defaultConnectionTypeOptions: { description: 'A page of a list.' },
    defaultEdgeTypeOptions: { description: 'A place in a list.' },
    defaultPayloadTypeOptions: { description: 'What the mutation did.' },
    defaultMutationInputTypeOptions: { description: 'What the mutation takes.' },
  },
});

/** Zod's own rules have no `params`. Where there are some, Pothos leaves them on the issue's prototype. */
function paramsOf(issue: object): z.infer<typeof IssueParams> {
  const { data } = IssueParams.safeParse('params' in issue ? issue.params : null);
  return data ?? { code: 'MALFORMED' };
}

/** The types that `node` serves: an id of any other is nothing, rather than a fault. */
const nodeTypes = {
  User: 1,
  Person: 1,
  Chat: 1,
  Message: 1,
  Run: 1,
  Agent: 1,
  Invitation: 1,
  ContextFile: 1,
  ContextVersion: 1,
  ApiToken: 1,
};

function capitalise(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What is asked of a connection's nodes, as a part of the query that loads them: rather than a query for each of them. */
export function queryOfNodes(context: RequestContext, info: GraphQLResolveInfo): object {
  return queryFromInfo({ context, info, paths: [['edges', 'node'], ['nodes']] });
}

/** What is asked of a field's own value. */
export function queryOf(context: RequestContext, info: GraphQLResolveInfo): object {
  return queryFromInfo({ context, info });
}

type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never;

/** What `fields` and `outputFields` are given, for fields that several types share. */
export type FieldsOf<Shape> = PothosSchemaTypes.ObjectFieldBuilder<Types, Shape>;
