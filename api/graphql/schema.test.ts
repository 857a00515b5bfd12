import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import {
  getIntrospectionQuery,
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { describe, expect, test, vi } from 'vitest';

import { db } from '../database/db.ts';
import { missingMigration } from '../database/migrate.ts';
import { printedSchema } from './printed-schema.ts';
import { partsOfCheckpoints } from '../texts/checkpoint.ts';
import type { RunCheckpoint } from '../generated/prisma/client.ts';
import { schema } from './schema.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person, stranger } from '../testing/person.ts';
import { PGliteAdapter } from '../database/pglite.ts';

const types: GraphQLNamedType[] = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));

test('schema.graphql is the schema', () => {
  expect(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8')).toBe(printedSchema());
});

test('everything in the schema says what it is', () => {
  const described = types.flatMap(placesIn);

  expect(described.length).toBeGreaterThan(types.length);
  expect(described.filter(({ description }) => !description?.trim()).map(({ place }) => place)).toEqual([]);
});

describe('names', () => {
  test('a mutation is a verb and a noun, takes one input and gives a result', () => {
    const mutations = fieldsOf(schema.getMutationType());

    expect(mutations.length).toBeGreaterThan(10);
    for (const { name, args, type } of mutations) {
      const named = name.charAt(0).toUpperCase() + name.slice(1);
      // Those of one word are about a message, as people say it.
      if (name !== 'react' && name !== 'unreact') expect(name).toMatch(/^[a-z]+[A-Z][A-Za-z]+$/);
      expect(args.map((arg) => `${arg.name}: ${String(arg.type)}`)).toEqual([`input: ${named}Input!`]);
      expect(String(type)).toBe(`${named}Result!`);
    }
  });

  test('a result is one payload and errors', () => {
    const results = types.filter(isUnionType).filter(({ name }) => name.endsWith('Result'));

    expect(results.length).toBe(fieldsOf(schema.getMutationType()).length);
    for (const result of results) {
      const [payloads, errors] = partition(result.getTypes(), ({ name }) => name.endsWith('Payload'));
      expect(payloads.map(({ name }) => name)).toEqual([result.name.replace(/Result$/, 'Payload')]);
      expect(errors.length).toBeGreaterThan(0);
      for (const error of errors) expect(error.getInterfaces().map(({ name }) => name)).toContain('Error');
    }
  });

  test('an error is called one, and has a code and a reason', () => {
    const called = types.filter(isObjectType).filter(({ name }) => name.endsWith('Error'));
    // The end of a run is an event, not the failure of a request.
    const errors = called.filter(({ name }) => name !== 'RunError');

    expect(errors.length).toBeGreaterThan(3);
    for (const error of errors) {
      expect(String(error.getFields()['code']?.type)).toBe('ErrorCode!');
      expect(String(error.getFields()['reason']?.type)).toBe('String!');
    }
    expect(types.filter(isObjectType).filter((type) => isError(type) && !type.name.endsWith('Error'))).toEqual([]);
  });

  test('fields are nouns, types begin with a capital, values of enums are capitals', () => {
    for (const { name } of types) expect(name).toMatch(/^[A-Z]/);
    for (const { name } of types.flatMap(fieldsOf)) expect(name).toMatch(/^(?!get[A-Z])[a-z][A-Za-z]*$/);
    for (const { name } of types.filter(isEnumType).flatMap((type) => type.getValues()))
      expect(name).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  });

  test('a page has edges, nodes and pageInfo, and each field that returns one takes first, after, last and before', () => {
    const connections = types.filter(isObjectType).filter(({ name }) => name.endsWith('Connection'));
    const givers = types.flatMap(fieldsOf).filter(({ type }) => getNamedType(type).name.endsWith('Connection'));

    expect(connections.length).toBeGreaterThan(2);
    expect(givers.length).toBeGreaterThanOrEqual(connections.length);
    for (const type of connections)
      expect(Object.keys(type.getFields()).sort()).toEqual(['edges', 'nodes', 'pageInfo']);
    for (const { args } of givers) {
      expect(args.map(({ name }) => name)).toEqual(expect.arrayContaining(['first', 'after', 'last', 'before']));
    }
  });

  test('whatever has an id is a node', () => {
    const withId = types.filter(isObjectType).filter((type) => 'id' in type.getFields());

    expect(withId.length).toBeGreaterThan(5);
    for (const type of withId) {
      expect(type.getInterfaces().map(({ name }) => name)).toContain('Node');
      expect(isNonNullType(type.getFields()['id']?.type)).toBe(true);
    }
  });
});

describe('migrations', () => {
  test('lead to schema.prisma, and it is said what is missing where they do not', async () => {
    const shadow = new PGliteAdapter(await PGlite.create());
    expect(await missingMigration(shadow)).toBe('');

    const path = join(import.meta.dirname, '../../prisma/schema.prisma');
    const content = `${readFileSync(path, 'utf8')}\nmodel Weather {\n  id Int @id\n}\n`;
    expect(await missingMigration(shadow, { path, content })).toContain('CREATE TABLE "Weather"');
  }, 60_000);

  test('distinguish the titles that people wrote from those made of first words', async () => {
    const { pglite, apply } = await databaseBefore('_title_source');
    const titles: [title: string, firstMessage: string | null, source: string][] = [
      ['New Chat', null, 'WORDS'],
      ['What is a monad?', '\n What is  a monad? \r\nIn short.', 'WORDS'],
      [
        'A question that is so long that it has to be cut somewhere in…',
        `A question that is so long that it has to be cut somewhere in the ${'x'.repeat(5_000)}`,
        'WORDS',
      ],
      ['Monads', 'What is a monad?', 'PERSON'],
      ['Monads…', 'What is a monad?', 'PERSON'],
      ['Named before its first message', null, 'PERSON'],
    ];
    await pglite.exec('SET session_replication_role = replica');
    for (const [title, content] of titles) {
      const insert = `INSERT INTO chat (id, title, created_by_id, updated_at) VALUES (gen_random_uuid(), $1, gen_random_uuid(), now()) RETURNING id`;
      const { id } = (await pglite.query<{ id: string }>(insert, [title])).rows[0] ?? { id: '' };
      const say = `INSERT INTO message (id, chat_id, seq, role, content, revision, updated_at) VALUES (gen_random_uuid(), $1, 1, 'USER', $2, 1, now())`;
      if (content !== null) await pglite.query(say, [id, content]);
    }

    await apply();
    const { rows } = await pglite.query('SELECT title, title_source::text AS source FROM chat');
    expect(rows).toEqual(expect.arrayContaining(titles.map(([title, , source]) => ({ title, source }))));
    await pglite.close();
  }, 60_000);

  test('give each person and each agent a handle of their own', async () => {
    const { pglite, apply } = await databaseBefore('_rooms');
    const names = [
      'Анна Ли',
      'АННА ЛИ',
      'Anna Li',
      'Claude',
      'Everyone',
      '北京',
      '!',
      'x'.repeat(200),
      'x'.repeat(210),
    ];
    for (const name of names)
      await pglite.query(
        `INSERT INTO "user" (id, name, email, updated_at) VALUES (gen_random_uuid(), $1, gen_random_uuid()::text, now())`,
        [name],
      );
    await pglite.exec(`INSERT INTO agent (id, handle, name, provider, updated_at)
      VALUES (gen_random_uuid(), 'claude', 'Claude', 'ECHO', now()), (gen_random_uuid(), 'all', 'All', 'ECHO', now())`);

    await apply();
    const { rows } = await pglite.query<{ name: string; person: string | null }>(
      `SELECT handle.name, "user".name AS person FROM handle LEFT JOIN "user" ON "user".id = handle.user_id`,
    );
    expect(rows).toHaveLength(names.length + 2);
    const of = (person: string | null) => rows.filter((row) => row.person === person).map(({ name }) => name);
    expect([of('Анна Ли'), of('АННА ЛИ'), of('Anna Li')].flat().toSorted((a, b) => a.localeCompare(b))).toEqual([
      'anna.li',
      'anna.li-2',
      'anna.li-3',
    ]);
    expect(of(null).toSorted((a, b) => a.localeCompare(b))).toEqual(['all-agent', 'claude']);
    for (const person of ['Claude', 'Everyone', '北京', '!']) expect(of(person)[0]).toMatch(/^user-\d+$/);
    for (const { name } of rows) expect(name).toMatch(/^[a-z0-9][a-z0-9._-]{1,29}$/);
    await pglite.close();
  }, 60_000);

  test('keep what the checkpoints of 0.1.0 hold', async () => {
    const { pglite, apply } = await databaseBefore('_checkpoints_grow');
    const parts = [
      { kind: 'THINKING', text: 'Hm 🤔' },
      { kind: 'TEXT', text: '' },
      { kind: 'TEXT', text: 'Half of' },
    ];
    // Without all that a run belongs to.
    await pglite.exec(`SET session_replication_role = replica;
      INSERT INTO run (id, chat_id, trigger_id, message_id, agent_id, provider, model, revision, updated_at)
      SELECT id, id, id, id, id, 'ECHO', '', 1, now() FROM gen_random_uuid() AS id`);
    await pglite.query(`INSERT INTO run_checkpoint (run_id, parts) SELECT id, $1 FROM run`, [JSON.stringify(parts)]);

    await apply();
    const { rows } = await pglite.query<RunCheckpoint>('SELECT * FROM run_checkpoint ORDER BY "from"');
    expect(rows.map(({ from, part }) => [from, part])).toEqual([
      [0, 0],
      ['Hm 🤔'.length, 1],
    ]);
    expect(partsOfCheckpoints(rows)).toEqual([parts[0], parts[2]]);
    await pglite.close();
  }, 60_000);
});

useConfab();

describe('introspection', () => {
  test('is answered to everybody in the same words, and executed once', async () => {
    const ann = await person('ann');
    // The executor asks the schema once for itself.
    await ann.post('/graphql', { query: '{ viewer { id } }' });
    const executed = vi.spyOn(schema, 'getMutationType');
    const looksUp = vi.spyOn(schema, 'getType');
    for (const query of [getIntrospectionQuery(), '{ __type(name: "Chat") { name } }']) {
      const answers: string[] = [];
      for (const who of [stranger(), stranger(), ann]) {
        const answer = await who.post('/graphql', { query });
        expect(answer.status).toBe(200);
        answers.push(await answer.text());
      }
      expect(JSON.parse(answers[0] ?? '')).toEqual({ data: expect.anything() });
      expect(new Set(answers).size).toBe(1);
    }
    // Other spaces and comments make no other question.
    await stranger().post('/graphql', { query: `# once more\n${getIntrospectionQuery().replaceAll('  ', ' ')}` });
    expect(executed).toHaveBeenCalledTimes(1);
    expect(looksUp.mock.calls.filter(([name]) => name === 'Chat')).toHaveLength(1);
    executed.mockRestore();
    looksUp.mockRestore();
  });

  test('is kept in a bounded memory: what was asked longest ago is worked out again', async () => {
    const ann = await person('ann');
    const ask = async (name: string) => {
      const answer = await ann.post('/graphql', {
        query: getIntrospectionQuery().replace('__schema', `${name}: __schema`),
      });
      return (await answer.text()).length;
    };
    let characters = 0;
    for (let count = 0; characters < 4 * 1024 * 1024; count += 1) characters += await ask(`s${count}`);
    const last = await ask('last');
    expect(last).toBeGreaterThan(100_000);
    const executed = vi.spyOn(schema, 'getMutationType');
    await ask('last');
    expect(executed).not.toHaveBeenCalled();
    await ask('s0');
    expect(executed).toHaveBeenCalledTimes(1);
    executed.mockRestore();
  });
});

test('an archived agent is served by its id to administrators alone, and to others where it answered', async () => {
  const [ada, bob] = [await person('ada'), await person('bob')];
  await db.user.update({ where: { email: ada.email }, data: { role: 'ADMIN' } });
  const agent = await db.agent.create({ data: { handle: 'old-one', name: 'Old one', provider: 'ECHO' } });
  const { chat } = await bob.sends('hello', undefined, { agentId: `Agent_${agent.id}` });
  await bob.waitsForAnswers(chat.id);
  await db.agent.update({ where: { id: agent.id }, data: { archivedAt: new Date() } });

  const ask = async (who: Person, query: string) => (await who.post('/graphql', { query })).json();
  const node = `{ node(id: "Agent_${agent.id}") { id } }`;
  expect(await ask(ada, node)).toEqual({ data: { node: { id: `Agent_${agent.id}` } } });
  expect(await ask(bob, node)).toEqual({ data: { node: null } });
  const answers = `{ chat(id: "${chat.id}") { messages { nodes { agent { name } one: agent { handle isAvailable } run { agent { name isDefault } } } } } }`;
  expect(await ask(bob, answers)).toMatchObject({
    data: { chat: { messages: { nodes: [{}, { agent: { name: 'Old one' }, one: { handle: 'old-one' } }] } } },
  });
});

/** A database with all migrations before the one whose name ends so, and what applies that one. */
async function databaseBefore(ending: string) {
  const folder = join(import.meta.dirname, '../../prisma/migrations');
  const names = readdirSync(folder).filter((name) => /^\d/.test(name));
  const wanted = names.find((name) => name.endsWith(ending)) ?? '';
  const pglite = await PGlite.create();
  const apply = (name = wanted) => pglite.exec(readFileSync(join(folder, name, 'migration.sql'), 'utf8'));
  for (const name of names.toSorted()) if (name < wanted) await apply(name);
  return { pglite, apply: () => apply() };
}

interface Place {
  place: string;
  description: string | null | undefined;
}

function placesIn(type: GraphQLNamedType): Place[] {
  const own = { place: type.name, description: type.description };
  const inside = (at: string, things: readonly { name: string; description?: string | null | undefined }[]) =>
    things.map(({ name, description }) => ({ place: `${at}.${name}`, description }));

  if (isEnumType(type)) return [own, ...inside(type.name, type.getValues())];
  if (isInputObjectType(type)) return [own, ...inside(type.name, Object.values(type.getFields()))];
  const fields = fieldsOf(type);
  return [
    own,
    ...inside(type.name, fields),
    ...fields.flatMap(({ name, args }) => inside(`${type.name}.${name}`, args)),
  ];
}

function fieldsOf(type: GraphQLNamedType | null | undefined): GraphQLField<unknown, unknown>[] {
  return isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
}

function isError(type: GraphQLNamedType): boolean {
  return isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Error');
}

function partition<T>(list: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [list.filter(isFirst), list.filter((one) => !isFirst(one))];
}
