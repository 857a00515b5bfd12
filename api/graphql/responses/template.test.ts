/** The law: what is written down without execution is what execution would have said. */
import fc from 'fast-check';
import { buildSchema, executeSync, getOperationAST, type OperationDefinitionNode, parse } from 'graphql';
import { expect, test } from 'vitest';

import { compileTemplate } from './template.ts';

const schema = buildSchema(/* GraphQL */ `
  union Event = Piece | Other
  type Other {
    from: Int!
  }
  type Piece {
    id: ID!
    from: Int!
    text: String!
    delta: Delta!
  }
  type Delta {
    from: Int!
    text: String!
    kind: Kind!
  }
  enum Kind {
    TEXT
    THINKING
  }
  type Query {
    event: Event!
  }
  type Subscription {
    event: Event!
  }
`);

const value = {
  id: 'Run_1',
  from: 3,
  text: 'a "word"\n\u2028',
  delta: { from: 4, text: '\ud83d\ude42', kind: 'THINKING' },
};

function told(document: string): string | undefined {
  const parsed = parse(document);
  const operation = getOperationAST(parsed) as OperationDefinitionNode;
  return compileTemplate(operation, parsed, schema)?.serialize({ typename: 'Piece', value: () => value, key: {} });
}

function executed(document: string): string {
  const rootValue = { event: { __typename: 'Piece', ...value } };
  return JSON.stringify(executeSync({ schema, document: parse(document), rootValue }));
}

const leaves = fc.constantFrom('__typename', 'from', 'text', 'a: from', 'b: text', 'from: text');
const deltaLeaves = fc.constantFrom('__typename', 'from', 'text', 'kind', 'k: kind', 'text: from');
const deltas = fc.array(deltaLeaves, { minLength: 1, maxLength: 4 }).map((names) => `delta { ${names.join(' ')} }`);
const onPiece = fc.array(fc.oneof(leaves, deltas, fc.constant('id')), { minLength: 1, maxLength: 5 });
const selections = fc
  .array(
    fc.oneof(
      fc.constant('__typename'),
      onPiece.map((fields) => `... on Piece { ${fields.join(' ')} }`),
      onPiece.map((fields) => `... on Event { ... on Piece { ${fields.join(' ')} } }`),
      fc.constant('... on Other { from }'),
      fc.constant('...F'),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => `{ event { ${parts.join(' ')} } } fragment F on Piece { text delta { text } }`);

test('a plain event is serialised as execution does it, or not at all', () => {
  let plain = 0;
  fc.assert(
    fc.property(selections, (selection) => {
      const text = told(`query ${selection}`);
      if (text === undefined) return;
      plain += 1;
      const both = [JSON.parse(text), JSON.parse(executed(`query ${selection}`))] as const;
      // Of two fields with one name and different meanings execution, which expects validated documents, returns the first.
      expect(both[0]).toEqual(both[1]);
      expect(text.length).toBe(JSON.stringify(both[0]).length);
    }),
    { numRuns: 500 },
  );
  expect(plain).toBeGreaterThan(100);
});

test.each([
  ['a directive', '{ event { ... on Piece { text @include(if: true) } } }'],
  ['an object that is asked for twice', '{ event { ... on Piece { delta { from } delta { text } } } }'],
  ['two roots', '{ event { __typename } other: event { __typename } }'],
])('%s takes an execution', (_what, document) => {
  expect(told(`query ${document}`)).toBeUndefined();
});
