-- CreateIndex
CREATE INDEX "reaction_message_id_emoji_created_at_id_idx" ON "reaction"("message_id", "emoji", "created_at", "id");
