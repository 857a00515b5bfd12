/** How the messages of a room stand under each other: by days, by author, and with what merely happened folded together. */
import type { Message } from '../store/message-fragments';

/** Within this time one author goes on: then the name stands above the first message alone. */
const GROUPED_WITHIN_MS = 5 * 60 * 1_000;

export interface RowLayout {
  /** Its first message of a day: the day is named above it. */
  beginsDay: boolean;
  /** The first that the viewer has not seen. */
  isFirstUnread: boolean;
  /** The author stands above an earlier one already. */
  isContinued: boolean;
  /** Comings and goings that are shown as one, where this is the first of them; empty where it is a later one; null for all else. */
  folded: readonly Message[] | null;
}

/** Fewer than these are shown by name. */
const FEWEST_FOLDED = 3;

const comingsAndGoings: ReadonlySet<string> = new Set(['JOINED', 'ADDED', 'LEFT', 'REMOVED']);

/** Of each message by its id. */
export function layoutOf(messages: readonly Message[], firstUnreadId: string | null): ReadonlyMap<string, RowLayout> {
  const layouts = new Map<string, RowLayout>();
  const folds = foldsIn(messages, firstUnreadId);
  for (const [index, message] of messages.entries()) {
    const before = messages[index - 1];
    const beginsDay = !before || dayOf(before) !== dayOf(message);
    const isFirstUnread = message.id === firstUnreadId;
    layouts.set(message.id, {
      beginsDay,
      isFirstUnread,
      isContinued: !beginsDay && !isFirstUnread && !message.replyTo && continuesAuthor(before, message),
      folded: folds.get(message.id) ?? null,
    });
  }
  return layouts;
}

/** By the id of each message that is folded. */
function foldsIn(messages: readonly Message[], firstUnreadId: string | null): ReadonlyMap<string, readonly Message[]> {
  const groups: Message[][] = [];
  for (const [index, message] of messages.entries()) {
    if (!isComingOrGoing(message)) continue;
    const before = messages[index - 1];
    const goesOn = before && isComingOrGoing(before) && dayOf(before) === dayOf(message);
    if (goesOn && message.id !== firstUnreadId) groups.at(-1)?.push(message);
    else groups.push([message]);
  }
  const folded = groups.filter((group) => group.length >= FEWEST_FOLDED);
  return new Map(folded.flatMap((group) => group.map(({ id }, index) => [id, index === 0 ? group : []] as const)));
}

function isComingOrGoing({ event }: Message): boolean {
  return comingsAndGoings.has(event?.kind ?? '');
}

function continuesAuthor(before: Message | undefined, message: Message): boolean {
  if (before?.role !== 'USER' || message.role !== 'USER') return false;
  // Two former members may be different people.
  if (!before.author || before.author.id !== message.author?.id) return false;
  return Date.parse(message.createdAt) - Date.parse(before.createdAt) < GROUPED_WITHIN_MS;
}

/** By the reader's own clock. */
function dayOf({ createdAt }: Message): string {
  return new Date(createdAt).toDateString();
}
