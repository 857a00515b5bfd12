import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { checkStreams } from '../auth/stream-guard.ts';
import type { Viewer as VerifiedViewer } from '../auth/viewer.ts';
import { readState } from '../changelog/state.ts';
import { db } from '../database/db.ts';
import { graphql } from '../generated/graphql/gql.ts';
import type { MessagesOfDeleted } from '../generated/graphql/graphql.ts';
import { rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { DeleteMessage, EditMessage, Viewer } from '../testing/documents.ts';
import { Person, person } from '../testing/person.ts';
import { does } from '../testing/plain-requests.ts';
import { addTo, leave, personIdOf, roomOf, says } from '../testing/rooms.ts';
import { testServer } from '../testing/server.ts';
import { serviceAgent } from '../testing/service-agents.ts';
import { deletePerson } from './delete.ts';
import { disablePerson } from './disable.ts';

useConfab();

const DeletePerson = graphql(`
  mutation DeletePerson($input: DeletePersonInput!) {
    deletePerson(input: $input) {
      __typename
      ... on Error {
        code
      }
      ... on DeletePersonPayload {
        personId
      }
    }
  }
`);

const DisablePerson = graphql(`
  mutation DisablePerson($id: ID!) {
    disablePerson(input: { id: $id }) {
      __typename
      ... on Error {
        code
      }
      ... on DisablePersonPayload {
        person {
          id
          isDisabled
        }
      }
    }
  }
`);

const EnablePerson = graphql(`
  mutation EnablePerson($id: ID!) {
    enablePerson(input: { id: $id }) {
      __typename
      ... on Error {
        code
      }
      ... on EnablePersonPayload {
        person {
          isDisabled
        }
      }
    }
  }
`);

const SetMaxChats = graphql(`
  mutation SetMaxChats($input: SetMaxChatsInput!) {
    setMaxChats(input: $input) {
      __typename
      ... on Error {
        code
      }
      ... on SetMaxChatsPayload {
        maxChats
      }
    }
  }
`);

const Find = graphql(`
  query Find($search: String!) {
    people(search: $search) {
      id
      isDisabled
    }
  }
`);

const IsDisabled = graphql(`
  query IsDisabled($id: ID!) {
    node(id: $id) {
      ... on Person {
        isDisabled
      }
    }
  }
`);

const RoomNow = graphql(`
  query RoomNow($id: ID!) {
    chat(id: $id) {
      viewerRole
      memberCount
      messages(last: 50) {
        nodes {
          content
          isDeleted
          author {
            name
          }
          event {
            kind
          }
        }
      }
    }
  }
`);

let admin: Person;
let ordinary: Person;

beforeAll(async () => {
  admin = await person('ada');
  ordinary = await person('otto');
});

/** Other tests may have left another one. */
beforeEach(async () => {
  await db.user.updateMany({ where: { email: { not: admin.email } }, data: { role: 'USER' } });
});

async function signIn(someone: Person): Promise<{ status: number; code?: string }> {
  const again = new Person(someone.name, someone.email, someone.password);
  const response = await again.post('/api/auth/sign-in/email', { email: someone.email, password: someone.password });
  const { code } = (await response.json()) as { code?: string };
  return { status: response.status, ...(code !== undefined && { code }) };
}

async function viewerBehind({ email }: Person): Promise<VerifiedViewer> {
  const { id } = await db.user.findUniqueOrThrow({ where: { email } });
  return { id, role: 'ADMIN', credential: { kind: 'SESSION', id: '' } };
}

async function makeAdministrator(someone: Person): Promise<Person> {
  await db.user.update({ where: { email: someone.email }, data: { role: 'ADMIN' } });
  return someone;
}

const disable = async (by: Person, id: string) => (await by.ask(DisablePerson, { id })).disablePerson;
const deletes = async (by: Person, id: string, messages: MessagesOfDeleted = 'KEEP') =>
  (await by.ask(DeletePerson, { input: { id, messages } })).deletePerson;

/** Resolves when the feed is open, to a promise of what it ends with. */
async function openFeed(someone: Person): Promise<{ end: Promise<string> }> {
  const feed = someone.feeds();
  await feed.next();
  return { end: Array.fromAsync(feed).then(String, String) };
}

describe('a disabled account', () => {
  test('ends its sessions and streams, and sign-in fails until it is enabled', async () => {
    const ann = await person('ann');
    const id = await personIdOf(ann);
    const held = testServer().model.hold();
    const { run } = await ann.sends('A long story, please.');
    const words = Array.fromAsync(ann.follows(run.id)).then(String, String);
    await held.arrived;
    const feed = await openFeed(ann);

    expect(await disable(admin, id)).toEqual({ __typename: 'DisablePersonPayload', person: { id, isDisabled: true } });
    expect(await feed.end).toContain('UNAUTHENTICATED');
    expect(await words).toContain('UNAUTHENTICATED');
    expect(await ann.ask(Viewer, {})).toEqual({ viewer: null });
    expect(await signIn(ann)).toMatchObject({ status: 403, code: 'ACCOUNT_DISABLED' });
    // Without the password one does not learn that the account is disabled.
    expect(await signIn(new Person('ann', ann.email, 'not the password'))).toMatchObject({ status: 401 });
    held.begin().end();

    expect((await admin.ask(EnablePerson, { id })).enablePerson).toMatchObject({ person: { isDisabled: false } });
    expect(await signIn(ann)).toMatchObject({ status: 200 });
  });

  test('has no use of a session that began in the moment in which it was disabled', async () => {
    const ann = await person('ann');
    const feed = await openFeed(ann);
    await db.user.update({ where: { email: ann.email }, data: { disabledAt: new Date() } });
    expect(await ann.ask(Viewer, {})).toEqual({ viewer: null });
    await checkStreams();
    expect(await feed.end).toContain('UNAUTHENTICATED');
  });

  test('is found by administrators alone, and added to no room', async () => {
    const gone = await person('Gudrun Gone', { email: 'gudrun@example.org' });
    const id = await personIdOf(gone);
    await disable(admin, id);
    expect((await ordinary.ask(Find, { search: 'Gudrun' })).people).toEqual([]);
    expect((await admin.ask(Find, { search: 'Gudrun' })).people).toEqual([{ id, isDisabled: true }]);
    await expect(roomOf(ordinary, { personIds: [id] })).rejects.toThrow('NOT_FOUND');
  });
});

describe('whether an account is disabled', () => {
  test('is seen by administrators alone', async () => {
    const [gone, host] = [await person('gone'), await person('host')];
    const id = await personIdOf(gone);
    const room = await roomOf(host, { personIds: [id] });
    await addTo(room, host, [ordinary, admin]);
    await disable(admin, id);
    expect((await ordinary.ask(IsDisabled, { id })).node).toMatchObject({ isDisabled: false });
    expect((await admin.ask(IsDisabled, { id })).node).toMatchObject({ isDisabled: true });
  });
});

describe('administrators', () => {
  test('alone do these things, and everybody may delete themselves', async () => {
    const ann = await person('ann');
    const id = await personIdOf(ann);
    const notFound = { code: 'NOT_FOUND' };
    expect(await disable(ordinary, id)).toMatchObject(notFound);
    expect((await ordinary.ask(EnablePerson, { id })).enablePerson).toMatchObject(notFound);
    expect((await ordinary.ask(SetMaxChats, { input: { personId: id, maxChats: 1 } })).setMaxChats).toMatchObject(
      notFound,
    );
    expect(await deletes(ordinary, id)).toMatchObject(notFound);
    expect(await ann.ask(Viewer, {})).toMatchObject({ viewer: { maxChats: 100 } });

    expect(await deletes(ann, id)).toEqual({ __typename: 'DeletePersonPayload', personId: id });
    expect(await ann.ask(Viewer, {})).toEqual({ viewer: null });
    expect(await signIn(ann)).toMatchObject({ status: 401 });
    expect(await disable(admin, id)).toMatchObject(notFound);
    expect(await deletes(admin, id)).toMatchObject(notFound);
  });

  test('set how many chats a person may have', async () => {
    const ann = await person('ann');
    const personId = await personIdOf(ann);
    await ann.createsChat();
    const set = { input: { personId, maxChats: 1 } };
    expect((await admin.ask(SetMaxChats, set)).setMaxChats).toMatchObject({ maxChats: 1 });
    await expect(ann.createsChat()).rejects.toThrow('CHAT_LIMIT');
    expect(await ann.ask(Viewer, {})).toMatchObject({ viewer: { maxChats: 1 } });
    const tooMany = { input: { personId, maxChats: 1_000_001 } };
    expect((await admin.ask(SetMaxChats, tooMany)).setMaxChats).toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('never lose the last one: not by themselves, not by each other at once', async () => {
    const id = await personIdOf(admin);
    expect(await disable(admin, id)).toMatchObject({ code: 'LAST_ADMINISTRATOR' });
    expect(await deletes(admin, id)).toMatchObject({ code: 'LAST_ADMINISTRATOR' });

    // Not through the front door: the second one may be signed out before their request is read.
    const [first, second] = [
      await viewerBehind(admin),
      await viewerBehind(await makeAdministrator(await person('second'))),
    ];
    const atOnce = await Promise.allSettled([disablePerson(first, second.id), disablePerson(second, first.id)]);
    expect(atOnce.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(atOnce.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'NOT_FOUND' } });
    expect(await db.user.count({ where: { role: 'ADMIN', disabledAt: null } })).toBe(1);

    await db.user.updateMany({ data: { disabledAt: null } });
    const third = await viewerBehind(await makeAdministrator(await person('third')));
    await db.user.updateMany({ where: { email: admin.email }, data: { role: 'USER' } });
    const both = [second.id, third.id].map((each) => deletePerson(each === third.id ? third : second, each, 'KEEP'));
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'LAST_ADMINISTRATOR' },
    });
    await makeAdministrator(admin);
    await admin.post('/api/auth/sign-in/email', { email: admin.email, password: admin.password });
  });
});

describe('a deleted person', () => {
  const seen = async (someone: Person, id: string) => (await someone.ask(RoomNow, { id })).chat;

  test('takes their private chats along, and leaves their words and their rooms to the others', async () => {
    const [founder, veteran, moderator, late] = await Promise.all(
      ['founder', 'veteran', 'moderator', 'late'].map((name) => person(name)),
    );
    if (!founder || !veteran || !moderator || !late) throw new Error('Not all signed up.');
    const withModerators = await roomOf(founder);
    await addTo(withModerators, founder, [veteran]);
    await addTo(withModerators, founder, [moderator], 'MODERATOR');
    await addTo(withModerators, founder, [late], 'MODERATOR');
    const without = await roomOf(founder);
    await addTo(without, founder, [veteran]);
    await addTo(without, founder, [late]);
    const alone = await roomOf(founder);
    await says(founder, withModerators, 'Remember me.');
    const { id: privateChat } = await founder.createsChat();

    const { revision } = await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', withModerators) } });
    let isTold = false;
    for await (const event of late.feeds([{ id: withModerators, after: revision }])) {
      if (event.__typename === 'Tick') await deletes(founder, await personIdOf(founder), 'KEEP');
      isTold = event.__typename === 'ChatChange';
      if (isTold) break;
    }
    expect(isTold).toBe(true);
    expect(await db.chat.count({ where: { id: rowId('Chat', privateChat) } })).toBe(0);
    expect(await seen(moderator, withModerators)).toMatchObject({ viewerRole: 'OWNER', memberCount: 3 });
    expect(await seen(late, withModerators)).toMatchObject({ viewerRole: 'MODERATOR' });
    expect((await seen(veteran, withModerators))?.messages.nodes.at(-1)).toMatchObject({
      content: 'Remember me.',
      author: null,
      isDeleted: false,
    });
    expect(await seen(veteran, without)).toMatchObject({ viewerRole: 'OWNER', memberCount: 2 });
    expect(await db.chat.findUnique({ where: { id: rowId('Chat', alone) } })).toMatchObject({
      deletedAt: expect.any(Date) as Date,
    });
  });

  test('hands no room to a disabled person, where there is another member', async () => {
    const [founder, disabled, heir] = [await person('founder'), await person('disabled'), await person('heir')];
    const id = await roomOf(founder);
    await addTo(id, founder, [disabled], 'MODERATOR');
    await addTo(id, founder, [heir]);
    await disable(admin, await personIdOf(disabled));
    await deletes(admin, await personIdOf(founder));
    expect(await seen(heir, id)).toMatchObject({ viewerRole: 'OWNER' });
  });

  test('hands no room to a service agent, where there is a person, be the agent an owner', async () => {
    const [founder, heir] = [await person('founder'), await person('heir')];
    const [asModerator, asOwner] = [await roomOf(founder), await roomOf(founder)];
    const robot = await serviceAgent(admin);
    for (const [id, role] of [
      [asModerator, 'MODERATOR'],
      [asOwner, 'OWNER'],
    ] as const) {
      await does(founder, 'addMembers', { chatId: id, personIds: [robot.personId] });
      await does(founder, 'setMemberRole', { chatId: id, personId: robot.personId, role });
      await addTo(id, founder, [heir]);
    }
    await deletes(admin, await personIdOf(founder));
    for (const id of [asModerator, asOwner]) expect(await seen(heir, id)).toMatchObject({ viewerRole: 'OWNER' });
  });

  test('reports to the open feeds of their rooms, also of those they left, that messages have no author any more', async () => {
    const [ann, bob, cat] = [await person('ann'), await person('bob'), await person('cat')];
    const [room, formerRoom, otherRoom] = [await roomOf(bob), await roomOf(bob), await roomOf(bob)];
    for (const id of [room, formerRoom]) await addTo(id, bob, [ann, cat]);
    for (const id of [room, formerRoom]) await says(ann, id, 'Remember me.');
    await leave(ann, formerRoom);
    const revisionOf = async (id: string) =>
      (await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', id) } })).revision;
    const cursors = await Promise.all(
      [room, formerRoom, otherRoom].map(async (id) => ({ id, after: await revisionOf(id) })),
    );
    const told = new Map<string, number>();
    for await (const event of cat.feeds(cursors.slice(0, 2))) {
      if (event.__typename === 'Tick' && told.size === 0) await deletes(ann, await personIdOf(ann), 'KEEP');
      if (event.__typename === 'ChatChange') told.set(event.chat.id, event.chat.resetRevision);
      if (told.size === 2) break;
    }
    expect(told).toEqual(new Map(cursors.slice(0, 2).map(({ id, after }) => [id, after + 1])));
    expect(await revisionOf(otherRoom)).toBe(cursors[2]?.after);
    expect(
      (await seen(cat, formerRoom))?.messages.nodes.map(({ content, author }) => [content, author]),
    ).toContainEqual(['Remember me.', null]);
  });

  test('who wants it leaves no word in rooms, in those they left neither, and others keep theirs', async () => {
    const CANARY = 'canary-b7731c';
    const [ann, bob] = [await person('ann'), await person('bob')];
    const [room, formerRoom] = [await roomOf(bob), await roomOf(bob)];
    await addTo(room, bob, [ann]);
    await addTo(formerRoom, bob, [ann]);
    await says(ann, room, `One ${CANARY}.`);
    const edited = await says(ann, room, `Two ${CANARY}.`);
    await ann.ask(EditMessage, { input: { id: edited.id, content: `Two again ${CANARY}.` } });
    const deleted = await says(ann, room, `Three ${CANARY}.`);
    await ann.ask(DeleteMessage, { id: deleted.id });
    await says(bob, room, 'Mine.', { replyToId: edited.id });
    await says(ann, formerRoom, `Four ${CANARY}.`);
    await leave(ann, formerRoom);
    await ann.createsChat(`Private ${CANARY}`);

    const cursors = await Promise.all(
      [room, formerRoom].map(async (id) => {
        const { revision } = await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', id) } });
        return { id, after: revision };
      }),
    );
    const reset = new Set<string>();
    for await (const event of bob.feeds(cursors)) {
      if (event.__typename === 'Tick') await deletes(ann, await personIdOf(ann), 'ERASE');
      if (event.__typename !== 'ChatChange') continue;
      // However many they are, they are not sent one by one: clients that have them fetch them again.
      expect(event.messages).toEqual([]);
      expect(event.chat.resetRevision).toBe(event.revision);
      reset.add(event.chat.id);
      if (reset.size === 2) break;
    }
    expect(reset).toEqual(new Set([room, formerRoom]));
    const rows = JSON.stringify([await db.message.findMany(), await db.chat.findMany()]);
    expect(rows).not.toContain(CANARY);
    expect(rows).toContain('Mine.');
    const nodes = (await seen(bob, room))?.messages.nodes ?? [];
    expect(nodes.map(({ content, isDeleted, event }) => event?.kind ?? (isDeleted ? 'deleted' : content))).toEqual([
      'ADDED',
      'deleted',
      'deleted',
      'deleted',
      'Mine.',
    ]);
  });

  test('is in the change log until a base replaces it: an erasure asks for one, and a deletion that keeps the words does not', async () => {
    const wish = async () => {
      const { baseWantedAt, isErasure } = await readState();
      return { isWanted: baseWantedAt !== null, isErasure };
    };
    await db.changelogState.updateMany({ data: { baseWantedAt: null, isErasure: false } });
    const [ann, bob] = [await person('ann'), await person('bob')];
    await deletes(ann, await personIdOf(ann), 'KEEP');
    expect(await wish()).toEqual({ isWanted: false, isErasure: false });
    await deletes(bob, await personIdOf(bob), 'ERASE');
    expect(await wish()).toEqual({ isWanted: true, isErasure: true });
  });

  test('ends the answer that is being written for them', async () => {
    const ann = await person('ann');
    const held = testServer().model.hold();
    const { run } = await ann.sends('A long story, please.');
    await held.arrived;
    await deletes(ann, await personIdOf(ann), 'KEEP');
    await held.gone;
    expect(await db.run.count({ where: { id: rowId('Run', run.id) } })).toBe(0);
  });
});
