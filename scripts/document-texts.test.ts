import { createRequest, stringifyDocument } from '@urql/core';
import { parse } from 'graphql';
import { expect, test } from 'vitest';

import { fragmentsModule, withTexts } from './document-texts.ts';
import { documentsIn } from './page-documents.ts';

const source = 'query Room($id: ID!) { chat(id: $id) { ...Named } }';
const fragment = 'fragment Named on Chat { id title }';
const generated = {
  RoomDocument: parse(`${source} ${fragment}`, { noLocation: true }),
  NamedFragmentDoc: parse(fragment, { noLocation: true }),
};

/** As the built page evaluates it. */
function evaluated(code: string): unknown {
  const constants = [...fragmentsModule(generated).matchAll(/export const (\w+) = (.*);/g)];
  const names = constants.map(([, name = '']) => name);
  const values = constants.map(([, , value = '']) => JSON.parse(value) as string);
  const expression = withTexts(code, generated).replace(/^import .*\n/, '');
  // oxlint-disable-next-line typescript/no-implied-eval -- what the transform wrote is to be run
  return new Function(...names, `return ${expression}`)(...values);
}

test('a document of the built page is its text, with fragments from one module', () => {
  expect(withTexts(`const Room = graphql(\`\n  ${source}\n\`);`, generated)).toBe(
    `import { fragment_Named } from 'virtual:fragments';\nconst Room = ("query Room($id:ID!){chat(id:$id){...Named}}" + fragment_Named);`,
  );
  expect(fragmentsModule(generated)).toBe('export const fragment_Named = "fragment Named on Chat{id title}";');
});

test('is sent as the text by which the server knows it', () => {
  const sent = stringifyDocument(createRequest(evaluated(`graphql(\`${source}\`)`) as string, {}).query);
  expect(Object.values(documentsIn(generated))).toContain(sent);
});

test('a document that was not generated ends the build', () => {
  expect(() => withTexts('graphql(`query Other { viewer { id } }`)', generated)).toThrow('npm run generate');
});
