-- Unread messages are counted from this index alone, without the rows. The condition is that of `isUnread` (api/chats/unread.ts), word for word.
DROP INDEX "message_countable";
CREATE INDEX "message_countable" ON "message"("chat_id", "seq") INCLUDE ("author_id", "id")
  WHERE "role" <> 'SYSTEM' AND "deleted_at" IS NULL AND ("role" = 'USER' OR "content" <> '');
