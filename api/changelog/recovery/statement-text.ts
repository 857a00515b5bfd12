/** A statement of the log as people read it: what happened to which row. Values of columns are left out, since they are people's words. */

export interface StatementText {
  readonly operation: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly table: string;
  /** What names the row: its primary key, or the first columns of an inserted row that has no id. */
  readonly row: string;
  /** Of an update. */
  readonly columns: readonly string[];
}

const token = /E?'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|[(),;=]|[^\s'"(),;=]+/g;
const LONGEST_VALUE = 40;

/** Null for what is no statement of the log. */
export function readStatement(statement: string): StatementText | null {
  const tokens: readonly string[] = statement.match(token) ?? [];
  if (tokens[0] === 'INSERT')
    return { operation: 'INSERT', table: name(tokens[2]), row: insertedRow(tokens), columns: [] };
  if (tokens[0] === 'DELETE')
    return { operation: 'DELETE', table: name(tokens[2]), row: condition(tokens), columns: [] };
  if (tokens[0] !== 'UPDATE') return null;
  const set = tokens.slice(2, tokens.lastIndexOf('WHERE'));
  const columns = set.flatMap((text, index) => (text.startsWith('"') && set[index + 1] === '=' ? [name(text)] : []));
  return { operation: 'UPDATE', table: name(tokens[1]), row: condition(tokens), columns };
}

function insertedRow(tokens: readonly string[]): string {
  const columns = tokens.slice(4, tokens.indexOf(')')).filter((text) => text !== ',');
  const values = tokens.slice(tokens.indexOf('VALUES') + 2).filter((text) => text !== ',');
  const id = columns.indexOf('"id"');
  return id >= 0
    ? value(values[id])
    : columns
        .slice(0, 2)
        .map((_, index) => value(values[index]))
        .join(' ');
}

function condition(tokens: readonly string[]): string {
  const parts = tokens.slice(tokens.lastIndexOf('WHERE') + 1);
  return parts.flatMap((text, index) => (parts[index - 1] === '=' ? [value(text)] : [])).join(' ');
}

const name = (text = '') => text.slice(1, -1).replaceAll('""', '"');

function value(text = ''): string {
  const plain = text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text;
  return plain.length > LONGEST_VALUE ? `${plain.slice(0, LONGEST_VALUE)}…` : plain;
}
