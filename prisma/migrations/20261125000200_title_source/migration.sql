CREATE TYPE "TitleSource" AS ENUM ('WORDS', 'MODEL', 'PERSON');

ALTER TABLE "chat" ADD COLUMN "title_source" "TitleSource" NOT NULL DEFAULT 'WORDS';

-- A title that the first words of a first message do not make (api/messages/title.ts) was written by a person.
UPDATE "chat" SET "title_source" = 'PERSON'
WHERE "title" <> 'New Chat' AND NOT EXISTS (
  SELECT 1 FROM "message",
    LATERAL (SELECT left(regexp_replace("content", '^\s+', ''), 4000) AS "text") beginning,
    LATERAL (SELECT btrim(regexp_replace(regexp_replace("text", '\r?\n.*$', ''), '\s+', ' ', 'g')) AS "line") first
  WHERE "message"."chat_id" = "chat"."id" AND "message"."parent_id" IS NULL
    AND ("line" = "title" OR (right("title", 1) = '…' AND starts_with("line", left("title", -1))))
);
