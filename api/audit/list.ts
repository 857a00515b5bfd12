import type { AnswerSize } from '../paging/answer-size.ts';
import { encodeCursor, type Page, type PageRequest } from '../paging/pages.ts';
import { type Change, loadChanges } from './change.ts';
import { type ChangeFilter, findChanges } from './find.ts';

/** Oldest first. A page ends where its answer is full, or where enough was looked through; its cursors lead on from there. */
export async function listChanges(
  filter: ChangeFilter,
  request: PageRequest,
  answer: AnswerSize,
): Promise<Page<Change>> {
  const { isBackward, size, after, before } = request;
  const { places, rest, end } = await findChanges(filter, request);
  const { changes, isCut } = await fit(loadChanges(places.slice(0, size)), answer);
  const isWhole = places.length <= size && !isCut;
  const hasMore = !isWhole || rest !== null;
  const edges = changes.map((node) => ({ cursor: encodeCursor([node.commit.number, node.seq]), node }));
  // Where the search stopped, which is further than what it found. A client at the end continues after it.
  const far = isWhole ? encodeCursor(rest ?? end) : (edges.at(-1)?.cursor ?? null);
  const near = edges[0]?.cursor ?? far;
  if (!isBackward) {
    const pageInfo = { hasNextPage: hasMore, hasPreviousPage: after !== undefined, startCursor: near, endCursor: far };
    return { edges, pageInfo };
  }
  const pageInfo = {
    hasNextPage: before !== undefined,
    hasPreviousPage: hasMore,
    startCursor: far,
    endCursor: before === undefined ? encodeCursor(end) : near,
  };
  return { edges: edges.reverse(), pageInfo };
}

/** As many as the answer has room for. A change that is larger than any answer stays, so that it is an error rather than the end. */
async function fit(
  chunks: AsyncIterable<Change[]>,
  answer: AnswerSize,
): Promise<{ changes: Change[]; isCut: boolean }> {
  const changes: Change[] = [];
  for await (const chunk of chunks) {
    for (const change of chunk) {
      const isAlone = changes.length === 0 && answer.isBeyond(change.bytes);
      if (!answer.promise(change.bytes) && !isAlone) return { changes, isCut: true };
      changes.push(change);
    }
  }
  return { changes, isCut: false };
}
