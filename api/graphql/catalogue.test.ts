/** What data.md says of all tables, asked of the migrated database itself and of the rows that people's doings leave in it. */
import { beforeAll, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { says } from '../testing/model-server.ts';
import { person } from '../testing/person.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { thingsOf } from '../testing/samples.ts';

useConfab();

const UpdatePersonalContext = graphql(`
  mutation UpdatePersonalContextForRows($input: UpdatePersonalContextInput!) {
    updatePersonalContext(input: $input) {
      __typename
    }
  }
`);

/** Ours, all but Prisma's own list of migrations. */
let tables: string[];

beforeAll(async () => {
  const ann = await person('ann');
  testServer().model.next(says('An answer.'));
  await ann.asks('A question.');
  await ann.ask(UpdatePersonalContext, { input: { content: 'I am Ann.', expectedVersion: 0 } });
  // better-auth asks for one where a person has to prove an address, which is not required yet.
  await db.verification.create({ data: { identifier: 'ann', value: 'proof', expiresAt: new Date() } });

  const { id: agentId } = await db.agent.findFirstOrThrow();
  const { question } = await thingsOf(ann, { agent: encodeGlobalId('Agent', agentId), version: '' });
  const message = await db.message.findUniqueOrThrow({ where: { id: rowId('Message', question) } });
  await db.mention.create({ data: { messageId: message.id, chatId: message.chatId, seq: message.seq, isRoom: true } });

  const rows = await db.$queryRaw<{ name: string }[]>`
    SELECT table_name::text AS name FROM information_schema.tables
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name <> '_prisma_migrations'`;
  tables = rows.map(({ name }) => name).sort();
});

test('an id is a UUID v7 and its table’s primary key', async () => {
  const keys = await db.$queryRaw<{ table: string; type: string }[]>`
    SELECT key.conrelid::regclass::text AS "table", column_.atttypid::regtype::text AS type
    FROM pg_constraint key JOIN pg_attribute column_ ON column_.attrelid = key.conrelid AND column_.attnum = ANY (key.conkey)
    WHERE key.contype = 'p' AND key.connamespace = current_schema()::regnamespace AND column_.attname = 'id'`;
  const keyed = keys.filter(({ type }) => type === 'uuid').map(({ table }) => table.replaceAll('"', ''));
  // A piece of a run's text has its run and its place there, what a service agent writes its run, a handle, a former one too, is its own key, and an agent is in a room once.
  // The change log has numbers.
  expect(keyed.sort()).toEqual(
    tables.filter(
      (table) =>
        !table.startsWith('change') &&
        !['run_checkpoint', 'external_answer', 'handle', 'former_handle', 'room_agent', '_prisma_migrations'].includes(
          table,
        ),
    ),
  );

  for (const table of keyed) {
    const rows = await db.$queryRawUnsafe<{ id: string }[]>(`SELECT id::text AS id FROM "${table}"`);
    expect(rows.length, `rows of ${table}`).toBeGreaterThan(0);
    for (const { id } of rows) {
      expect(id, table).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      // Its first 48 bits are the moment at which it was made.
      expect(Math.abs(Date.now() - Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)), table).toBeLessThan(
        3_600_000,
      );
    }
  }
});

test('a time has a zone', async () => {
  const columns = await db.$queryRaw<{ place: string; type: string }[]>`
    SELECT table_name || '.' || column_name AS place, data_type AS type FROM information_schema.columns
    WHERE table_schema = current_schema() AND data_type ~ '^(timestamp|date|time)' ORDER BY 1`;
  const ours = columns.filter(({ place }) => !place.startsWith('_prisma_migrations.'));
  expect(ours.length).toBeGreaterThan(20);
  expect(ours.filter(({ type }) => type !== 'timestamp with time zone')).toEqual([]);
});

test('what is to be there once has a unique key', async () => {
  const keys = await db.$queryRaw<{ key: string }[]>`
    SELECT tbl.relname || ' (' || string_agg(column_.attname, ', ' ORDER BY place.number) || ')'
      || CASE WHEN key.indnullsnotdistinct THEN ' nulls not distinct' ELSE '' END
      || CASE WHEN key.indpred IS NOT NULL THEN ' where ' || pg_get_expr(key.indpred, key.indrelid) ELSE '' END AS key
    FROM pg_index key JOIN pg_class tbl ON tbl.oid = key.indrelid AND tbl.relnamespace = current_schema()::regnamespace
    CROSS JOIN LATERAL unnest(key.indkey::int[]) WITH ORDINALITY AS place (attribute, number)
    JOIN pg_attribute column_ ON column_.attrelid = key.indrelid AND column_.attnum = place.attribute
    WHERE key.indisunique AND NOT key.indisprimary AND key.indisvalid
    GROUP BY key.indexrelid, tbl.relname, key.indnullsnotdistinct, key.indpred, key.indrelid`;

  expect(keys.map(({ key }) => key)).toEqual(
    expect.arrayContaining([
      'user (email)',
      'session (token)',
      'agent (handle)',
      'agent (is_default) where is_default',
      'chat (created_by_id, client_id)',
      'chat_member (chat_id, user_id)',
      'message (chat_id, seq)',
      'message (author_id, client_id)',
      'run (message_id)',
      'run (initiator_id, client_id)',
      'context_file (type, user_id) nulls not distinct',
    ]),
  );
});
