-- A checkpoint is the pieces that were said since the one before: to write the whole text again each second cost as much as all else.
ALTER TABLE "run_checkpoint" RENAME TO "whole_checkpoint";
ALTER INDEX "run_checkpoint_pkey" RENAME TO "whole_checkpoint_pkey";

CREATE TABLE "run_checkpoint" (
    "run_id" UUID NOT NULL,
    "from" INTEGER NOT NULL,
    "part" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "run_checkpoint_pkey" PRIMARY KEY ("run_id","from")
);

-- What a killed process left is still to be settled: each part becomes a piece. PostgreSQL counts characters, an offset UTF-16 code units.
INSERT INTO "run_checkpoint" ("run_id", "from", "part", "kind", "text")
SELECT "run_id", sum("units") OVER "before" - "units", row_number() OVER "before" - 1, "kind", "text"
FROM (
    SELECT "run_id", "number", "said"->>'kind' AS "kind", "said"->>'text' AS "text",
        char_length("said"->>'text') + regexp_count("said"->>'text', '[\U00010000-\U0010FFFF]') AS "units"
    FROM "whole_checkpoint", jsonb_array_elements("parts") WITH ORDINALITY AS "saying"("said", "number")
    WHERE "said"->>'text' <> ''
) AS "piece"
WINDOW "before" AS (PARTITION BY "run_id" ORDER BY "number");

DROP TABLE "whole_checkpoint";

ALTER TABLE "run_checkpoint" ADD CONSTRAINT "run_checkpoint_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;
