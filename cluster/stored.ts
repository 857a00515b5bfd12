/** What the database has in the end, past every node, in the words of the API. */
import type { History, Picture, StoredRun } from '../api/testing/chaos.ts';
import type { Cluster } from '../api/testing/cluster.ts';

export async function storedIn(cluster: Cluster): Promise<History['stored']> {
  const chats = await cluster.query<Picture>(`
    SELECT 'Chat_' || chat.id AS "chatId", 'Message_' || head_id AS "headId", title,
      (SELECT coalesce(json_agg(json_build_object('id', 'Message_' || message.id, 'seq', seq,
          'parentId', 'Message_' || parent_id,
          'content', CASE WHEN deleted_at IS NULL THEN coalesce(edited_content, content) ELSE '' END,
          'isDeleted', deleted_at IS NOT NULL) ORDER BY seq), '[]')
        FROM message WHERE chat_id = chat.id) AS messages,
      (SELECT coalesce(json_agg(json_build_object('id', 'Run_' || run.id, 'status', status) ORDER BY run.id), '[]')
        FROM run WHERE chat_id = chat.id) AS runs
    FROM chat`);
  const runs = await cluster.query<StoredRun>(`
    SELECT 'Run_' || run.id AS id, run.status, 'Message_' || message.id AS "messageId",
      (SELECT coalesce(string_agg(part ->> 'text', '' ORDER BY place), '')
        FROM json_array_elements(message.parts::json) WITH ORDINALITY AS parts (part, place)) AS text
    FROM run JOIN message ON message.id = run.message_id`);
  return { chats, runs };
}
