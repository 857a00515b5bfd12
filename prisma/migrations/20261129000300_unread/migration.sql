ALTER TABLE "chat_member" ADD COLUMN "last_read_seq" INTEGER NOT NULL DEFAULT 0;

-- What was said before is not news.
UPDATE "chat_member" SET "last_read_seq" = "chat"."revision" FROM "chat" WHERE "chat"."id" = "chat_member"."chat_id";
