-- AlterTable
ALTER TABLE "run" ADD COLUMN     "stop_requested_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "node" (
    "id" UUID NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "node_pkey" PRIMARY KEY ("id")
);

-- Two administrators at once could have left two defaults: the last one chosen stays.
UPDATE "agent" SET "is_default" = false
WHERE "is_default" AND "id" <> (SELECT "id" FROM "agent" WHERE "is_default" ORDER BY "updated_at" DESC, "id" LIMIT 1);

-- One default at most. Prisma knows no partial index.
CREATE UNIQUE INDEX "agent_default_key" ON "agent"("is_default") WHERE "is_default";
