-- DropForeignKey
ALTER TABLE "chat" DROP CONSTRAINT "chat_created_by_id_fkey";

-- AlterTable
ALTER TABLE "chat" ALTER COLUMN "title" DROP NOT NULL,
ALTER COLUMN "title" DROP DEFAULT,
ALTER COLUMN "created_by_id" DROP NOT NULL;

-- AlterTable
ALTER TABLE "run" ALTER COLUMN "message_id" DROP NOT NULL;

-- AddForeignKey
ALTER TABLE "chat" ADD CONSTRAINT "chat_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

UPDATE "chat" SET "title" = NULL WHERE "title" = 'New Chat' AND "title_source" = 'WORDS';

-- By a trigger, so that it holds however the row is deleted. It runs before the foreign key sets "created_by_id" to NULL.
CREATE FUNCTION "delete_private_chats"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM "chat" WHERE "created_by_id" = OLD."id";
  RETURN OLD;
END
$$;

CREATE TRIGGER "delete_private_chats" BEFORE DELETE ON "user"
FOR EACH ROW EXECUTE FUNCTION "delete_private_chats"();
