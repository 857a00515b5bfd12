-- CreateTable
CREATE TABLE "former_handle" (
    "name" TEXT NOT NULL,
    "holder_id" UUID NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "former_handle_pkey" PRIMARY KEY ("name")
);

-- However it is given up: by another handle, or by an account or an agent that is deleted. Read by api/handles/handles.ts. Nobody keeps
-- more than five from others: else one person could take many names by trying them on.
CREATE FUNCTION "keep_former_handle"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  holder uuid := coalesce(OLD."user_id", OLD."agent_id");
BEGIN
  IF TG_OP = 'UPDATE' AND NEW."name" = OLD."name" THEN
    RETURN NULL;
  END IF;
  DELETE FROM "former_handle" WHERE "ended_at" < now() - interval '30 days';
  -- Those that were made before the name was known were never seen.
  IF OLD."name" ~ '^user-[0-9]+$' THEN
    RETURN NULL;
  END IF;
  INSERT INTO "former_handle" ("name", "holder_id", "ended_at") VALUES (OLD."name", holder, clock_timestamp())
  ON CONFLICT ("name") DO UPDATE SET "holder_id" = EXCLUDED."holder_id", "ended_at" = EXCLUDED."ended_at";
  DELETE FROM "former_handle" WHERE "holder_id" = holder AND "name" NOT IN (
    SELECT "name" FROM "former_handle" WHERE "holder_id" = holder ORDER BY "ended_at" DESC LIMIT 5);
  RETURN NULL;
END
$$;

CREATE TRIGGER "keep_former_handle" AFTER UPDATE OF "name" OR DELETE ON "handle"
FOR EACH ROW EXECUTE FUNCTION "keep_former_handle"();
