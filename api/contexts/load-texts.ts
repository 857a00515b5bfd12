import type { GraphQLResolveInfo } from 'graphql';

import type { AnswerSize } from '../paging/answer-size.ts';
import { db } from '../database/db.ts';
import { fitPage, textsOfNodes } from '../paging/fit-page.ts';
import type { Page, PageRequest } from '../paging/pages.ts';
import { type Sizes, TextLoader, type TextTable } from '../paging/text-loader.ts';

interface VersionTexts {
  content: string;
}

const table: TextTable<VersionTexts> = {
  name: 'context_version',
  async sizes(ids) {
    const rows = await db.$queryRaw<(Sizes<VersionTexts> & { id: string })[]>`
      SELECT id::text, octet_length(to_json(content)::text) AS content
      FROM context_version WHERE id = ANY(${ids}::uuid[])`;
    return new Map(rows.map((row) => [row.id, row]));
  },
  async load(ids) {
    const rows = await db.contextVersion.findMany({
      where: { id: { in: [...ids] } },
      select: { id: true, content: true },
    });
    return new Map(rows.map((row) => [row.id, row]));
  },
};

const loaders = new WeakMap<AnswerSize, TextLoader<VersionTexts>>();

/** The wordings of context files: loaded apart from the rows, and only as many as an answer may hold. */
export function versionTexts(answer: AnswerSize): TextLoader<VersionTexts> {
  const loader = loaders.get(answer) ?? new TextLoader(table, answer);
  loaders.set(answer, loader);
  return loader;
}

export function fitVersions<Row extends { id: string }>(
  page: Page<Row>,
  request: PageRequest,
  { answer, info }: { answer: AnswerSize; info: GraphQLResolveInfo },
): Promise<Page<Row>> {
  const uses = textsOfNodes(info, { content: ['content'] });
  return fitPage(page, request, { answer, uses, loader: versionTexts(answer) });
}
