-- AlterTable
ALTER TABLE "message" ADD COLUMN     "reply_to_id" UUID;

-- CreateIndex
CREATE INDEX "message_reply_to_id_idx" ON "message"("reply_to_id");

-- AddForeignKey
ALTER TABLE "message" ADD CONSTRAINT "message_reply_to_id_fkey" FOREIGN KEY ("reply_to_id") REFERENCES "message"("id") ON DELETE SET NULL ON UPDATE CASCADE;
