-- As before, but that a service agent counts for no owner, and inherits a room only where nobody else is left.
CREATE OR REPLACE FUNCTION "delete_private_chats"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM "chat" WHERE "created_by_id" = OLD."id" AND "kind" = 'PRIVATE';
  -- Locked before owners are counted, and with a new revision, so that feeds tell the members. Also where
  -- they were once: what they said there has no author any more.
  PERFORM 1 FROM "chat" WHERE "kind" = 'ROOM'
    AND "id" IN (SELECT "chat_id" FROM "chat_member" WHERE "user_id" = OLD."id")
    ORDER BY "id" FOR UPDATE;
  UPDATE "chat" SET "revision" = "revision" + 1, "reset_revision" = "revision" + 1, "updated_at" = now() WHERE "kind" = 'ROOM'
    AND "id" IN (SELECT "chat_id" FROM "chat_member" WHERE "user_id" = OLD."id");
  UPDATE "chat_member" SET "role" = 'OWNER' WHERE "id" IN (
    SELECT DISTINCT ON (heir."chat_id") heir."id"
    FROM "chat_member" own
    JOIN "chat_member" heir ON heir."chat_id" = own."chat_id" AND heir."user_id" <> OLD."id" AND heir."left_at" IS NULL
    JOIN "user" person ON person."id" = heir."user_id"
    WHERE own."user_id" = OLD."id" AND own."role" = 'OWNER' AND own."left_at" IS NULL
      AND NOT EXISTS (
        SELECT FROM "chat_member" other JOIN "user" ON "user"."id" = other."user_id"
        WHERE other."chat_id" = own."chat_id" AND other."user_id" <> OLD."id"
          AND other."role" = 'OWNER' AND other."left_at" IS NULL AND "user"."role" <> 'AGENT')
    ORDER BY heir."chat_id", (person."role" <> 'AGENT') DESC, (person."disabled_at" IS NULL) DESC, (heir."role" = 'MODERATOR') DESC, heir."joined_at", heir."id");
  UPDATE "chat" SET "deleted_at" = now() WHERE "kind" = 'ROOM' AND "deleted_at" IS NULL
    AND "id" IN (SELECT "chat_id" FROM "chat_member" WHERE "user_id" = OLD."id" AND "left_at" IS NULL)
    AND NOT EXISTS (
      SELECT FROM "chat_member" other WHERE other."chat_id" = "chat"."id" AND other."user_id" <> OLD."id"
        AND other."left_at" IS NULL);
  RETURN OLD;
END
$$;
