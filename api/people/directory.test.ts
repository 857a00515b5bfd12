import { beforeAll, expect, onTestFinished, test } from 'vitest';

import { env } from '../env.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person } from '../testing/person.ts';
import { addTo, leave, removeFrom, roomOf } from '../testing/rooms.ts';

useConfab();

const FindPeople = graphql(`
  query FindPeople($search: String, $first: Int) {
    people(search: $search, first: $first) {
      handle
    }
  }
`);

let ann: Person;
let colleague: Person;
let former: Person;
let outsider: Person;

beforeAll(async () => {
  const emails = ['ann', 'carl', 'fred', 'otto'].map((name) => [name, `${name}@example.org`] as const);
  const people = await Promise.all(emails.map(([name, email]) => person(`${name} smith`, { email })));
  [ann, colleague, former, outsider] = people as [Person, Person, Person, Person];
  const room = await roomOf(ann);
  await addTo(room, ann, [colleague, former]);
  await leave(former, room);
  const other = await roomOf(outsider);
  await addTo(other, outsider, [ann]);
  await removeFrom(other, outsider, ann);
});

const found = async (someone: Person, search?: string, first?: number) =>
  (await someone.ask(FindPeople, { ...(search !== undefined && { search }), ...(first && { first }) })).people
    .map(({ handle }) => handle)
    .toSorted();

test('people are found by the beginning of a name or a handle by everybody', async () => {
  const all = ['ann.smith', 'carl.smith', 'fred.smith', 'otto.smith'];
  expect(await found(outsider)).toEqual(all);
  expect(await found(outsider, 'smi')).toEqual(all);
  expect(await found(outsider, '@carl')).toEqual(['carl.smith']);
  expect(await found(outsider, 'mith')).toEqual([]);
  expect(await found(outsider, '', 2)).toHaveLength(2);
});

test('with DIRECTORY=rooms, only by those who share a room with them now, and by their exact handle', async () => {
  env.DIRECTORY = 'rooms';
  onTestFinished(() => void (env.DIRECTORY = 'everyone'));
  expect(await found(ann)).toEqual(['ann.smith', 'carl.smith']);
  expect(await found(ann, 'smith')).toEqual(['ann.smith', 'carl.smith']);
  expect(await found(ann, 'otto')).toEqual([]);
  expect(await found(ann, 'otto.smit')).toEqual([]);
  expect(await found(ann, '@Otto.smith')).toEqual(['otto.smith']);
  expect(await found(outsider)).toEqual(['otto.smith']);
  expect(await found(former, 'ann')).toEqual([]);
});

test('no character of a search stands for another one', async () => {
  for (const search of ['%', '_', 'a_n', '%smith']) expect(await found(ann, search), search).toEqual([]);
});
