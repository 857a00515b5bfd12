import { expect, test } from 'vitest';

import { parseRow } from './rows.ts';
import { statementOf } from './statement.ts';
import type { Table } from './tables.ts';

const table: Table = {
  name: 'thing',
  columns: new Map([
    ['id', 'text'],
    ['size', 'number'],
    ['data', 'json'],
    ['tags', 'array'],
    ['full', 'text'],
  ]),
  generated: new Set(['full']),
  nullByDefault: new Set(['size', 'data', 'tags']),
  key: ['id'],
};

const row = (fields: object) => parseRow(JSON.stringify(fields));

test('numbers keep their digits, and texts their characters', () => {
  const after = parseRow(
    '{"id":"a\'b\\\\c\\n","size":12345678901234567890.10,"data":{"n":9007199254740993},"tags":["x\\"y",null]}',
  );
  expect(statementOf(table, { before: null, after })).toBe(
    String.raw`INSERT INTO "thing" ("id", "size", "data", "tags") VALUES (E'a''b\\c\n', 12345678901234567890.10, '{"n":9007199254740993}', E'{"x\\"y",NULL}');`,
  );
});

test('what is NULL where it is not named is not named', () => {
  expect(statementOf(table, { before: null, after: row({ id: 'a', size: null, data: null }) })).toBe(
    `INSERT INTO "thing" ("id") VALUES ('a');`,
  );
});

test('an update names what differs, and the row by its key as it was before', () => {
  const before = row({ id: 'a', size: 1, data: { a: 1 }, full: 'x' });
  expect(statementOf(table, { before, after: row({ id: 'b', size: null, data: { a: 1 }, full: 'y' }) })).toBe(
    `UPDATE "thing" SET "id" = 'b', "size" = NULL WHERE "id" = 'a';`,
  );
});

test('an update of a generated column alone touches the row', () => {
  const before = row({ id: 'a', size: 1, full: 'x' });
  expect(statementOf(table, { before, after: row({ id: 'a', size: 1, full: 'y' }) })).toBe(
    `UPDATE "thing" SET "id" = 'a' WHERE "id" = 'a';`,
  );
});

test('a row of a table without a primary key is named by all that it holds', () => {
  const keyless = { ...table, key: [] };
  expect(statementOf(keyless, { before: row({ id: 'a', size: null }), after: null })).toBe(
    `DELETE FROM "thing" WHERE "id" = 'a' AND "size" IS NULL;`,
  );
});

test('values of a column that a migration has dropped since are written by what they look like', () => {
  const after = row({ id: 'a', gone: { a: [1] }, list: ['x'], rows: [{ a: 1 }] });
  expect(statementOf(table, { before: null, after })).toBe(
    `INSERT INTO "thing" ("id", "gone", "list", "rows") VALUES ('a', '{"a":[1]}', '{"x"}', '[{"a":1}]');`,
  );
});
