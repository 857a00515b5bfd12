// @vitest-environment node
import { readFile } from 'node:fs/promises';
import { buildSchema, isInterfaceType } from 'graphql';
import { expect, test } from 'vitest';
import { possibleTypes } from '../graphql/cache';

test('the cache knows every expected failure of the schema', async () => {
  const schema = buildSchema(await readFile('schema.graphql', 'utf8'));
  const error = schema.getType('Error');
  if (!isInterfaceType(error)) throw new Error('There is no interface Error.');
  const names = schema.getPossibleTypes(error).map(({ name }) => name);
  expect(possibleTypes.Error).toEqual(names.toSorted());
});
