/** Cuts a page of a connection that holds more than its answer may, before its texts are loaded. */
import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

import type { AnswerSize } from './answer-size.ts';
import { type Page, type PageRequest, partOfPage } from './pages.ts';
import type { TextLoader } from './text-loader.ts';

/** How often each text is asked for of each node, by whatever alias. */
type Uses<Texts> = Record<keyof Texts, number>;

interface Fit<Texts extends object> {
  answer: AnswerSize;
  uses: Uses<Texts>;
  loader: TextLoader<Texts>;
}

/** What a row costs besides its texts, roughly: names of fields, ids and times. */
const OTHER_BYTES = 600;

/**
 * As much of a page as the answer has room for, beginning where its reader begins. A row that is alone larger than any answer stays when
 * it is the first, so that it is an error rather than the end of the list.
 */
export async function fitPage<Row extends { id: string }, Texts extends object>(
  page: Page<Row>,
  { isBackward, around }: Pick<PageRequest, 'isBackward'> & { around?: string | undefined },
  { answer, uses, loader }: Fit<Texts>,
): Promise<Page<Row>> {
  const columns = (Object.keys(uses) as (keyof Texts)[]).filter((column) => uses[column] > 0);
  const ids = page.edges.map(({ node }) => node.id);
  if (columns.length === 0 || ids.length === 0) return page;
  const sizes = await loader.sizes(ids, columns);
  const start = around === undefined ? -1 : ids.indexOf(around);
  return partOfPage(page, start >= 0 ? start : isBackward ? ids.length - 1 : 0, ({ id }, isFirst) => {
    const size = columns.reduce((sum, column) => sum + uses[column] * (sizes.get(id)?.[column] ?? 0), 0);
    const bytes = size + OTHER_BYTES;
    return answer.promise(bytes) || (isFirst && answer.isBeyond(bytes));
  });
}

/** `fields`: for each text the way from a node to it, as `['parts', 'text']`. */
export function textsOfNodes<Text extends string>(
  { fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
  fields: Record<Text, readonly string[]>,
): Record<Text, number> {
  const texts = Object.keys(fields) as Text[];
  const uses = Object.fromEntries(texts.map((text) => [text, 0])) as Record<Text, number>;
  const ways = texts.flatMap((text) => [
    { text, way: ['nodes', ...fields[text]] },
    { text, way: ['edges', 'node', ...fields[text]] },
  ]);
  for (const { selectionSet } of fieldNodes) visit(selectionSet, []);
  return uses;

  function visit(selectionSet: SelectionSetNode | undefined, path: readonly string[]): void {
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet, path);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) visit(fragments[selection.name.value]?.selectionSet, path);
      else visitField(selection.selectionSet, [...path, selection.name.value]);
    }
  }

  function visitField(selectionSet: SelectionSetNode | undefined, path: readonly string[]): void {
    const begun = ways.filter(({ way }) => path.every((name, index) => way[index] === name));
    for (const { text, way } of begun) if (way.length === path.length) uses[text] += 1;
    if (begun.length > 0) visit(selectionSet, path);
  }
}
