/**
 * All hints, and what each says: identifiers, never rows. A new one is a line here, and `bus.publish` and `bus.listen` know it.
 */
import { z } from 'zod';

const id = z.string().min(1).max(100);

const shapes = {
  /** Something that its members can see has changed in this chat, which is now at this revision. */
  chatChanged: z.tuple([id, z.int()]),
  /** This person is a member of this chat from now on. Said before the `chatChanged` of the same change. */
  memberAdded: z.tuple([id, id]),
  /** This person is a member of this chat no longer. */
  memberGone: z.tuple([id, id]),
  /** What is this person's own in this chat has changed: pin, archive, how far they have read. Other members do not see it. */
  membershipChanged: z.tuple([id, id]),
  /** This person is writing something in this chat. */
  typing: z.tuple([id, id]),
  /** What is seen of the agents has changed: one is new, has another name, or another one answers where none is chosen. */
  agentsChanged: z.tuple([]),
  /** This run is queued, to be claimed by a node. */
  runQueued: z.tuple([id]),
  /** The node that performs this run is to stop it. */
  runStopRequested: z.tuple([id]),
  /** This session is over, and so are the streams that were opened with it. */
  sessionEnded: z.tuple([id]),
  /** This token of the API is to be looked up again: it is revoked, or its owner disabled or gone. */
  tokenEnded: z.tuple([id]),
  /** A client reads its words, on any node. */
  runWatched: z.tuple([id]),
  /** A transaction was committed here. */
  rowsWritten: z.tuple([]),
  /** Transactions of other nodes wait for the node that writes the change log. */
  changesWait: z.tuple([]),
  /** Transactions were numbered and are in the files of the change log. */
  changesNumbered: z.tuple([]),
};

/** Heard on the node where they were said, and nowhere else. */
const local: ReadonlySet<keyof typeof shapes> = new Set([
  // Else all the nodes would run for the same run, and all but one in vain. Their sweeps find one that is left over.
  'runQueued',
  // The change log's part of each node says it to the others as `changesWait`, ten times a second at most.
  'rowsWritten',
] as const);

export type Hints = { [Name in keyof typeof shapes]: z.infer<(typeof shapes)[Name]> };
export type Hint = { [Name in keyof Hints]: [name: Name, ...identifiers: Hints[Name]] }[keyof Hints];

export function travels([name]: Hint): boolean {
  return !local.has(name);
}

/** A hint as another node said it; null for what none of ours can have said, or an older or newer one alone understands. */
export function parseHint(json: unknown): Hint | null {
  if (!Array.isArray(json)) return null;
  const [name, ...identifiers] = json as unknown[];
  if (typeof name !== 'string' || !Object.hasOwn(shapes, name)) return null;
  const parsed = shapes[name as keyof typeof shapes].safeParse(identifiers);
  return parsed.success ? ([name, ...parsed.data] as Hint) : null;
}
