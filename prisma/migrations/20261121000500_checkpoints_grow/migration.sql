-- A checkpoint is the pieces that were said since the one before: to write the whole text again each second cost as much as all else.
DROP TABLE "run_checkpoint";

CREATE TABLE "run_checkpoint" (
    "run_id" UUID NOT NULL,
    "from" INTEGER NOT NULL,
    "part" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "run_checkpoint_pkey" PRIMARY KEY ("run_id","from")
);

ALTER TABLE "run_checkpoint" ADD CONSTRAINT "run_checkpoint_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;
