-- CreateEnum
CREATE TYPE "RoomHistory" AS ENUM ('ALL', 'SINCE_JOIN');

-- AlterTable
ALTER TABLE "chat" ADD COLUMN     "history" "RoomHistory" NOT NULL DEFAULT 'ALL';

-- The one rule of sight. Whoever is in a chat sees it from a place on: in most chats from the beginning (-1), and where a room shows
-- newcomers nothing older, from when they joined.
CREATE VIEW "sight" AS
SELECT member."chat_id", member."user_id",
  CASE chat."history" WHEN 'SINCE_JOIN' THEN member."joined_seq" ELSE -1 END AS "hidden_until"
FROM "chat_member" member JOIN "chat" ON chat."id" = member."chat_id"
WHERE member."left_at" IS NULL;

-- Who may read which message.
CREATE VIEW "reader" AS
SELECT message."id" AS "message_id", sight."user_id"
FROM "message" JOIN "sight" ON sight."chat_id" = message."chat_id" AND message."seq" > sight."hidden_until";
