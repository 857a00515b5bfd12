import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { getIntrospectionQuery } from 'graphql';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { env } from '../env.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person, stranger } from '../testing/person.ts';
import { programOf } from '../testing/tokens.ts';
import { hashOfDocument, keepKnownDocuments, readKnownDocuments } from './known-documents.ts';

useConfab({ hasKey: false });

const NAME = 'query Who { viewer { name } }';
const OTHER = '{ chats { nodes { id } } }';

let admin: Person;
let ann: Person;

beforeAll(async () => {
  admin = await person('ada');
  ann = await person('ann');
});

async function codeOf(who: Person, body: object): Promise<string | undefined> {
  const { errors } = (await (await who.post('/graphql', body)).json()) as {
    errors?: { extensions: { code: string } }[];
  };
  return errors?.[0]?.extensions.code;
}

const byHash = (hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } });

describe('a token that names documents', () => {
  test('runs those and nothing else', async () => {
    const program = await programOf(ann, { scopes: ['READ_CHATS', 'ACCOUNT'], documentIds: [hashOfDocument(NAME)] });
    expect(await codeOf(program, { query: NAME })).toBeUndefined();
    for (const query of [OTHER, `${NAME} `, `${NAME}\n${OTHER}`, '{ __typename }', getIntrospectionQuery()])
      expect(await codeOf(program, { query }), query).toBe('DOCUMENT_NOT_ALLOWED');
    expect(await codeOf(program, byHash(hashOfDocument(OTHER)))).toBe('DOCUMENT_NOT_ALLOWED');
    // One that it names, and of which the server has no text.
    expect(await codeOf(program, byHash(hashOfDocument(NAME)))).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(await codeOf(ann, { query: OTHER })).toBeUndefined();
  });

  test('of an administrator asks nothing about the schema either', async () => {
    const program = await programOf(admin, { scopes: ['READ_CHATS'], documentIds: [hashOfDocument(NAME)] });
    expect(await codeOf(program, { query: getIntrospectionQuery() })).toBe('DOCUMENT_NOT_ALLOWED');
  });
});

describe('with PERSISTED_ONLY', () => {
  function close(): void {
    Object.assign(env, { PERSISTED_ONLY: true });
    onTestFinished(() => void Object.assign(env, { PERSISTED_ONLY: false }));
  }

  test('unknown documents are refused, and administrators may run introspection', async () => {
    const program = await programOf(ann, { scopes: ['READ_CHATS', 'ACCOUNT'], documentIds: [hashOfDocument(NAME)] });
    const free = await programOf(ann, { scopes: ['READ_CHATS'] });
    close();
    const introspection = getIntrospectionQuery();
    for (const who of [ann, free, stranger()])
      for (const query of [NAME, introspection])
        expect(await codeOf(who, { query }), `${who.name} ${query}`).toBe('DOCUMENT_NOT_ALLOWED');
    expect(await codeOf(program, { query: NAME })).toBeUndefined();

    expect(await codeOf(admin, { query: introspection })).toBeUndefined();
    for (const query of [
      NAME,
      `${introspection} query Who { viewer { name } }`,
      '{ __schema { __typename } viewer { name } }',
    ])
      expect(await codeOf(admin, { query, operationName: query.includes('Who') ? 'Who' : null }), query).toBe(
        'DOCUMENT_NOT_ALLOWED',
      );
    const follow = 'subscription { feed { __typename } }';
    expect(await (await admin.post('/graphql', { query: follow }, { accept: 'text/event-stream' })).text()).toContain(
      'DOCUMENT_NOT_ALLOWED',
    );
  });

  test('a document that the server does not know by its hash is not run', async () => {
    expect(await codeOf(ann, byHash('b'.repeat(64)))).toBe('PERSISTED_QUERY_NOT_FOUND');
    close();
    expect(await codeOf(ann, byHash('b'.repeat(64)))).toBe('DOCUMENT_NOT_ALLOWED');
  });
});

test('the manifest of all builds is read, and a missing or malformed one counts as empty', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'confab-documents-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'documents.json');
  expect(readKnownDocuments(file).size).toBe(0);
  await writeFile(file, '{"builds": [{');
  expect(readKnownDocuments(file).size).toBe(0);
  const builds = [NAME, OTHER].map((text) => ({ madeAt: '', documents: { [hashOfDocument(text)]: text } }));
  await writeFile(file, JSON.stringify({ builds }));
  expect([...readKnownDocuments(file).values()]).toEqual([NAME, OTHER]);
});

test('the documents of the builds that were served from a data folder are known after the next start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'confab-documents-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'manifest.json');
  const starts = async (text: string, day: number) => {
    const build = { madeAt: `2026-12-0${day}T00:00:00.000Z`, documents: { [hashOfDocument(text)]: text } };
    await writeFile(file, JSON.stringify({ builds: [build] }));
    keepKnownDocuments(folder, file);
    return [...readKnownDocuments(file).values()].toSorted();
  };
  expect(await starts('a', 1)).toEqual(['a']);
  expect(await starts('a', 2)).toEqual(['a']);
  expect(await starts('b', 3)).toEqual(['a', 'b']);
  expect(await starts('c', 4)).toEqual(['a', 'b', 'c']);
  expect(await starts('d', 5)).toEqual(['b', 'c', 'd']);
  expect(await readFile(join(folder, 'page-documents.json'), 'utf8')).not.toContain('"a"');
  // What is no manifest takes nothing away.
  await writeFile(join(folder, 'page-documents.json'), 'half a fi');
  expect(await starts('e', 6)).toEqual(['e']);
});
