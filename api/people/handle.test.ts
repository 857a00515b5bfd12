import { beforeAll, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person } from '../testing/person.ts';

useConfab();

const TakeHandle = graphql(`
  mutation TakeHandle($handle: String!) {
    updateHandle(input: { handle: $handle }) {
      __typename
      ... on InvalidInputError {
        issues {
          code
        }
      }
      ... on UpdateHandlePayload {
        person {
          handle
        }
      }
    }
  }
`);

const OwnHandle = graphql(`
  query OwnHandle {
    viewer {
      person {
        handle
      }
    }
  }
`);

const MakeAgent = graphql(`
  mutation MakeAgent($input: CreateAgentInput!) {
    createAgent(input: $input) {
      __typename
      ... on InvalidInputError {
        issues {
          code
        }
      }
    }
  }
`);

let ada: Person;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  // The first one is the administrator.
  ada = await person('ada');
  [ann, bob] = await Promise.all([person('ann'), person('bob')]);
});

const takes = async (someone: Person, handle: string) => (await someone.ask(TakeHandle, { handle })).updateHandle;
const taken = { __typename: 'InvalidInputError', issues: [{ code: 'HANDLE_TAKEN' }] };

test('a handle that was given up is kept from others for 30 days, and its holder gets it back', async () => {
  expect(await takes(ann, 'the.captain')).toMatchObject({ person: { handle: 'the.captain' } });
  await takes(ann, 'the.admiral');
  expect(await takes(bob, 'the.captain')).toEqual(taken);
  const agent = { handle: 'the-captain', name: 'The captain', provider: 'ECHO' } as const;
  await takes(ann, 'the-captain');
  await takes(ann, 'the.admiral');
  expect((await ada.ask(MakeAgent, { input: agent })).createAgent).toEqual(taken);
  expect(await takes(ann, 'the.captain')).toMatchObject({ person: { handle: 'the.captain' } });

  await takes(ann, 'the.admiral');
  await db.formerHandle.updateMany({
    where: { name: 'the.captain' },
    data: { endedAt: new Date(Date.now() - 31 * 86_400_000) },
  });
  expect(await takes(bob, 'the.captain')).toMatchObject({ person: { handle: 'the.captain' } });
});

test('no new account gets it either, nor after the account is deleted', async () => {
  const signUp = () => person('Old Captain', { email: `captain-${crypto.randomUUID()}@example.org` });
  const old = await signUp();
  expect((await old.ask(OwnHandle, {})).viewer?.person.handle).toBe('old.captain');
  await db.user.delete({ where: { email: old.email } });
  expect(await takes(bob, 'old.captain')).toEqual(taken);
  const other = await signUp();
  expect((await other.ask(OwnHandle, {})).viewer?.person.handle).toBe('old.captain-2');
});

test('of many former handles only the newest stay reserved', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `name.${index}`);
  for (const name of names) await takes(ann, name);
  const outcomes = [];
  for (const name of names) outcomes.push((await takes(bob, name)).__typename);
  // Bob has one at a time too, and gives it up with the next.
  expect(outcomes).toEqual([
    ...Array.from({ length: 2 }, () => 'UpdateHandlePayload'),
    ...Array.from({ length: 6 }, () => 'InvalidInputError'),
  ]);
});
