-- AlterTable
ALTER TABLE "agent" ADD COLUMN     "input_hash" TEXT;

-- AlterTable
ALTER TABLE "chat" ADD COLUMN     "input_hash" TEXT;

-- AlterTable
ALTER TABLE "message" ADD COLUMN     "input_hash" TEXT;

-- AlterTable
ALTER TABLE "run" ADD COLUMN     "input_hash" TEXT;
