-- What changed after a revision, and which chats changed lately, each found by one index range.
CREATE INDEX "chat_updated_at_idx" ON "chat"("updated_at");

CREATE INDEX "message_chat_id_revision_idx" ON "message"("chat_id", "revision");

CREATE INDEX "run_chat_id_revision_idx" ON "run"("chat_id", "revision");
