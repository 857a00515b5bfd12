/** The filtered list as a file of JSON lines, a page after the other. */
import type { Client } from '@urql/core';
import type { ChangeFilter } from '../generated/graphql';
import { sayError } from '../graphql/failure-words';
import { fetchFresh } from '../graphql/client';
import { type ChangePage, ShownChanges } from './documents';

/** What a browser can well hold. For more there are the files of the change log. */
export const MOST_EXPORTED = 20_000;
const PAGE = 100;

/** Where the person is not an administrator any more. */
const NO_CHANGES: ChangePage = {
  edges: [],
  pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
};

export interface Exported {
  /** Oldest first; the newest ones where there are more than `MOST_EXPORTED`. */
  file: Blob;
  count: number;
  isCut: boolean;
}

/** Throws words. Null: it was cancelled. `onCount` is called with how many there are so far. */
export async function exportChanges(
  client: Client,
  filter: ChangeFilter,
  signal: AbortSignal,
  onCount: (count: number) => void,
): Promise<Exported | null> {
  const pages: string[] = [];
  let [before, count]: [string | null, number] = [null, 0];
  for (;;) {
    const { edges, pageInfo }: ChangePage = await readPage(client, filter, before);
    if (signal.aborted) return null;
    pages.unshift(edges.map(({ node }) => `${JSON.stringify(plain(node))}\n`).join(''));
    count += edges.length;
    onCount(count);
    const hasMore = pageInfo.hasPreviousPage && !!pageInfo.startCursor;
    if (!hasMore || count >= MOST_EXPORTED)
      return { file: new Blob(pages, { type: 'application/x-ndjson' }), count, isCut: hasMore };
    before = pageInfo.startCursor ?? null;
  }
}

async function readPage(client: Client, filter: ChangeFilter, before: string | null): Promise<ChangePage> {
  const { data, error } = await fetchFresh(client, ShownChanges, { last: PAGE, before, filter });
  if (error) throw new Error(sayError(error));
  return data?.changes ?? NO_CHANGES;
}

/** Without the names of types, which are for the page alone. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => name !== '__typename');
  return Object.fromEntries(entries.map(([name, each]) => [name, plain(each)]));
}

export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has to have begun with it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
