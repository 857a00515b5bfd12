/** The long texts of messages: loaded apart from the rows, and only as many as an answer may hold. */
import type { GraphQLResolveInfo } from 'graphql';

import type { AnswerSize } from '../paging/answer-size.ts';
import { db } from '../database/db.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { fitPage, textsOfNodes } from '../paging/fit-page.ts';
import type { Page, PageRequest } from '../paging/pages.ts';
import { type Sizes, TextLoader, type TextTable } from '../paging/text-loader.ts';

export interface MessageTexts {
  content: string;
  editedContent: string | null;
  parts: Prisma.JsonValue;
}

/** As JSON, whose escapes can make a text six times as long. */
const sizeColumns: Record<keyof MessageTexts, Prisma.Sql> = {
  content: Prisma.sql`octet_length(to_json(content)::text) AS content`,
  editedContent: Prisma.sql`coalesce(octet_length(to_json(edited_content)::text), 0) AS "editedContent"`,
  parts: Prisma.sql`octet_length(parts::text) AS parts`,
};

const table: TextTable<MessageTexts> = {
  name: 'message',
  async sizes(ids, columns) {
    const rows = await db.$queryRaw<(Sizes<MessageTexts> & { id: string })[]>`
      SELECT id::text, ${Prisma.join(columns.map((column) => sizeColumns[column]))}
      FROM message WHERE id = ANY(${ids}::uuid[])`;
    return new Map(rows.map((row) => [row.id, row]));
  },
  async load(ids, columns) {
    const select = Object.fromEntries(columns.map((column) => [column, true]));
    const rows = await db.message.findMany({ where: { id: { in: [...ids] } }, select: { ...select, id: true } });
    return new Map(rows.map((row) => [row.id, row as Partial<MessageTexts>]));
  },
};

const loaders = new WeakMap<AnswerSize, TextLoader<MessageTexts>>();

export function messageTexts(answer: AnswerSize): TextLoader<MessageTexts> {
  const loader = loaders.get(answer) ?? new TextLoader(table, answer);
  loaders.set(answer, loader);
  return loader;
}

export function fitMessages<Row extends { id: string }>(
  page: Page<Row>,
  request: Pick<PageRequest, 'isBackward'> & { around?: string | undefined },
  { answer, info }: { answer: AnswerSize; info: GraphQLResolveInfo },
): Promise<Page<Row>> {
  const fields = { content: ['content'], editedContent: ['editedContent'], parts: ['parts', 'text'] };
  return fitPage(page, request, { answer, uses: textsOfNodes(info, fields), loader: messageTexts(answer) });
}
