-- AlterTable
ALTER TABLE "run" ALTER COLUMN "agent_id" DROP NOT NULL;

-- AlterTable
ALTER TABLE "user" ADD COLUMN     "client_id" UUID,
ADD COLUMN     "input_hash" TEXT;

-- CreateTable
CREATE TABLE "external_answer" (
    "run_id" UUID NOT NULL,
    "chat_id" UUID NOT NULL,
    "author_id" UUID NOT NULL,
    "length" INTEGER NOT NULL DEFAULT 0,
    "parts" INTEGER NOT NULL DEFAULT 0,
    "kind" TEXT,
    "piece_from" INTEGER NOT NULL DEFAULT 0,
    "piece_length" INTEGER NOT NULL DEFAULT 0,
    "appended_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "external_answer_pkey" PRIMARY KEY ("run_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "external_answer_chat_id_author_id_key" ON "external_answer"("chat_id", "author_id");

-- CreateIndex
CREATE UNIQUE INDEX "user_client_id_key" ON "user"("client_id");

-- AddForeignKey
ALTER TABLE "external_answer" ADD CONSTRAINT "external_answer_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Every answer has one who wrote it: an agent of ours, or a service agent, whose run is EXTERNAL. No agent of ours is.
ALTER TABLE "run" ADD CONSTRAINT "run_agent_or_external" CHECK (("agent_id" IS NULL) = ("provider" = 'EXTERNAL'));
ALTER TABLE "message" ADD CONSTRAINT "message_answer_by_one" CHECK ("role" <> 'ASSISTANT' OR num_nonnulls("agent_id", "author_id") = 1);
ALTER TABLE "agent" ADD CONSTRAINT "agent_not_external" CHECK ("provider" <> 'EXTERNAL');
