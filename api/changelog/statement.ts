/**
 * A change of one row as SQL that replays it. One statement is one line: a text with a newline in it could else imitate the header of a
 * transaction. Nothing in it depends on settings of the session but `standard_conforming_strings`, which is on everywhere.
 */
import { isSame, type Row } from './rows.ts';
import type { ColumnKind, Table } from './tables.ts';

/** A row before and after; null: there was or is no row. */
export interface RowChange {
  readonly before: Row | null;
  readonly after: Row | null;
}

/** Ends with a semicolon, without a newline. Rows are named by the primary key as it was before. */
export function statementOf(table: Table, { before, after }: RowChange): string {
  if (!before && !after) throw new Error(`A change of ${table.name} has neither a row before nor one after.`);
  if (!before) return insertOf(table, after as Row);
  if (!after) return `DELETE FROM ${name(table.name)} WHERE ${condition(table, before)};`;
  const changed = columnsOf(table, after).filter((column) => !isSame(before[column], after[column]));
  // Only a generated column differs: the row is touched, so that a replay can demand one row of each statement.
  if (changed.length === 0) changed.push(...columnsOf(table, after).slice(0, 1));
  const values = changed.map((column) => `${name(column)} = ${literal(after[column], kindOf(table, column))}`);
  return `UPDATE ${name(table.name)} SET ${values.join(', ')} WHERE ${condition(table, before)};`;
}

function insertOf(table: Table, row: Row): string {
  const columns = columnsOf(table, row).filter((column) => row[column] !== null || !table.nullByDefault.has(column));
  const values = columns.map((column) => literal(row[column], kindOf(table, column)));
  return `INSERT INTO ${name(table.name)} (${columns.map(name).join(', ')}) VALUES (${values.join(', ')});`;
}

/** Those that the row had when it was captured: a migration may have dropped one since. */
function columnsOf(table: Table, row: Row): string[] {
  return Object.keys(row).filter((column) => !table.generated.has(column));
}

function condition(table: Table, row: Row): string {
  // A table that was made by hand may have no primary key: the whole row then names it.
  const key = table.key.length > 0 ? table.key : Object.keys(row);
  return key
    .map((column) => {
      const value = literal(row[column], kindOf(table, column));
      return `${name(column)} ${value === 'NULL' ? 'IS NULL' : `= ${value}`}`;
    })
    .join(' AND ');
}

/** Of a column that is not there any more: what its value looks like. */
function kindOf(table: Table, column: string): ColumnKind | null {
  return table.columns.get(column) ?? null;
}

function literal(value: unknown, kind: ColumnKind | null): string {
  if (value === null || value === undefined) return 'NULL';
  if (kind === 'json' || (kind === null && isJson(value))) return quote(JSON.stringify(value));
  if (Array.isArray(value)) return quote(arrayText(value));
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quote(value);
  return JSON.stringify(value);
}

/** Of a column that is not there any more, so that its kind is not known: what no other type looks like. */
function isJson(value: unknown): boolean {
  return (
    typeof value === 'object' && !('rawJSON' in (value as object)) && !(Array.isArray(value) && value.every(isScalar))
  );
}

const isScalar = (value: unknown) => value === null || typeof value !== 'object' || 'rawJSON' in value;

/** In braces, as PostgreSQL reads arrays. Elements are texts, numbers and booleans: a catalogue test refuses others. */
function arrayText(values: readonly unknown[]): string {
  const elements = values.map((value) => {
    if (value === null) return 'NULL';
    return typeof value === 'string' ? `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"` : JSON.stringify(value);
  });
  return `{${elements.join(',')}}`;
}

// eslint-disable-next-line no-control-regex -- Control characters are what it looks for.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
// eslint-disable-next-line no-control-regex -- The same.
const needsEscape = /[\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

function quote(text: string): string {
  const quoted = text.replaceAll("'", "''");
  if (!needsEscape.test(quoted)) return `'${quoted}'`;
  return `E'${quoted.replaceAll('\\', '\\\\').replaceAll(unprintable, escapeCharacter)}'`;
}

function escapeCharacter(character: string): string {
  const short = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` }[character];
  if (short) return short;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function name(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
