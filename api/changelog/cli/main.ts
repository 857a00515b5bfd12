/** `npm run changelog -- <command>`: what can be done with the files of the change log. */
import { parseArgs } from 'node:util';

import { SettingError } from '../../env.ts';
import { LogError } from '../recovery/log-error.ts';
import { baseCommand } from './base.ts';
import { type Command, UsageError, type Values } from './command.ts';
import { replayCommand } from './replay.ts';
import { tailCommand } from './tail.ts';
import { say, warn } from './terminal.ts';
import { verifyCommand } from './verify.ts';

const commands: Record<string, Command> = {
  verify: verifyCommand,
  replay: replayCommand,
  tail: tailCommand,
  base: baseCommand,
};

const help = `npm run changelog -- <command> [--help]

  verify   Checks that the files are as they were written.
  replay   Makes a database of them.
  tail     Shows what is written.
  base     Writes a snapshot and removes the files before it.`;

process.exitCode = await main(process.argv.slice(2));

async function main([name = '', ...args]: string[]): Promise<number> {
  if (name === '--help' || name === 'help') {
    say(help);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    warn(name === '' ? help : `There is no command ${name}.\n\n${help}`);
    return 2;
  }
  try {
    const { values, positionals } = parsed(command, args);
    if (values['help'] === true) {
      say(command.help);
      return 0;
    }
    return await command.run(values, positionals);
  } catch (error) {
    if (error instanceof UsageError) {
      warn(`${error.message}\n\n${command.help}`);
      return 2;
    }
    if (!(error instanceof LogError || error instanceof SettingError)) warn(String((error as Error).stack ?? error));
    else warn(error.message);
    return 1;
  }
}

function parsed({ options }: Command, args: string[]): { values: Values; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { ...options, help: { type: 'boolean' } },
      allowPositionals: true,
    });
    return { values, positionals };
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}
