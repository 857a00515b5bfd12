-- CreateEnum
CREATE TYPE "ChatKind" AS ENUM ('PRIVATE', 'ROOM');

-- CreateEnum
CREATE TYPE "RoomVisibility" AS ENUM ('MEMBERS', 'OPEN');

-- CreateEnum
CREATE TYPE "MemberRole" AS ENUM ('OWNER', 'MODERATOR', 'MEMBER');

-- AlterEnum
ALTER TYPE "MessageRole" ADD VALUE 'SYSTEM';

-- AlterTable
ALTER TABLE "chat" ADD COLUMN     "closed_at" TIMESTAMPTZ(3),
ADD COLUMN     "kind" "ChatKind" NOT NULL DEFAULT 'PRIVATE',
ADD COLUMN     "members_may_invite" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "topic" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "visibility" "RoomVisibility" NOT NULL DEFAULT 'MEMBERS';

-- AlterTable
ALTER TABLE "chat_member" ADD COLUMN     "banned_at" TIMESTAMPTZ(3),
ADD COLUMN     "joined_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "joined_seq" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "left_at" TIMESTAMPTZ(3),
ADD COLUMN     "removed_by_id" UUID,
ADD COLUMN     "role" "MemberRole" NOT NULL DEFAULT 'MEMBER';

-- AlterTable
ALTER TABLE "message" ADD COLUMN     "deleted_by_id" UUID,
ADD COLUMN     "event" JSONB;

-- CreateTable
CREATE TABLE "handle" (
    "name" TEXT NOT NULL,
    "user_id" UUID,
    "agent_id" UUID,

    CONSTRAINT "handle_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "invitation" (
    "id" UUID NOT NULL,
    "chat_id" UUID NOT NULL,
    "created_by_id" UUID,
    "token_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "max_uses" INTEGER NOT NULL,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "handle_user_id_key" ON "handle"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "handle_agent_id_key" ON "handle"("agent_id");

-- CreateIndex
CREATE UNIQUE INDEX "invitation_token_hash_key" ON "invitation"("token_hash");

-- CreateIndex
CREATE INDEX "invitation_chat_id_idx" ON "invitation"("chat_id");

-- AddForeignKey
ALTER TABLE "chat_member" ADD CONSTRAINT "chat_member_removed_by_id_fkey" FOREIGN KEY ("removed_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "handle" ADD CONSTRAINT "handle_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "handle" ADD CONSTRAINT "handle_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_chat_id_fkey" FOREIGN KEY ("chat_id") REFERENCES "chat"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "message" ADD CONSTRAINT "message_deleted_by_id_fkey" FOREIGN KEY ("deleted_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "handle" ADD CONSTRAINT "handle_of_one" CHECK (num_nonnulls("user_id", "agent_id") = 1);
ALTER TABLE "handle" ADD CONSTRAINT "handle_not_reserved" CHECK ("name" NOT IN ('room', 'all', 'here', 'everyone'));

-- Whoever is in a private chat owns it.
UPDATE "chat_member" SET "role" = 'OWNER', "joined_at" = "created_at";

-- A person's first handle, for whoever is made past the API. Sign-up replaces it by one that is made from the name (api/handles).
CREATE FUNCTION "give_handle"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "handle" ("name", "user_id")
  VALUES ('user-' || (('x' || substr(md5(NEW."id"::text), 1, 15))::bit(60)::bigint)::text, NEW."id");
  RETURN NULL;
END
$$;

CREATE TRIGGER "give_handle" AFTER INSERT ON "user" FOR EACH ROW EXECUTE FUNCTION "give_handle"();

-- An agent's handle is taken from people too.
CREATE FUNCTION "take_agent_handle"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "handle" ("name", "agent_id") VALUES (NEW."handle", NEW."id")
  ON CONFLICT ("agent_id") DO UPDATE SET "name" = EXCLUDED."name";
  RETURN NULL;
END
$$;

UPDATE "agent" SET "handle" = "handle" || '-agent' WHERE "handle" IN ('room', 'all', 'here', 'everyone');
INSERT INTO "handle" ("name", "agent_id") SELECT "handle", "id" FROM "agent";

CREATE TRIGGER "take_agent_handle" AFTER INSERT OR UPDATE OF "handle" ON "agent"
FOR EACH ROW EXECUTE FUNCTION "take_agent_handle"();

-- Names of other scripts than Latin and Cyrillic give no handle here: their people choose one.
WITH latin AS (
  SELECT "id", "created_at", substr(trim(BOTH '.' FROM regexp_replace(
    replace(replace(replace(replace(replace(replace(replace(
      translate(lower("name"), 'абвгдеёзийклмнопрстуфхыэ', 'abvgdeeziiklmnoprstufhye'),
      'ж', 'zh'), 'ц', 'ts'), 'ч', 'ch'), 'ш', 'sh'), 'щ', 'sch'), 'ю', 'yu'), 'я', 'ya'),
    '[^a-z0-9]+', '.', 'g')), 1, 24) AS "name"
  FROM "user"
), numbered AS (
  SELECT "id", "name", row_number() OVER (PARTITION BY "name" ORDER BY "created_at", "id") AS "number" FROM latin
), wanted AS (
  SELECT "id", CASE
    WHEN length("name") < 2 OR "name" IN ('room', 'all', 'here', 'everyone') THEN NULL
    WHEN "number" = 1 THEN "name" ELSE "name" || '-' || "number" END AS "name"
  FROM numbered
)
INSERT INTO "handle" ("name", "user_id")
SELECT coalesce(
  (SELECT wanted."name" WHERE NOT EXISTS (SELECT FROM "handle" WHERE "handle"."name" = wanted."name")
    AND wanted."name" NOT IN (SELECT other."name" FROM wanted other WHERE other."id" < wanted."id" AND other."name" IS NOT NULL)),
  'user-' || (('x' || substr(md5(wanted."id"::text), 1, 15))::bit(60)::bigint)::text), wanted."id"
FROM wanted;

-- Rooms survive their maker: without another owner, the room goes to its oldest moderator, else its oldest member.
CREATE OR REPLACE FUNCTION "delete_private_chats"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM "chat" WHERE "created_by_id" = OLD."id" AND "kind" = 'PRIVATE';
  -- Locked before owners are counted, and with a new revision, so that feeds tell the members.
  PERFORM 1 FROM "chat" WHERE "kind" = 'ROOM'
    AND "id" IN (SELECT "chat_id" FROM "chat_member" WHERE "user_id" = OLD."id" AND "left_at" IS NULL)
    ORDER BY "id" FOR UPDATE;
  UPDATE "chat" SET "revision" = "revision" + 1, "updated_at" = now() WHERE "kind" = 'ROOM'
    AND "id" IN (SELECT "chat_id" FROM "chat_member" WHERE "user_id" = OLD."id" AND "left_at" IS NULL);
  UPDATE "chat_member" SET "role" = 'OWNER' WHERE "id" IN (
    SELECT DISTINCT ON (heir."chat_id") heir."id"
    FROM "chat_member" own
    JOIN "chat_member" heir ON heir."chat_id" = own."chat_id" AND heir."user_id" <> OLD."id" AND heir."left_at" IS NULL
    WHERE own."user_id" = OLD."id" AND own."role" = 'OWNER' AND own."left_at" IS NULL
      AND NOT EXISTS (
        SELECT FROM "chat_member" other WHERE other."chat_id" = own."chat_id" AND other."user_id" <> OLD."id"
          AND other."role" = 'OWNER' AND other."left_at" IS NULL)
    ORDER BY heir."chat_id", (heir."role" = 'MODERATOR') DESC, heir."joined_at", heir."id");
  UPDATE "chat" SET "deleted_at" = now() WHERE "kind" = 'ROOM' AND "deleted_at" IS NULL
    AND "id" IN (SELECT "chat_id" FROM "chat_member" WHERE "user_id" = OLD."id" AND "left_at" IS NULL)
    AND NOT EXISTS (
      SELECT FROM "chat_member" other WHERE other."chat_id" = "chat"."id" AND other."user_id" <> OLD."id"
        AND other."left_at" IS NULL);
  RETURN OLD;
END
$$;
