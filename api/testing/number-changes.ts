/** What the appender of the change log does with the database, without its files. */
import { bus } from '../bus/bus.ts';
import { db } from '../database/db.ts';

/** Numbers all transactions that are in no file, by their last entry. No other transaction may be writing. */
export async function numberChanges(): Promise<void> {
  await db.$executeRaw`
    WITH pending AS (
      SELECT xid, began, min(seq) AS first_seq, max(seq) AS last_seq, min(actor) AS actor, min(request_id) AS request_id,
        array_agg(DISTINCT relation) AS relations,
        array_agg(DISTINCT coalesce(after, before) ->> CASE relation WHEN 'chat' THEN 'id' ELSE 'chat_id' END) AS chat_ids
      FROM change_entry e
      WHERE NOT EXISTS (SELECT FROM change_commit c WHERE c.xid = e.xid AND c.began = e.began)
      GROUP BY xid, began
    )
    INSERT INTO change_commit (number, xid, began, first_seq, last_seq, actor, request_id, relations, chat_ids)
    SELECT (SELECT coalesce(max(number), 0) FROM change_commit) + row_number() OVER (ORDER BY last_seq), xid, began, first_seq, last_seq,
      actor, request_id, relations, array_remove(chat_ids, NULL)::uuid[]
    FROM pending`;
  await db.$executeRaw`
    UPDATE changelog_state SET "commit" = (SELECT max(number) FROM change_commit),
      done_seq = coalesce((SELECT max(last_seq) FROM change_commit), 0), committed_at = (SELECT max(began) FROM change_commit)`;
  bus.publish('changesNumbered');
}
