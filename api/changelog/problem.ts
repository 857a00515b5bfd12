/** Why nothing is written, as a sentence for administrators that says what to do. */
import { SettingError } from '../env.ts';
import { FileDamaged } from './log-file.ts';

export function problemOf(error: unknown, folder: string): string {
  if (error instanceof SettingError || error instanceof FileDamaged) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code ?? '') {
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk of ${folder} is full: make room there. Changes wait in the database until then.`;
    case 'EACCES':
    case 'EPERM':
      return `Confab may not write to ${folder} (${code}): give its user the right to. Changes wait in the database until then.`;
    case 'EROFS':
      return `${folder} is on a read-only file system: mount it for writing. Changes wait in the database until then.`;
    default:
      return `The change log cannot be written to ${folder} (${code ?? message}). Changes wait in the database until it can.`;
  }
}
