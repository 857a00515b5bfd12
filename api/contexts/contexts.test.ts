import { beforeAll, describe, expect, test } from 'vitest';

import { graphql } from '../generated/graphql/gql.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { RunById } from '../testing/documents.ts';
import { says } from '../testing/model-server.ts';
import { type Person, person } from '../testing/person.ts';
import { madeUpThings } from '../testing/samples.ts';
import { DEFAULT_PRIMARY_CONTEXT } from './assemble.ts';

const Contexts = graphql(`
  query Contexts {
    primaryContext {
      ...ContextState
    }
    personalContext {
      ...ContextState
    }
  }
`);

const UpdatePrimaryContext = graphql(`
  mutation UpdatePrimaryContext($content: String!, $expectedVersion: Int!) {
    updatePrimaryContext(input: { content: $content, expectedVersion: $expectedVersion }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ConflictError {
        current {
          ...ContextState
        }
      }
      ... on UpdatePrimaryContextPayload {
        contextFile {
          ...ContextState
        }
      }
    }
  }
`);

const UpdatePersonalContext = graphql(`
  mutation UpdatePersonalContext($content: String!, $expectedVersion: Int!) {
    updatePersonalContext(input: { content: $content, expectedVersion: $expectedVersion }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on InvalidInputError {
        issues {
          path
          code
          reason
          limit
        }
      }
      ... on ConflictError {
        current {
          ...ContextState
        }
      }
      ... on UpdatePersonalContextPayload {
        contextFile {
          ...ContextState
        }
      }
    }
  }
`);

const RestoreContextVersion = graphql(`
  mutation RestoreContextVersion($id: ID!, $expectedVersion: Int!) {
    restoreContextVersion(input: { id: $id, expectedVersion: $expectedVersion }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ConflictError {
        current {
          ...ContextState
        }
      }
      ... on RestoreContextVersionPayload {
        contextFile {
          ...ContextState
        }
      }
    }
  }
`);

const ContextNode = graphql(`
  query ContextNode($id: ID!) {
    node(id: $id) {
      id
      ... on ContextFile {
        content
      }
      ... on ContextVersion {
        content
      }
    }
  }
`);

const VersionPages = graphql(`
  query VersionPages($first: Int, $after: String, $last: Int, $before: String) {
    personalContext {
      versions(first: $first, after: $after, last: $last, before: $before) {
        nodes {
          version
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

useConfab();

let ada: Person;

beforeAll(async () => {
  testServer().model.otherwise(says('An answer.'));
  ada = await person('ada');
});

describe('a context', () => {
  test('is empty at first, and the primary one has a default', async () => {
    expect(await (await person('ann')).ask(Contexts, {})).toMatchObject({
      primaryContext: null,
      personalContext: {
        type: 'PERSONAL',
        content: '',
        defaultContent: null,
        version: 0,
        updatedBy: null,
        versions: { nodes: [] },
      },
    });
    expect((await ada.ask(Contexts, {})).primaryContext).toMatchObject({
      type: 'PRIMARY',
      content: '',
      defaultContent: DEFAULT_PRIMARY_CONTEXT,
      version: 0,
    });
  });

  test('is written version by version, and all are kept', async () => {
    const ann = await person('ann');
    await writes(ann, 'one', 0);
    await writes(ann, '', 1);
    const file = await writes(ann, 'three', 2);

    expect(file).toMatchObject({ content: 'three', version: 3, updatedBy: { name: 'ann' } });
    expect(wordings(file)).toEqual(['3: three', '2: ', '1: one']);
    expect((await ann.ask(Contexts, {})).personalContext).toEqual(file);
    // What stands there already is no new version.
    expect(await writes(ann, 'three', 3)).toEqual(file);
  });

  test('that was changed meanwhile is not overwritten, and its present text is returned', async () => {
    const ann = await person('ann');
    const present = await writes(ann, 'first', 0);

    for (const stale of [0, 2, 2_147_483_647]) {
      expect(
        (await ann.ask(UpdatePersonalContext, { content: 'mine', expectedVersion: stale })).updatePersonalContext,
      ).toMatchObject({
        __typename: 'ConflictError',
        current: present,
      });
    }
    expect((await ann.ask(Contexts, {})).personalContext).toEqual(present);
  });

  test('that many write at once is written by exactly one of them', async () => {
    const ann = await person('ann');
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        ann.ask(UpdatePersonalContext, { content: `writer ${index}`, expectedVersion: 0 }),
      ),
    );
    const winners = answers.flatMap(({ updatePersonalContext: answer }) =>
      answer.__typename === 'UpdatePersonalContextPayload' ? [answer] : [],
    );
    const { personalContext } = await ann.ask(Contexts, {});

    expect(winners).toHaveLength(1);
    expect(answers.filter(({ updatePersonalContext: answer }) => answer.__typename === 'ConflictError')).toHaveLength(
      9,
    );
    expect(personalContext).toEqual(winners[0]?.contextFile);
    expect(wordings(personalContext)).toEqual([`1: ${personalContext.content}`]);
  });

  test('goes back to an old wording as a new version', async () => {
    const ann = await person('ann');
    await writes(ann, 'one', 0);
    const { versions } = await writes(ann, 'two', 1);
    const id = versions.nodes[1]?.id ?? '';
    const restore = async (expectedVersion: number) =>
      (await ann.ask(RestoreContextVersion, { id, expectedVersion })).restoreContextVersion;

    expect(await restore(1)).toMatchObject({ __typename: 'ConflictError', current: { content: 'two', version: 2 } });
    const restored = await restore(2);
    expect(restored).toMatchObject({ contextFile: { content: 'one', version: 3 } });
    expect('contextFile' in restored && wordings(restored.contextFile)).toEqual(['3: one', '2: two', '1: one']);
  });

  test('may have 50,000 characters and no NUL', async () => {
    const ann = await person('ann');
    await writes(ann, 'c'.repeat(50_000), 0);
    for (const content of ['c'.repeat(50_001), 'a\0b', '\ud800']) {
      expect(
        (await ann.ask(UpdatePersonalContext, { content, expectedVersion: 1 })).updatePersonalContext,
      ).toMatchObject({
        __typename: 'InvalidInputError',
        issues: [{ path: ['input', 'content'] }],
      });
    }
    expect(
      (await ann.ask(UpdatePersonalContext, { content: 'x', expectedVersion: -1 })).updatePersonalContext,
    ).toMatchObject({
      issues: [{ path: ['input', 'expectedVersion'] }],
    });
  });

  test('has its versions in pages', async () => {
    const ann = await person('ann');
    for (let version = 0; version < 5; version += 1) await writes(ann, `wording ${version}`, version);
    const page = async (
      variables: Parameters<
        typeof ann.ask<unknown, { first?: number; after?: string; last?: number; before?: string }>
      >[1],
    ) => {
      const { nodes, pageInfo } = (await ann.ask(VersionPages, variables)).personalContext.versions;
      return { versions: nodes.map(({ version }) => version), ...pageInfo };
    };

    const newest = await page({ first: 2 });
    expect(newest).toMatchObject({ versions: [5, 4], hasNextPage: true, hasPreviousPage: false });
    expect(await page({ first: 2, after: newest.endCursor ?? '' })).toMatchObject({
      versions: [3, 2],
      hasNextPage: true,
      hasPreviousPage: true,
    });
    const oldest = await page({ last: 2 });
    expect(oldest).toMatchObject({ versions: [2, 1], hasNextPage: false, hasPreviousPage: true });
    expect(await page({ last: 5, before: oldest.startCursor ?? '' })).toMatchObject({
      versions: [5, 4, 3],
      hasPreviousPage: false,
    });
    expect(await ann.askFor(VersionPages, { first: 0 })).toMatchObject({
      errors: [{ extensions: { code: 'BAD_PAGE' } }],
    });
    expect(await ann.askFor(VersionPages, { after: 'x' })).toMatchObject({
      errors: [{ extensions: { code: 'BAD_PAGE' } }],
    });
  });
});

describe('to others', () => {
  test('the primary context is not there', async () => {
    const ann = await person('ann');
    const version = (await ada.ask(Contexts, {})).primaryContext?.version ?? -1;
    const file = await writesPrimary('For all.', version);
    const old = file.versions.nodes[0]?.id ?? '';
    const nothing = { __typename: 'NotFoundError', code: 'NOT_FOUND', reason: expect.any(String) as string };

    expect((await ann.ask(Contexts, {})).primaryContext).toBeNull();
    expect(
      (await ann.ask(UpdatePrimaryContext, { content: 'Mine.', expectedVersion: file.version })).updatePrimaryContext,
    ).toEqual(nothing);
    expect(
      (await ann.ask(RestoreContextVersion, { id: old, expectedVersion: file.version })).restoreContextVersion,
    ).toEqual(nothing);
    for (const id of [file.id, old]) {
      expect(await ada.ask(ContextNode, { id })).toEqual({ node: { id, content: 'For all.' } });
      expect(await ann.ask(ContextNode, { id })).toEqual({ node: null });
    }
    expect((await ada.ask(Contexts, {})).primaryContext).toEqual(file);
  });

  test('a personal context is not there, not even to the administrator', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const file = await writes(ann, 'I am Ann.', 0);
    const old = file.versions.nodes[0]?.id ?? '';

    for (const id of [file.id, old]) {
      expect(await ann.ask(ContextNode, { id })).toEqual({ node: { id, content: 'I am Ann.' } });
      for (const outsider of [bob, ada]) expect(await outsider.ask(ContextNode, { id })).toEqual({ node: null });
    }
    for (const outsider of [bob, ada]) {
      const restore = async (id: string) =>
        (await outsider.ask(RestoreContextVersion, { id, expectedVersion: 1 })).restoreContextVersion;
      const foreign = await restore(old);
      expect(foreign).toMatchObject({ __typename: 'NotFoundError' });
      expect(await restore(madeUpThings.version)).toEqual(foreign);
      expect(await restore('x')).toEqual(foreign);
    }
  });
});

describe('an answer', () => {
  test('receives the contexts as they are when it begins, and the run shows which', async () => {
    const ann = await person('ann');
    const version = (await ada.ask(Contexts, {})).primaryContext?.version ?? -1;
    await writesPrimary('Be kind.', version);
    const first = await ann.asks('hello');
    expect(systemBlocks()).toEqual(['Be kind.']);
    expect(await contextsOf(ann, first.run.id)).toEqual([{ type: 'PRIMARY', version: version + 1, content: null }]);

    await writes(ann, 'I am Ann.', 0);
    await writesPrimary('Be brief.', version + 1);
    const second = await ann.asks('hello again', first.chat.id);
    expect(systemBlocks()).toEqual(['Be brief.', 'I am Ann.']);
    expect(await contextsOf(ann, second.run.id)).toEqual([
      { type: 'PRIMARY', version: version + 2, content: null },
      { type: 'PERSONAL', version: 1, content: 'I am Ann.' },
    ]);

    // What was sent then does not change with what is written now.
    await writes(ann, 'I am Bea.', 1);
    expect(await contextsOf(ann, second.run.id)).toMatchObject([
      { version: version + 2 },
      { version: 1, content: 'I am Ann.' },
    ]);
    expect(await contextsOf(ann, first.run.id)).toMatchObject([{ version: version + 1 }]);
  });

  test('shows the administrator the primary wording that was sent', async () => {
    const version = (await ada.ask(Contexts, {})).primaryContext?.version ?? -1;
    await writesPrimary('A wording.', version);
    const { run, chat } = await ada.asks('hello');
    await writesPrimary('', version + 1);
    const next = await ada.asks('hello', chat.id);

    expect(await contextsOf(ada, run.id)).toEqual([{ type: 'PRIMARY', version: version + 1, content: 'A wording.' }]);
    expect(await contextsOf(ada, next.run.id)).toEqual([
      { type: 'PRIMARY', version: version + 2, content: DEFAULT_PRIMARY_CONTEXT },
    ]);
    expect(systemBlocks()).toEqual([DEFAULT_PRIMARY_CONTEXT]);
  });

  test('does not receive another person’s personal context', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    await writes(ann, 'I am Ann.', 0);
    await bob.asks('hello');
    expect(systemBlocks()).not.toContain('I am Ann.');
  });

  test('lets the provider keep the prompt: the last block of it is marked, and no other', async () => {
    const ann = await person('ann');
    await writes(ann, 'I am Ann.', 0);
    await ann.asks('hello');
    const system = testServer().model.calls.at(-1)?.body.system ?? [];

    expect(system.length).toBeGreaterThan(1);
    expect(system.map(({ cache_control }) => cache_control)).toEqual([
      ...system.slice(1).map(() => undefined),
      { type: 'ephemeral' },
    ]);
  });

  test('names the messages that the model was sent', async () => {
    const ann = await person('ann');
    const first = await ann.asks('one');
    const second = await ann.asks('two', first.chat.id);
    const { node } = await ann.ask(RunById, { id: second.run.id });

    expect(node).toMatchObject({
      history: [{ id: first.message.id }, { id: first.answer.id }, { id: second.message.id }],
      omittedMessageCount: 0,
    });
  });
});

async function writes(someone: Person, content: string, expectedVersion: number) {
  const { updatePersonalContext: answer } = await someone.ask(UpdatePersonalContext, { content, expectedVersion });
  if (answer.__typename !== 'UpdatePersonalContextPayload') throw new Error(JSON.stringify(answer));
  return answer.contextFile;
}

async function writesPrimary(content: string, expectedVersion: number) {
  const { updatePrimaryContext: answer } = await ada.ask(UpdatePrimaryContext, { content, expectedVersion });
  if (answer.__typename !== 'UpdatePrimaryContextPayload') throw new Error(JSON.stringify(answer));
  return answer.contextFile;
}

function wordings({ versions }: { versions: { nodes: { version: number; content: string }[] } }): string[] {
  return versions.nodes.map(({ version, content }) => `${version}: ${content}`);
}

function systemBlocks(): string[] {
  return (testServer().model.calls.at(-1)?.body.system ?? []).map(({ text }) => text);
}

/** As the owner of the run sees them. */
async function contextsOf(owner: Person, runId: string) {
  const { node } = await owner.ask(RunById, { id: runId });
  if (node?.__typename !== 'Run') throw new Error(`${owner.name} has no such run.`);
  return node.contexts;
}
