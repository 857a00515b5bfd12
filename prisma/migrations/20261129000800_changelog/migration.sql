-- CreateEnum
CREATE TYPE "ChangeOperation" AS ENUM ('INSERT', 'UPDATE', 'DELETE', 'MIGRATION');

-- CreateTable
CREATE TABLE "change_entry" (
    "seq" BIGSERIAL NOT NULL,
    "xid" BIGINT NOT NULL,
    "began" TIMESTAMPTZ(6) NOT NULL,
    "actor" TEXT NOT NULL,
    "request_id" TEXT,
    "relation" TEXT NOT NULL,
    "operation" "ChangeOperation" NOT NULL,
    "before" JSONB,
    "after" JSONB,

    CONSTRAINT "change_entry_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "change_commit" (
    "number" BIGINT NOT NULL,
    "xid" BIGINT NOT NULL,
    "began" TIMESTAMPTZ(6) NOT NULL,
    "first_seq" BIGINT NOT NULL,
    "last_seq" BIGINT NOT NULL,
    "actor" TEXT NOT NULL,
    "request_id" TEXT,
    "relations" TEXT[],
    "chat_ids" UUID[],

    CONSTRAINT "change_commit_pkey" PRIMARY KEY ("number")
);

-- CreateTable
CREATE TABLE "changelog_state" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "holder_id" UUID,
    "lease_until" TIMESTAMPTZ(6),
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "commit" BIGINT,
    "done_seq" BIGINT NOT NULL DEFAULT 0,
    "hash" TEXT NOT NULL DEFAULT '',
    "secrets_hash" TEXT NOT NULL DEFAULT '',
    "file" TEXT,
    "directory_id" UUID,
    "chain" UUID,
    "migration" TEXT NOT NULL DEFAULT '',
    "removed_until" BIGINT NOT NULL DEFAULT 0,
    "committed_at" TIMESTAMPTZ(6),
    "base_wanted_at" TIMESTAMPTZ(6),
    "is_erasure" BOOLEAN NOT NULL DEFAULT false,
    "base_at" TIMESTAMPTZ(6),
    "problem" TEXT,
    "verified_at" TIMESTAMPTZ(6),
    "verify_problem" TEXT,

    CONSTRAINT "changelog_state_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "change_commit_began_idx" ON "change_commit"("began");

-- CreateIndex
CREATE INDEX "change_commit_actor_number_idx" ON "change_commit"("actor", "number");

-- CreateIndex
CREATE INDEX "change_commit_request_id_idx" ON "change_commit"("request_id");

-- CreateIndex
CREATE INDEX "change_commit_chat_ids_idx" ON "change_commit" USING GIN ("chat_ids");

-- CreateIndex
CREATE UNIQUE INDEX "change_commit_last_seq_key" ON "change_commit"("last_seq");

INSERT INTO "changelog_state" ("id") VALUES (1);
ALTER TABLE "changelog_state" ADD CONSTRAINT "changelog_state_is_one" CHECK ("id" = 1);

-- A JSON null would come back from the log as SQL NULL: to_jsonb makes the same of both.
ALTER TABLE "message" ADD CONSTRAINT "message_parts_not_json_null" CHECK (jsonb_typeof("parts") <> 'null');
ALTER TABLE "message" ADD CONSTRAINT "message_event_not_json_null" CHECK (jsonb_typeof("event") <> 'null');
ALTER TABLE "run" ADD CONSTRAINT "run_error_not_json_null" CHECK (jsonb_typeof("error") <> 'null');
ALTER TABLE "run" ADD CONSTRAINT "run_context_versions_not_json_null" CHECK (jsonb_typeof("context_versions") <> 'null');

-- The function names its schema, since a search path of its own would cost a third more, and whoever writes by psql may have another one.
-- Texts of times are ISO 8601 in jsonb whatever the session's DateStyle is.
DO $migration$
BEGIN
  EXECUTE format($create$
    CREATE FUNCTION %1$I."capture_change"() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      "writer" text := pg_catalog.current_setting('confab.actor', true);
    BEGIN
      INSERT INTO %1$I."change_entry" ("xid", "began", "actor", "request_id", "relation", "operation", "before", "after")
      VALUES (
        pg_catalog.pg_current_xact_id()::text::bigint,
        pg_catalog.now(),
        CASE WHEN "writer" IS NULL OR "writer" = '' THEN 'DATABASE ' || session_user ELSE "writer" END,
        nullif(pg_catalog.current_setting('confab.request', true), ''),
        TG_TABLE_NAME,
        TG_OP::%1$I."ChangeOperation",
        CASE WHEN TG_OP <> 'INSERT' THEN pg_catalog.to_jsonb(OLD) END,
        CASE WHEN TG_OP <> 'DELETE' THEN pg_catalog.to_jsonb(NEW) END
      );
      RETURN NULL;
    END $$
  $create$, current_schema());
END $migration$;

CREATE FUNCTION "refuse_truncate"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'TRUNCATE is refused, since the change log captures rows: use DELETE FROM %', TG_TABLE_NAME;
END $$;

-- Makes the triggers of every table that is not excepted, or drops them all. Called at each start. The names sort before all others, so
-- that what other triggers of the same row write is logged after it.
CREATE FUNCTION "capture_changes"("is_on" boolean, "exceptions" text[]) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  "target" record;
BEGIN
  FOR "target" IN
    SELECT c.relname AS "name", EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = '000_capture_row') AS "has"
    FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    ORDER BY c.relname
  LOOP
    IF "target"."has" AND (NOT "is_on" OR "target"."name" = ANY ("exceptions")) THEN
      EXECUTE format('DROP TRIGGER "000_capture_row" ON %I', "target"."name");
      EXECUTE format('DROP TRIGGER "000_capture_update" ON %I', "target"."name");
      EXECUTE format('DROP TRIGGER "000_refuse_truncate" ON %I', "target"."name");
    ELSIF "is_on" AND NOT "target"."has" AND "target"."name" <> ALL ("exceptions") THEN
      EXECUTE format('CREATE TRIGGER "000_capture_row" AFTER INSERT OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION "capture_change"()', "target"."name");
      EXECUTE format('CREATE TRIGGER "000_capture_update" AFTER UPDATE ON %I FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION "capture_change"()', "target"."name");
      EXECUTE format('CREATE TRIGGER "000_refuse_truncate" BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION "refuse_truncate"()', "target"."name");
    END IF;
  END LOOP;
END $$;
