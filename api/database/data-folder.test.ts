import { expect, test } from 'vitest';

import { dataFolderError } from './data-folder.ts';

test.for([
  ['EACCES', 'may not be written'],
  ['EPERM', 'may not be written'],
  ['EROFS', 'read-only'],
  ['ENOSPC', 'no room left'],
  ['EDQUOT', 'no room left'],
  ['EEXIST', 'a file of that name'],
  ['ENOTDIR', 'a file of that name'],
  ['EIO', 'EIO'],
] as const)('%s is said in a sentence with the folder and what to do', ([code, words]) => {
  const { name, message } = dataFolderError('/data', code);
  expect(name).toBe('SettingError');
  expect(message).toContain('The data folder /data ');
  expect(message).toContain(words);
  expect(message).toContain('set DATA_DIR');
});
