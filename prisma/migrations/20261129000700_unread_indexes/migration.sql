-- DropIndex
DROP INDEX "mention_user_id_idx";

-- CreateIndex
CREATE INDEX "mention_user_id_chat_id_seq_idx" ON "mention"("user_id", "chat_id", "seq");

-- Unread messages are counted along these; Prisma knows no partial index.
CREATE INDEX "mention_of_room" ON "mention"("chat_id", "seq") WHERE "is_room";
CREATE INDEX "message_countable" ON "message"("chat_id", "seq") WHERE "role" <> 'SYSTEM' AND "deleted_at" IS NULL;
