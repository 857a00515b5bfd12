/**
 * Texts in localStorage that several tabs keep side by side. A record is held by the page (one document in one tab) that shows it,
 * and only that page writes it. A page that is left releases its records: after a reload, or in another tab, they are free to be
 * taken. The records of a page that crashed are found by asking which pages still answer.
 */
import { makeClientId } from '../browser/client-id';

const CHANNEL = 'confab.pages';
/** How long after the last change a record is written: a long text is not serialised at every key. */
export const SAVE_AFTER_MS = 300;
/** Whoever types without a pause is saved this often. */
export const SAVE_AT_LEAST_MS = 2_000;
/** A page that has not answered for this long is taken for gone. A wrong guess copies a text to another tab, and loses nothing. */
export const ANSWER_WITHIN_MS = 2_000;
export const MOST_RECORDS = 100;
export const LONGEST_KEPT_MS = 60 * 24 * 60 * 60 * 1_000;

export interface PageRecord {
  key: string;
  value: unknown;
  savedAt: number;
}

interface Stored {
  /** The page that holds it; null: it is free. */
  page: string | null;
  savedAt: number;
  value: unknown;
}

type Post = { type: 'ask'; pages: string[] } | { type: 'alive'; page: string };

/** What the browser gives to a page; a test brings its own. */
export interface RecordsPage {
  storage: () => Storage;
  /** Null: pages cannot ask each other, and every other page is taken for gone. */
  channel: { post: (post: unknown) => void; listen: (call: (post: unknown) => void) => void } | null;
  now: () => number;
  after: (ms: number, call: () => void) => () => void;
}

export type PageRecords = ReturnType<typeof makePageRecords>;

export function makePageRecords(page: RecordsPage) {
  const pageId = makeClientId();
  const held = new Map<string, unknown>();
  const unsaved = new Set<string>();
  const answered = new Set<string>();
  let unsavedSince = 0;
  let stopTimer = () => {};

  page.channel?.listen((post) => hear(post as Post));

  function hear(post: Post) {
    if (post.type === 'alive') answered.add(post.page);
    else if (post.pages.includes(pageId)) page.channel?.post({ type: 'alive', page: pageId });
  }

  /** Holds a record and writes it a little later. */
  function hold(key: string, value: unknown): void {
    held.set(key, value);
    if (unsaved.size === 0) unsavedSince = page.now();
    unsaved.add(key);
    stopTimer();
    const longest = Math.max(0, unsavedSince + SAVE_AT_LEAST_MS - page.now());
    stopTimer = page.after(Math.min(SAVE_AFTER_MS, longest), flush);
  }

  function flush(): void {
    stopTimer();
    for (const key of unsaved) write(key, pageId);
    unsaved.clear();
  }

  /** Holds a record and writes it at once. */
  function save(key: string, value: unknown): void {
    held.set(key, value);
    unsaved.delete(key);
    write(key, pageId);
  }

  /** Leaves a record to whichever page wants it next. Returns false where it could not be stored: then it is still held. */
  function release(key: string): boolean {
    if (!held.has(key)) return true;
    unsaved.delete(key);
    const isStored = write(key, null);
    if (isStored) held.delete(key);
    return isStored;
  }

  function remove(key: string): void {
    held.delete(key);
    unsaved.delete(key);
    erase(key);
  }

  function write(key: string, owner: string | null): boolean {
    const stored: Stored = { page: owner, savedAt: page.now(), value: held.get(key) };
    const text = JSON.stringify(stored);
    // A full storage is given one more try, without what has been left lying for the longest time.
    return put(key, text) || (prune(MOST_RECORDS / 4) && put(key, text));
  }

  function put(key: string, text: string): boolean {
    try {
      page.storage().setItem(key, text);
      return true;
    } catch {
      return false;
    }
  }

  function erase(key: string) {
    try {
      page.storage().removeItem(key);
    } catch {
      // A storage that is closed to us holds nothing either.
    }
  }

  /** The free records whose key is this one or begins with it and a dot, the oldest first. */
  function free(key: string): PageRecord[] {
    return stored(key).filter((record) => record.page === null);
  }

  /** The same, removed from the storage: the caller keeps them from now on. */
  function takeFree(key: string): PageRecord[] {
    const found = free(key);
    for (const record of found) erase(record.key);
    return found;
  }

  /** Takes the records of pages that are gone and could not release them. */
  async function takeOrphans(key: string): Promise<PageRecord[]> {
    const isForeign = (record: Stored) => record.page !== null && record.page !== pageId;
    const pages = [...new Set(stored(key).flatMap((record) => (isForeign(record) ? [String(record.page)] : [])))];
    if (pages.length === 0) return [];
    for (const each of pages) answered.delete(each);
    page.channel?.post({ type: 'ask', pages });
    if (page.channel) await new Promise<void>((resolve) => page.after(ANSWER_WITHIN_MS, resolve));
    const found = stored(key).filter(
      (record) => pages.includes(String(record.page)) && !answered.has(String(record.page)),
    );
    for (const record of found) erase(record.key);
    return found;
  }

  function stored(key: string): (PageRecord & Stored)[] {
    return records((each) => each === key || each.startsWith(`${key}.`)).toSorted(
      (one, other) => one.savedAt - other.savedAt,
    );
  }

  function records(isWanted: (key: string) => boolean): (PageRecord & Stored)[] {
    try {
      const storage = page.storage();
      // Records are long: only those that are wanted are read.
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').filter(isWanted);
      return keys.map((key) => ({ key, ...parsed(storage.getItem(key) ?? '', page.now()) }));
    } catch {
      return [];
    }
  }

  /** Drops what is too old, and of the free records all but the newest. Returns whether there is more room now. */
  function prune(most: number = MOST_RECORDS): boolean {
    const others = records((key) => /^confab\.(draft|new-chat|sending)\./.test(key) && !held.has(key));
    const old = others.filter(({ savedAt }) => page.now() - savedAt > LONGEST_KEPT_MS);
    const rest = others
      .filter((record) => record.page === null && !old.includes(record))
      .toSorted((one, other) => other.savedAt - one.savedAt);
    const dropped = [...old, ...rest.slice(most)];
    for (const { key } of dropped) erase(key);
    return dropped.length > 0;
  }

  /** The page is left, perhaps for good. */
  function leave(): void {
    stopTimer();
    unsaved.clear();
    for (const key of held.keys()) write(key, null);
  }

  /** The browser has kept the page that was left, and shows it again. */
  function comeBack(): void {
    for (const key of held.keys()) write(key, pageId);
  }

  return { pageId, hold, flush, save, release, remove, free, takeFree, takeOrphans, prune, leave, comeBack };
}

/** Before records had owners a draft was stored as its text alone. */
function parsed(text: string, now: number): Stored {
  try {
    const { page, savedAt, value } = JSON.parse(text) as Partial<Stored>;
    if ((page === null || typeof page === 'string') && typeof savedAt === 'number') return { page, savedAt, value };
  } catch {
    // It is a text.
  }
  return { page: null, savedAt: now, value: text };
}

function browserPage(): RecordsPage {
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);
  return {
    storage: () => localStorage,
    channel: channel && {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no other origin
      post: (post) => channel.postMessage(post),
      listen: (call) => channel.addEventListener('message', ({ data }) => call(data)),
    },
    now: () => Date.now(),
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** The records of this page, written before it is hidden or left. */
export const pageRecords = followed(makePageRecords(browserPage()));

function followed(records: PageRecords): PageRecords {
  records.prune();
  window.addEventListener('blur', records.flush);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && records.flush());
  window.addEventListener('pagehide', records.leave);
  window.addEventListener('pageshow', ({ persisted }) => persisted && records.comeBack());
  return records;
}
