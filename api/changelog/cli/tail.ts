import { env } from '../../env.ts';
import type { StatementText } from '../recovery/statement-text.ts';
import { tail, type TailedTransaction } from '../recovery/tail.ts';
import { type Command, textOf, UsageError } from './command.ts';
import { colored, say } from './terminal.ts';

const POLL_MS = 500;

export const tailCommand: Command = {
  help: `npm run changelog -- tail [DIR…] [--follow] [--lines N] [--table T] [--actor A]

Shows what was written last: who, when, and which rows; never what people wrote. DIR: CHANGELOG_DIR where none is named.

  --follow     Goes on with what comes, until Ctrl+C.
  --lines N    How many of the transactions that are there (20).
  --table T    Only what touches this table.
  --actor A    Only transactions whose actor has this in it: USER, or an id.

Exit code: 0 all is well, 1 the files cannot be read, 2 wrong usage.`,
  options: {
    follow: { type: 'boolean' },
    lines: { type: 'string' },
    table: { type: 'string' },
    actor: { type: 'string' },
  },
  async run(values, directories) {
    const lines = textOf(values, 'lines') ?? '20';
    if (!/^\d{1,6}$/.test(lines) || Number(lines) === 0)
      throw new UsageError('--lines is to be a number from 1 to 999999.');
    const stopped = new AbortController();
    process.once('SIGINT', () => stopped.abort());
    const options = {
      count: Number(lines),
      table: textOf(values, 'table'),
      actor: textOf(values, 'actor'),
      ...(values['follow'] === true && { follow: { signal: stopped.signal, pollMs: POLL_MS } }),
    };
    for await (const told of tail(directories.length > 0 ? directories : [env.CHANGELOG_DIR], options)) {
      for (const line of linesOf(told)) say(line);
    }
    return 0;
  },
};

export function linesOf({ header, statements, others }: TailedTransaction): string[] {
  const { commit, at, actor, request, secrets, migration } = header;
  const heading = [
    colored(`#${commit}`, 'bold'),
    at.replace('T', ' '),
    colored(actor, 'blue'),
    ...(request === undefined ? [] : [colored(`request ${request}`, 'dim')]),
    ...(migration ? [`migration ${migration.name}`] : []),
  ].join('  ');
  return [
    heading,
    ...statements.map(lineOf),
    ...(others > 0 ? [`  … and ${others} more`] : []),
    ...(secrets ? [colored('  and rows with secrets', 'dim')] : []),
  ];
}

const signs = { INSERT: ['+', 'green'], UPDATE: ['~', 'yellow'], DELETE: ['-', 'red'] } as const;

function lineOf({ operation, table, row, columns }: StatementText): string {
  const [sign, color] = signs[operation];
  return `  ${colored(sign, color)} ${table} ${row}${columns.length > 0 ? `: ${columns.join(', ')}` : ''}`;
}
