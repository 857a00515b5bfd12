import { expect, test } from 'vitest';

import { SettingError } from '../env.ts';
import { FileDamaged } from './log-file.ts';
import { problemOf } from './problem.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: what the system says`), { code });

test.each([
  ['ENOSPC', 'The disk of /log is full: make room there.'],
  ['EDQUOT', 'The disk of /log is full: make room there.'],
  ['EACCES', 'Confab may not write to /log (EACCES): give its user the right to.'],
  ['EPERM', 'Confab may not write to /log (EPERM): give its user the right to.'],
  ['EROFS', '/log is on a read-only file system: mount it for writing.'],
])('%s is told with what to do, and that nothing is lost meanwhile', (code, sentence) => {
  expect(problemOf(failure(code), '/log')).toBe(`${sentence} Changes wait in the database until then.`);
});

test('what nobody thought of is told by its code, and what has a sentence of its own by that', () => {
  expect(problemOf(failure('EIO'), '/log')).toBe(
    'The change log cannot be written to /log (EIO). Changes wait in the database until it can.',
  );
  expect(problemOf(new Error('Odd.'), '/log')).toContain('(Odd.)');
  for (const Told of [SettingError, FileDamaged]) expect(problemOf(new Told('Do this.'), '/log')).toBe('Do this.');
});
