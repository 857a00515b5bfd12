import { parse } from 'graphql';
import { expect, test } from 'vitest';

import { documentsIn, type Manifest, withBuild } from './page-documents.ts';

function build(name: string) {
  return { madeAt: name, documents: documentsIn({ Document: parse(`{ ${name} }`, { noLocation: true }) }) };
}

test('the documents of the last three builds are kept, and a build that changed none counts once', () => {
  let manifest: Manifest = { builds: [] };
  for (const name of ['one', 'two', 'three', 'three', 'four']) manifest = withBuild(manifest, build(name));
  expect(manifest.builds.map(({ madeAt }) => madeAt)).toEqual(['four', 'three', 'two']);
});

test('a document is known with and without the names of types', () => {
  const texts = Object.values(
    documentsIn({ ADocument: parse('{ viewer { id } }', { noLocation: true }), other: 7, name: 'Document' }),
  );
  expect(texts).toHaveLength(2);
  expect(texts.filter((text) => text.includes('__typename'))).toHaveLength(1);
});
