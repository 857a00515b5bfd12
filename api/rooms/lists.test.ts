import { beforeAll, describe, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person } from '../testing/person.ts';
import { roomOf } from '../testing/rooms.ts';

useConfab();

const Members = graphql(`
  query Members($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    chat(id: $id) {
      memberCount
      members(first: $first, after: $after, last: $last, before: $before) {
        nodes {
          role
          person {
            name
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
      }
    }
  }
`);

const PagesOfOpenRooms = graphql(`
  query PagesOfOpenRooms($search: String, $first: Int, $after: String, $last: Int, $before: String) {
    openRooms(search: $search, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        title
        memberCount
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`);

let owner: Person;

beforeAll(async () => {
  owner = await person('olga');
});

interface Page<Row> {
  nodes: Row[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor?: string | null; endCursor?: string | null };
}

/** All rows, page by page, in the order of the list. */
async function walk<Row>(
  ask: (page: { first?: number; after?: string; last?: number; before?: string }) => Promise<Page<Row> | undefined>,
  { size, isBackward }: { size: number; isBackward: boolean },
): Promise<Row[]> {
  const found: Row[] = [];
  for (let cursor: string | undefined, hasMore = true; hasMore;) {
    const place = cursor === undefined ? {} : isBackward ? { before: cursor } : { after: cursor };
    const page = await ask({ ...(isBackward ? { last: size } : { first: size }), ...place });
    if (!page) throw new Error('There is no such list.');
    if (isBackward) found.unshift(...page.nodes);
    else found.push(...page.nodes);
    hasMore = isBackward ? page.pageInfo.hasPreviousPage : page.pageInfo.hasNextPage;
    cursor = (isBackward ? page.pageInfo.startCursor : page.pageInfo.endCursor) ?? undefined;
  }
  return found;
}

describe('the members of a room', () => {
  let id: string;

  beforeAll(async () => {
    id = await roomOf(owner);
    const chatId = rowId('Chat', id);
    const roles = ['MEMBER', 'MODERATOR', 'MEMBER', 'OWNER', 'MEMBER'] as const;
    for (let index = 0; index < 120; index += 1) {
      // Some share a name.
      const name = `${'zaycxbwdve'[index % 10]}${index % 3} person`;
      const { id: userId } = await db.user.create({ data: { name, email: `member${index}@example.org` } });
      const role = roles[index % roles.length] ?? 'MEMBER';
      await db.chatMember.create({ data: { chatId, userId, role, ...(index === 7 && { leftAt: new Date() }) } });
    }
  });

  test.each([
    { size: 7, isBackward: false },
    { size: 7, isBackward: true },
    { size: 100, isBackward: false },
  ])('are listed owners first and by name, each once, in pages: %j', async (way) => {
    const ask = async (page: object) => (await owner.ask(Members, { id, ...page })).chat?.members;
    const listed = await walk(ask, way);
    expect(listed).toHaveLength(120);
    expect((await owner.ask(Members, { id })).chat).toMatchObject({ memberCount: 120 });
    const ranks = { OWNER: 0, MODERATOR: 1, MEMBER: 2 };
    const places = listed.map(({ role, person: { name } }) => `${ranks[role]} ${name}`);
    expect(places).toEqual(places.toSorted());
  });

  test('come in pages of at most 100, and a cursor of another list is refused', async () => {
    expect((await owner.ask(Members, { id })).chat?.members.nodes).toHaveLength(50);
    const bad = { extensions: { code: 'BAD_PAGE' } };
    expect(await owner.askFor(Members, { id, first: 101 })).toMatchObject({ errors: [bad] });
    for (const place of [
      'x',
      ['OWNER', 'name'],
      ['KING', 'a', crypto.randomUUID()],
      ['OWNER', '\0', crypto.randomUUID()],
    ]) {
      const after = Buffer.from(JSON.stringify(place)).toString('base64url');
      expect(await owner.askFor(Members, { id, after })).toMatchObject({ errors: [bad] });
    }
  });
});

test('open rooms are listed by title, each once, in pages', async () => {
  const titles = Array.from({ length: 12 }, (_, index) => `Paged ${String.fromCodePoint(97 + ((index * 5) % 12))}`);
  for (const title of [...titles, 'Paged a']) await roomOf(owner, { title, visibility: 'OPEN' });
  await roomOf(owner, { title: 'Paged and private' });
  for (const isBackward of [false, true]) {
    const ask = async (page: object) => (await owner.ask(PagesOfOpenRooms, { search: 'paged', ...page })).openRooms;
    const listed = (await walk(ask, { size: 4, isBackward })).map(({ title }) => title);
    expect(listed).toEqual([...titles, 'Paged a'].toSorted());
  }
});
