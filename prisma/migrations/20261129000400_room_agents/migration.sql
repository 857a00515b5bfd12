-- CreateEnum
CREATE TYPE "ReplyMode" AS ENUM ('ALWAYS', 'MENTION');

-- AlterTable
ALTER TABLE "chat" ADD COLUMN     "prompt_mark" TEXT;

-- CreateTable
CREATE TABLE "room_agent" (
    "chat_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "reply_mode" "ReplyMode" NOT NULL DEFAULT 'MENTION',
    "added_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "room_agent_pkey" PRIMARY KEY ("chat_id","agent_id")
);

-- CreateTable
CREATE TABLE "mention" (
    "id" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "chat_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "user_id" UUID,
    "agent_id" UUID,
    "is_room" BOOLEAN NOT NULL DEFAULT false,
    "name" TEXT,
    "refusal" TEXT,

    CONSTRAINT "mention_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "room_agent_agent_id_idx" ON "room_agent"("agent_id");

-- CreateIndex
CREATE INDEX "mention_message_id_idx" ON "mention"("message_id");

-- CreateIndex
CREATE INDEX "mention_chat_id_seq_idx" ON "mention"("chat_id", "seq");

-- CreateIndex
CREATE INDEX "mention_user_id_idx" ON "mention"("user_id");

-- CreateIndex
CREATE INDEX "mention_agent_id_idx" ON "mention"("agent_id");

-- CreateIndex
CREATE INDEX "run_chat_id_created_at_id_idx" ON "run"("chat_id", "created_at", "id");

-- AddForeignKey
ALTER TABLE "room_agent" ADD CONSTRAINT "room_agent_chat_id_fkey" FOREIGN KEY ("chat_id") REFERENCES "chat"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "room_agent" ADD CONSTRAINT "room_agent_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "room_agent" ADD CONSTRAINT "room_agent_added_by_id_fkey" FOREIGN KEY ("added_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mention" ADD CONSTRAINT "mention_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "message"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mention" ADD CONSTRAINT "mention_chat_id_fkey" FOREIGN KEY ("chat_id") REFERENCES "chat"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mention" ADD CONSTRAINT "mention_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mention" ADD CONSTRAINT "mention_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "mention" ADD CONSTRAINT "mention_of_one" CHECK (num_nonnulls("user_id", "agent_id") + "is_room"::int = 1);
CREATE UNIQUE INDEX "room_agent_always" ON "room_agent"("chat_id") WHERE "reply_mode" = 'ALWAYS';
-- One run at a time in a room; the queue is read in the order of its revisions.
CREATE INDEX "run_queue" ON "run"("chat_id", "revision") WHERE "status" IN ('QUEUED', 'RUNNING');
