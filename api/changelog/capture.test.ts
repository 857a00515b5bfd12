import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { migrations } from '../database/migrate.ts';
import { write } from '../database/write.ts';
import { withRequestId } from '../operations/request-id.ts';
import { useConfab } from '../testing/confab.ts';
import { allWritten } from '../testing/changelog.ts';
import { person } from '../testing/person.ts';
import { does } from '../testing/plain-requests.ts';
import { roomOf } from '../testing/rooms.ts';
import { notCaptured, secretTables } from './capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'confab-changelog-'));
useConfab({ changelog: { folder } });

interface Captured {
  relation: string;
  operation: string;
  actor: string;
  requestId: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** The entries that the work makes. */
async function entriesOf(work: () => Promise<unknown>): Promise<Captured[]> {
  const [last] = await db.$queryRaw<{ seq: bigint }[]>`SELECT coalesce(max(seq), 0) AS seq FROM change_entry`;
  await work();
  return db.$queryRaw<Captured[]>`
    SELECT relation, operation::text, actor, request_id AS "requestId", before, after FROM change_entry
    WHERE seq > ${last?.seq ?? 0n} ORDER BY seq`;
}

const addUser = (name: string) =>
  db.$executeRaw`INSERT INTO "user" (id, email, name, updated_at) VALUES (gen_random_uuid(), ${`${name}@example.org`}, ${name}, now())`;

describe('the catalogue', () => {
  let tables: { name: string; triggers: string[] }[];
  beforeAll(async () => {
    tables = await db.$queryRaw`
      SELECT c.relname AS name, coalesce(array_agg(t.tgname::text ORDER BY t.tgname) FILTER (WHERE NOT t.tgisinternal), '{}') AS triggers
      FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') GROUP BY c.relname`;
  });

  test('each table is captured before all other triggers, or is excepted for a reason', () => {
    const names = new Set(tables.map(({ name }) => name));
    expect(Object.keys(notCaptured).filter((name) => !names.has(name))).toEqual([]);
    for (const { name, triggers } of tables) {
      const captures = triggers.filter((trigger) => trigger.startsWith('000_'));
      expect(captures, name).toEqual(
        name in notCaptured ? [] : ['000_capture_row', '000_capture_update', '000_refuse_truncate'],
      );
      expect(triggers.slice(0, captures.length), name).toEqual(captures);
    }
  });

  test('a table that is new is captured at the next start', async () => {
    await db.$executeRaw`CREATE TABLE novelty (id int PRIMARY KEY)`;
    await db.$queryRaw`SELECT capture_changes(true, ${Object.keys(notCaptured)}::text[])::text`;
    expect(await entriesOf(() => db.$executeRaw`INSERT INTO novelty VALUES (1)`)).toHaveLength(1);
    await allWritten();
    await db.$executeRaw`DROP TABLE novelty`;
  });

  test('no captured table has what cannot be logged: no primary key, json without equality, arrays of arrays or of rows, identities', async () => {
    const wrong = await db.$queryRaw<unknown[]>`
      SELECT c.relname, a.attname, t.typname FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
        AND c.relname <> ALL (${Object.keys(notCaptured)}::text[])
        AND (t.typname = 'json' OR a.attidentity = 'a' OR a.attndims > 1 OR t.typtype = 'c'
          OR e.typcategory NOT IN ('S', 'N', 'B', 'U', 'E') OR e.typname IN ('json', 'jsonb')
          OR NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))`;
    expect(wrong).toEqual([]);
  });

  test('each captured jsonb column refuses a JSON null, which would come back as SQL NULL', async () => {
    const columns = await db.$queryRaw<{ name: string; checks: string[] }[]>`
      SELECT c.relname || '.' || a.attname AS name, array_agg(pg_get_constraintdef(k.oid)) AS checks FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey)
      WHERE c.relnamespace = current_schema()::regnamespace AND a.atttypid = 'jsonb'::regtype
        AND c.relname <> ALL (${Object.keys(notCaptured)}::text[]) GROUP BY 1`;
    expect(columns.length).toBeGreaterThan(3);
    for (const { name, checks } of columns) expect(checks.join(), name).toMatch(/jsonb_typeof.*'null'/);
  });

  test('each table with a column for secrets is in the secrets files or in none', async () => {
    const secrets = await db.$queryRaw<{ name: string }[]>`
      SELECT DISTINCT table_name AS name FROM information_schema.columns
      WHERE table_schema = current_schema() AND column_name ~ 'password|secret|(^|_)token(_hash)?$|^hash$'`;
    const apart = new Set([...secretTables, ...Object.keys(notCaptured)]);
    expect(secrets.map(({ name }) => name).filter((name) => !apart.has(name))).toEqual([]);
    expect(secrets.map(({ name }) => name)).toContain('account');
  });

  test('no data statement of a migration depends on when or where it runs, since a replay runs it again', () => {
    const later = migrations().filter(({ name }) => name > '20261129000800_changelog');
    for (const { name, sql } of later) expect(volatileIn(sql), name).toEqual([]);
    const update = 'UPDATE chat SET a = now()';
    const body = `$$ BEGIN ${update}; END $$`;
    const column = 'ALTER TABLE chat ADD COLUMN a timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP';
    for (const red of [update, `DO ${body}`, column, `ALTER TABLE chat ALTER a TYPE timestamptz USING now()`])
      expect(volatileIn(`CREATE TABLE t (a int);\n${red};\nUPDATE chat SET a = 1;`)).toEqual([red]);
    for (const green of [
      `CREATE OR REPLACE FUNCTION f() RETURNS trigger AS ${body}`,
      `DO $do$ BEGIN EXECUTE format($f$ CREATE FUNCTION f() AS ${body} $f$); END $do$`,
      'CREATE TABLE t (a timestamptz DEFAULT now())',
      'ALTER TABLE chat ADD COLUMN b int DEFAULT 0, ALTER COLUMN a SET DEFAULT now()',
    ])
      expect(volatileIn(`${green};`)).toEqual([]);
  });
});

/** Statements of a migration that write rows with a value that is another one each time. The body of a function runs later. */
function volatileIn(sql: string): string[] {
  const outside = sql
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/(\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b[^;]*?)\$(\w*)\$[\s\S]*?\$\2\$/gi, '$1');
  const statements = outside.match(/\s*\bDO\s+\$(\w*)\$[\s\S]*?\$\1\$|[^;]+/gi) ?? [];
  return statements.map((statement) => statement.trim()).filter(writesVolatile);
}

function writesVolatile(statement: string): boolean {
  const isVolatile = (text: string) =>
    /\b(now|\w+_timestamp|random|gen_random_uuid|uuidv7|nextval)\s*\(|CURRENT_(TIMESTAMP|DATE|TIME)\b/i.test(text);
  if (/^ALTER\s+TABLE\b/i.test(statement))
    // A default that is set for rows to come is none for those that are there.
    return statement
      .split(/\b(?=(?:ADD|ALTER|DROP)\s)/i)
      .some((clause) => /^(ADD\b.*\bDEFAULT|ALTER\b.*\bUSING)\b/is.test(clause) && isVolatile(clause));
  const isWriting = /^DO\b/i.test(statement)
    ? /\b(INSERT|UPDATE|DELETE|MERGE|ADD|USING)\b/i.test(statement)
    : /^(INSERT|UPDATE|DELETE|WITH|MERGE)\b/i.test(statement);
  return isWriting && isVolatile(statement);
}

describe('an entry', () => {
  test('says who wrote, and for which request', async () => {
    const id = crypto.randomUUID();
    const entries = await entriesOf(() =>
      withRequestId('the request', () =>
        write({ personId: id }, ({ tx }) => tx.agent.create({ data: agentCalled('one') })),
      ),
    );
    // The handle is written by a trigger.
    expect(entries).toMatchObject([
      { relation: 'agent', operation: 'INSERT', actor: `USER ${id}`, requestId: 'the request', before: null },
      { relation: 'handle', operation: 'INSERT', actor: `USER ${id}`, requestId: 'the request' },
    ]);
    const [other] = await entriesOf(() =>
      write({ agentId: id }, ({ tx }) => tx.agent.create({ data: agentCalled('two') })),
    );
    expect(other).toMatchObject({ actor: `AGENT ${id}` });
  });

  test('of a statement by hand says the role', async () => {
    const [entry] = await entriesOf(() => addUser('by-hand'));
    const [{ role } = { role: '' }] = await db.$queryRaw<{ role: string }[]>`SELECT session_user::text AS role`;
    expect(entry).toMatchObject({ relation: 'user', actor: `DATABASE ${role}`, requestId: null });
  });

  test('is not there after a rollback, nor for an update that changes nothing', async () => {
    const rolledBack = () =>
      write({ server: 'test' }, async ({ tx }) => {
        await tx.agent.create({ data: agentCalled('never') });
        throw new Error('No.');
      });
    expect(await entriesOf(() => rolledBack().catch(() => undefined))).toEqual([]);
    expect(await entriesOf(() => db.$executeRaw`UPDATE "user" SET name = name`)).toEqual([]);
  });

  test('of what a cascade deletes or sets to NULL comes after the row that it follows from', async () => {
    const ann = await person('ann');
    const { id } = await db.user.findUniqueOrThrow({ where: { email: ann.email } });
    const { agentId } = await chatOf(id);
    await allWritten();
    const entries = await entriesOf(() => db.$executeRaw`DELETE FROM agent WHERE id = ${agentId}::uuid`);
    expect(entries.map(({ relation, operation }) => `${operation} ${relation}`)).toEqual([
      'DELETE agent',
      'UPDATE chat',
      'DELETE handle',
      'INSERT former_handle',
    ]);
    // Chat, member, message, reaction: three levels.
    const purged = await entriesOf(() => db.$executeRaw`DELETE FROM chat WHERE created_by_id = ${id}::uuid`);
    expect(purged.map(({ relation, operation }) => `${operation} ${relation}`).toSorted()).toEqual([
      'DELETE chat',
      'DELETE chat_member',
      'DELETE message',
      'DELETE reaction',
    ]);
    expect(purged[0]).toMatchObject({ relation: 'chat' });
  });

  test('has the same values whatever the session’s settings are', async () => {
    const at = '2026-04-03T18:51:07.891234Z';
    const [entry] = await entriesOf(() =>
      db.$transaction(async (tx) => {
        for (const setting of [
          `DateStyle = 'SQL, DMY'`,
          `TimeZone = 'Pacific/Chatham'`,
          `IntervalStyle = 'sql_standard'`,
        ])
          await tx.$executeRawUnsafe(`SET LOCAL ${setting}`);
        await tx.$executeRaw`
          INSERT INTO "user" (id, email, name, updated_at) VALUES (gen_random_uuid(), 'far@example.org', 'far', ${at}::timestamptz)`;
      }),
    );
    const text = String(entry?.after?.['updated_at']);
    expect(new Date(text).getTime()).toBe(new Date(at).getTime());
    expect(text).toMatch(/^2026-04-04T/);
  });
});

test('TRUNCATE is refused, with what to do', async () => {
  await expect(db.$executeRaw`TRUNCATE reaction`).rejects.toThrow('use DELETE FROM reaction');
});

test('a JSON null is refused', async () => {
  await expect(db.$executeRaw`UPDATE message SET event = 'null'::jsonb`).resolves.toBe(0);
  const ann = await person('ann');
  const { id } = await db.user.findUniqueOrThrow({ where: { email: ann.email } });
  await chatOf(id);
  await expect(db.$executeRaw`UPDATE message SET event = 'null'::jsonb`).rejects.toThrow('message_event_not_json_null');
});

test('no hash of a password and no token is in the main files', async () => {
  const ann = await person('ann');
  expect(await does(ann, 'createInvitation', { chatId: await roomOf(ann) })).toBe('CreateInvitationPayload');
  const token = { name: 'A token', scopes: ['READ_CHATS'] };
  expect(await does(ann, 'createApiToken', token)).toBe('CreateApiTokenPayload');
  await allWritten();
  const texts = (kind: RegExp) =>
    readdirSync(folder)
      .filter((name) => kind.test(name))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  const [all, main, apart] = [texts(/./), texts(/^(changes|base)-/), texts(/^secrets-/)];
  const { email } = await db.user.findUniqueOrThrow({ where: { email: ann.email } });
  expect(main).toContain(email);
  const secrets = {
    account: (await db.account.findMany()).map(({ password }) => password),
    invitation: (await db.invitation.findMany()).map(({ tokenHash }) => tokenHash),
    api_token: (await db.apiToken.findMany()).map(({ secretHash }) => secretHash),
  };
  for (const [table, values] of Object.entries(secrets)) {
    expect(values.length, table).toBeGreaterThan(0);
    for (const value of values) {
      expect(value?.length, table).toBeGreaterThan(20);
      expect(apart, table).toContain(value);
      expect(main, table).not.toContain(value);
    }
  }
  const sessions = await db.session.findMany();
  expect(sessions.length).toBeGreaterThan(0);
  for (const session of sessions) expect(all).not.toContain(session.token);
});

function agentCalled(name: string) {
  return { handle: name, name, provider: 'ECHO' } as const;
}

async function chatOf(userId: string): Promise<{ agentId: string }> {
  const handle = `agent-${crypto.randomUUID().slice(0, 8)}`;
  const agent = await db.agent.create({ data: agentCalled(handle) });
  await db.chat.create({
    data: {
      createdById: userId,
      agentId: agent.id,
      members: { create: { userId } },
      messages: {
        create: { seq: 1, revision: 1, role: 'USER', authorId: userId, reactions: { create: { userId, emoji: '🎉' } } },
      },
    },
  });
  return { agentId: agent.id };
}
