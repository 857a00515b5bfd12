import { buildSchema, parse } from 'graphql';
import { expect, test } from 'vitest';

import { deprecatedUses } from './deprecated-uses.ts';

const schema = buildSchema(`
  type Query {
    chat(id: ID, title: String @deprecated(reason: "Use id."), mode: Mode, filter: Filter, filters: [[Filter!]]): Chat
    old: String @deprecated(reason: "Gone soon.")
  }
  interface Titled { name: String @deprecated(reason: "Use title.") }
  type Chat implements Titled { title: String, name: String @deprecated(reason: "Use title."), parent: Chat }
  enum Mode { NEW OLD @deprecated(reason: "Use NEW.") }
  input Filter { title: String, words: String @deprecated(reason: "Use title."), mode: Mode, inner: Filter }
  input Sound { title: String }
`);

function uses(text: string, { name, values }: { name?: string; values?: Record<string, unknown> } = {}): string[] {
  return [...deprecatedUses(schema, parse(text), name, values)].toSorted();
}

test('what is not deprecated is no use', () => {
  expect(uses('query ($id: ID) { chat(id: $id, mode: NEW, filter: { title: "x" }) { title } __typename }')).toEqual([]);
});

test('fields are found, in fragments and on interfaces, each once', () => {
  expect(
    uses('{ old again: old chat { ...F ... on Titled { name } } } fragment F on Chat { parent { name } }'),
  ).toEqual(['Chat.name', 'Query.old', 'Titled.name']);
});

test('arguments, values of enums and fields of inputs are found in the document', () => {
  expect(uses('{ chat(title: "x", mode: OLD, filter: { inner: { words: "x" } }) { title } }')).toEqual([
    'Filter.words',
    'Mode.OLD',
    'Query.chat(title:)',
  ]);
});

test('values of enums and fields of inputs are found in variables, where they are given', () => {
  const text =
    'query ($mode: Mode, $filters: [[Filter!]], $not: Filter) { chat(mode: $mode, filters: $filters) { title } }';
  expect(uses(text, { values: { mode: 'NEW', filters: [[{ title: 'x' }]], unknown: 'OLD' } })).toEqual([]);
  expect(uses(text, { values: { mode: 'OLD', filters: [[{ title: 'x' }, { inner: { words: null } }]] } })).toEqual([
    'Filter.words',
    'Mode.OLD',
  ]);
  expect(uses(text, { values: { filters: { mode: 'OLD' } } })).toEqual(['Mode.OLD']);
  for (const values of [undefined, { mode: 7, filters: 'x' }, { filters: [null, [null, 7, {}]] }])
    expect(uses(text, values && { values })).toEqual([]);
});

test('the operation that is executed counts, and not the others of its document', () => {
  const text = 'query One { old } query Two { chat { ...F } } fragment F on Chat { name }';
  expect(uses(text, { name: 'One' })).toEqual(['Query.old']);
  expect(uses(text, { name: 'Two' })).toEqual(['Chat.name']);
});

test('variables that are nested without end are walked', () => {
  let filter: object = { words: 'x' };
  for (let depth = 0; depth < 100_000; depth += 1) filter = { inner: filter };
  expect(uses('query ($filter: Filter) { chat(filter: $filter) { title } }', { values: { filter } })).toEqual([
    'Filter.words',
  ]);
});
