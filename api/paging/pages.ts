/** Pages of connections: what a client asks for, checked, and the shape that Relay's connections have. */
import { GraphQLError } from 'graphql';

export interface ConnectionArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

export interface PageRequest {
  size: number;
  /** From the end towards the start: `last`. */
  isBackward: boolean;
  after?: string | undefined;
  before?: string | undefined;
}

export interface Page<Row> {
  edges: { cursor: string; node: Row }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

const LARGEST = 100;

export function pageRequest(args: ConnectionArguments, usual = 25): PageRequest {
  if (args.first != null && args.last != null) throw badPage('Give `first` or `last`, not both.');
  const size = args.first ?? args.last ?? usual;
  if (size < 1 || size > LARGEST) throw badPage(`A page holds 1 to ${LARGEST}; ${size} were asked for.`);
  return {
    size,
    isBackward: args.last != null,
    after: args.after ?? undefined,
    before: args.before ?? undefined,
  };
}

/** From up to `size + 1` rows in the direction of the request: the one too many says that there is more. */
export function pageOf<Row>({ size, isBackward, after, before }: PageRequest, found: Page<Row>['edges']): Page<Row> {
  const hasMore = found.length > size;
  const edges = found.slice(0, size);
  if (isBackward) edges.reverse();
  return {
    edges,
    pageInfo: {
      hasNextPage: isBackward ? before !== undefined : hasMore,
      hasPreviousPage: isBackward ? hasMore : after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** The same page with whole rows; what is gone meanwhile is left out. */
export function withRows<Row extends { id: string }>(page: Page<{ id: string }>, rows: readonly Row[]): Page<Row> {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const edges = page.edges.flatMap(({ cursor, node }) => {
    const row = byId.get(node.id);
    return row ? [{ cursor, node: row }] : [];
  });
  return { ...page, edges };
}

/** The rows next to each other that fit, from `start` on in both directions, and the word that there is more where some do not. */
export function partOfPage<Row>(
  { edges, pageInfo }: Page<Row>,
  start: number,
  fits: (row: Row, isFirst: boolean) => boolean,
): Page<Row> {
  let [from, to] = [start, start];
  const isRoom = (index: number) => {
    const edge = edges[index];
    return edge !== undefined && fits(edge.node, from === to);
  };
  if (isRoom(start)) {
    to += 1;
    // In turns, so that a page around a row has some of both sides.
    for (let [up, down] = [true, true]; up || down;) {
      if (up && (up = isRoom(from - 1))) from -= 1;
      if (down && (down = isRoom(to))) to += 1;
    }
  }
  const kept = edges.slice(from, to);
  return {
    edges: kept,
    pageInfo: {
      hasPreviousPage: pageInfo.hasPreviousPage || from > 0 || kept.length === 0,
      hasNextPage: pageInfo.hasNextPage || to < edges.length,
      startCursor: kept[0]?.cursor ?? null,
      endCursor: kept.at(-1)?.cursor ?? null,
    },
  };
}

export function encodeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** A cursor is only ever a place to go on from, so another person's says nothing; one that we did not make is refused. */
export function decodeCursor<Place>(cursor: string, isPlace: (value: unknown) => value is Place): Place {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (isPlace(value)) return value;
  } catch {
    // Not JSON: refused below like any other.
  }
  throw badPage('That is no cursor of this list.');
}

/** For lists in the order of a number that the database keeps as an integer. */
export function isPositionNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}

function badPage(reason: string): GraphQLError {
  return new GraphQLError(reason, { extensions: { code: 'BAD_PAGE', http: { status: 400 } } });
}
