/** The contract with those who ask the API: what a release may do to the clients of the one before. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { breachesOf } from '../testing/contract.ts';
import { printedSchema } from './printed-schema.ts';

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** What CHANGELOG.md says of what is not released. */
function news(): string {
  const [, unreleased = ''] = /^## \[Unreleased\]$([^]*?)^## /m.exec(read('CHANGELOG.md')) ?? [];
  return unreleased;
}

// At a release, schema.graphql becomes docs/api/released.graphql.
test('the schema breaks nothing that the last release has', async () => {
  expect(news()).toContain('\n- ');
  const released = read('docs/api/released.graphql');
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(read('CHANGELOG.md')).toContain(`## [${version}]`);
  expect(await breachesOf({ released, present: printedSchema(), news: news(), version, today: new Date() })).toEqual(
    [],
  );
});

test('the schema of the last release is what was released', () => {
  const hash = createHash('sha256').update(read('docs/api/released.graphql')).digest('hex');
  // Of 0.1.0. A release changes both.
  expect(hash).toBe('b4e5b82f40cf5ec33872cacce362a34973db2f91f071e1af3208faa330358ecf');
});

test('the guide to errors names every code of `errors`', () => {
  const files = readdirSync(new URL('..', import.meta.url), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => /(?<!\.test)\.ts$/.test(file) && !/^(generated|testing)\//.test(file));
  const given = sources.flatMap((file) =>
    [
      ...read(`api/${file}`).matchAll(
        /(?:extensions: \{\s*code: |extensions\['code'\] \??= |sendError\([^']*)'([A-Z_]+)'/g,
      ),
    ].map(([, code]) => code),
  );
  expect(new Set(given).size).toBeGreaterThan(20);
  const guide = read('docs/api/errors.md');
  expect([...new Set(given)].filter((code) => !guide.includes(`\`${code}\``))).toEqual([]);
});

describe('a schema that changes', () => {
  const released = `
    type Query { room(id: ID!, name: String @deprecated(reason: "Use id. Goes from 2026-09-01 on.")): Room }
    type Mutation {
      close(input: CloseInput!): CloseResult! @deprecated(reason: "Use updateRoom. Goes from 2026-09-01 on.")
      update(input: UpdateInput!): Room!
    }
    input CloseInput { id: ID! }
    union CloseResult = ClosePayload | Failure
    type ClosePayload { room: Room! }
    type Failure { code: Code! }
    input UpdateInput { id: ID! }
    type Room { id: ID! title: String! topic: String @deprecated(reason: "Use title.") code: Code }
    enum Code { FULL CLOSED @deprecated(reason: "Never given. Goes from 2026-09-01 on.") }
    union Event = Room | Failure
    type Subscription { events: Event! }
  `;

  interface Circumstances {
    on?: string;
    says?: string;
    version?: string;
  }

  function breaches(
    changes: [string | RegExp, string][],
    { on = '2026-10-01', says = '', version = '1.2.0' }: Circumstances = {},
  ): Promise<string[]> {
    const present = changes.reduce((schema, [from, to]) => {
      expect(schema).toMatch(from);
      return schema.replace(from, to);
    }, released);
    return breachesOf({ released, present, news: says, version, today: new Date(on) });
  }

  test('may stay as it is, and grow by fields and types', async () => {
    expect(await breaches([])).toEqual([]);
    expect(
      await breaches([
        ['title: String!', 'title: String! owner: Owner'],
        ['type Failure', 'type Owner { id: ID! } type Failure'],
      ]),
    ).toEqual([]);
  });

  test.each<[string, [string | RegExp, string][]]>([
    ['a field', [['title: String!', '']]],
    ['a field that was deprecated without a date', [[/topic: .*"\)/, '']]],
    ['a union member', [['Room | Failure\n    type Sub', 'Room\n    type Sub']]],
    ['an enum value', [['FULL ', '']]],
  ])('loses %s: that is a breach', async (_what, changes) => {
    expect(await breaches(changes)).toEqual([expect.stringContaining('deprecate it first')]);
  });

  test.each<[string, [string | RegExp, string][]]>([
    ['a field that may be null now', [['title: String!', 'title: String']]],
    ['a field of another type', [['title: String!', 'title: Int!']]],
    ['an argument that has to be given', [['id: ID!, name', 'id: ID!, at: ID!, name']]],
    ['an input field that has to be given', [['UpdateInput { id: ID!', 'UpdateInput { id: ID! title: String!']]],
  ])('has %s: that is a breach', async (_what, changes) => {
    expect(await breaches(changes)).toEqual([expect.stringContaining('deprecate it first')]);
  });

  test('loses what was deprecated from that day on, not before', async () => {
    const losses: [string | RegExp, string][][] = [
      [[/, name: String @.*?"\)/, '']],
      [[/CLOSED @.*?"\)/, '']],
      [
        [/close\(.*"\)/, ''],
        [/input CloseInput.*/, ''],
        [/union CloseResult.*/, ''],
        [/type ClosePayload.*/, ''],
      ],
    ];
    for (const loss of losses) {
      expect(await breaches(loss, { on: '2026-09-01' })).toEqual([]);
      expect(await breaches(loss, { on: '2026-08-31' })).not.toEqual([]);
    }
  });

  test('loses what the changelog announces, after a version 0.y alone', async () => {
    const loss: [string | RegExp, string][] = [['title: String!', '']];
    const says = '- Breaking for API clients: `Room.title` is gone.';
    expect(await breaches(loss, { says, version: '0.4.0' })).toEqual([]);
    expect(await breaches(loss, { says })).not.toEqual([]);
    expect(await breaches(loss, { says: '- `Room.title` is gone.', version: '0.4.0' })).not.toEqual([]);
  });

  test('takes a type that is still needed along with nothing', async () => {
    const loss: [string | RegExp, string][] = [
      [/close\(.*"\)/, ''],
      [/input CloseInput.*/, ''],
      [/union CloseResult.*/, ''],
      [/type ClosePayload.*/, ''],
      [/type Failure.*/, ''],
      ['Room | Failure', 'Room'],
    ];
    expect(await breaches(loss)).toEqual([expect.stringMatching(/Failure.*Event/)]);
  });

  test('names new enum values and union members in the changelog', async () => {
    const value: [string, string][] = [['FULL ', 'FULL LOCKED ']];
    expect(await breaches(value)).toEqual([expect.stringContaining('`Code.LOCKED`')]);
    expect(await breaches(value, { says: '- New: `Code.LOCKED`.' })).toEqual([]);
    const member: [string, string][] = [
      ['Room | Failure\n    type Sub', 'Room | Failure | ClosePayload\n    type Sub'],
    ];
    expect(await breaches(member)).toEqual([expect.stringContaining('`Event.ClosePayload`')]);
    expect(await breaches(member, { says: '- New: `Event.ClosePayload`.' })).toEqual([]);
  });

  test('brings an enum and a union that are new, without a word', async () => {
    const brought = 'type Failure { kind: Kind result: Result';
    expect(
      await breaches([['type Failure {', `enum Kind { A B } union Result = Room | ClosePayload ${brought}`]]),
    ).toEqual([]);
  });
});
