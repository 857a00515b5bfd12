-- CreateEnum
CREATE TYPE "NotifyLevel" AS ENUM ('ALL', 'MENTIONS', 'NONE');

-- AlterTable
ALTER TABLE "chat_member" ADD COLUMN     "muted_at" TIMESTAMPTZ(3),
ADD COLUMN     "notify" "NotifyLevel" NOT NULL DEFAULT 'MENTIONS';
