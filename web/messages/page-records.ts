/**
 * Texts in localStorage that several tabs keep side by side. A record is held by the page (one document in one tab) that shows it,
 * and only that page writes it. A page that is left releases its records: after a reload, or in another tab, they are free to be
 * taken. The records of a page that crashed are found by asking which pages still answer.
 */
import { makeClientId } from '../browser/client-id';
import { StoredRecords, type PageRecord, type Stored } from './stored-records';

export type { PageRecord };

const CHANNEL = 'confab.pages';
/** How long after the last change a record is written: a long text is not serialised at every key. */
export const SAVE_AFTER_MS = 300;
/** Typing without a pause is saved this often. */
export const SAVE_AT_LEAST_MS = 2_000;
/** A page that has not answered for this long is taken for gone. A wrong guess copies a text to another tab, and loses nothing. */
export const ANSWER_WITHIN_MS = 2_000;
export const MOST_RECORDS = 100;
export const LONGEST_KEPT_MS = 60 * 24 * 60 * 60 * 1_000;

type Post = { type: 'ask'; pages: string[] } | { type: 'alive'; page: string };

/** What the browser gives to a page; a test brings its own. */
export interface RecordsPage {
  storage: () => Storage;
  /** Null: pages cannot ask each other, and every other page is taken for gone. */
  channel: { post: (post: unknown) => void; listen: (call: (post: unknown) => void) => void } | null;
  now: () => number;
  after: (ms: number, call: () => void) => () => void;
}

/** The records of one page. */
export class PageRecords {
  readonly pageId = makeClientId();
  readonly #page: RecordsPage;
  readonly #stored: StoredRecords;
  readonly #held = new Map<string, unknown>();
  readonly #unsaved = new Set<string>();
  /** Pages that have answered since they were last asked. */
  readonly #answered = new Set<string>();
  #unsavedSince = 0;
  #stopTimer = () => {};

  constructor(page: RecordsPage) {
    this.#page = page;
    this.#stored = new StoredRecords(page);
    page.channel?.listen((post) => this.#receive(post as Post));
  }

  /** Holds a record and writes it a little later. */
  hold(key: string, value: unknown): void {
    this.#held.set(key, value);
    if (this.#unsaved.size === 0) this.#unsavedSince = this.#page.now();
    this.#unsaved.add(key);
    this.#stopTimer();
    const longest = Math.max(0, this.#unsavedSince + SAVE_AT_LEAST_MS - this.#page.now());
    this.#stopTimer = this.#page.after(Math.min(SAVE_AFTER_MS, longest), this.flush);
  }

  readonly flush = (): void => {
    this.#stopTimer();
    for (const key of this.#unsaved) this.#write(key, this.pageId);
    this.#unsaved.clear();
  };

  /** Holds a record and writes it at once. */
  save(key: string, value: unknown): void {
    this.#held.set(key, value);
    this.#unsaved.delete(key);
    this.#write(key, this.pageId);
  }

  /** Leaves a record to whichever page wants it next. Returns false where it could not be stored: then it is still held. */
  release(key: string): boolean {
    if (!this.#held.has(key)) return true;
    this.#unsaved.delete(key);
    const isStored = this.#write(key, null);
    if (isStored) this.#held.delete(key);
    return isStored;
  }

  remove(key: string): void {
    this.#held.delete(key);
    this.#unsaved.delete(key);
    this.#stored.erase(key);
  }

  /** The free records whose key is this one or begins with it and a dot, the oldest first. */
  free(key: string): PageRecord[] {
    return this.#stored.under(key).filter((record) => record.page === null);
  }

  /** The same, removed from the storage: the caller keeps them from now on. */
  takeFree(key: string): PageRecord[] {
    const found = this.free(key);
    for (const record of found) this.#stored.erase(record.key);
    return found;
  }

  /** Takes the records of pages that are gone and could not release them. */
  async takeOrphans(key: string): Promise<PageRecord[]> {
    const foreign = this.#stored
      .under(key)
      .flatMap(({ page }) => (page === null || page === this.pageId ? [] : [page]));
    const pages = [...new Set(foreign)];
    if (pages.length === 0) return [];
    for (const each of pages) this.#answered.delete(each);
    this.#page.channel?.post({ type: 'ask', pages });
    if (this.#page.channel) await new Promise<void>((resolve) => this.#page.after(ANSWER_WITHIN_MS, resolve));
    const gone = new Set(pages.filter((each) => !this.#answered.has(each)));
    const found = this.#stored.under(key).filter(({ page }) => page !== null && gone.has(page));
    for (const record of found) this.#stored.erase(record.key);
    return found;
  }

  /** Drops what is too old, and of the free records all but the newest. Returns whether there is more room now. */
  prune(most: number = MOST_RECORDS): boolean {
    const others = this.#stored.all().filter(({ key }) => !this.#held.has(key));
    const old = others.filter(({ savedAt }) => this.#page.now() - savedAt > LONGEST_KEPT_MS);
    const rest = others
      .filter((record) => record.page === null && !old.includes(record))
      .toSorted((one, other) => other.savedAt - one.savedAt);
    const dropped = [...old, ...rest.slice(most)];
    for (const { key } of dropped) this.#stored.erase(key);
    return dropped.length > 0;
  }

  /** The page is left, perhaps for good. */
  readonly leave = (): void => {
    this.#stopTimer();
    this.#unsaved.clear();
    for (const key of this.#held.keys()) this.#write(key, null);
  };

  /** The browser has kept the page that was left, and shows it again. */
  comeBack(): void {
    for (const key of this.#held.keys()) this.#write(key, this.pageId);
  }

  #write(key: string, owner: string | null): boolean {
    const record: Stored = { page: owner, savedAt: this.#page.now(), value: this.#held.get(key) };
    const text = JSON.stringify(record);
    // A full storage is given one more try, without what has been left lying for the longest time.
    return this.#stored.put(key, text) || (this.prune(MOST_RECORDS / 4) && this.#stored.put(key, text));
  }

  #receive(post: Post): void {
    if (post.type === 'alive') this.#answered.add(post.page);
    else if (post.pages.includes(this.pageId)) this.#page.channel?.post({ type: 'alive', page: this.pageId });
  }
}

export const makePageRecords = (page: RecordsPage): PageRecords => new PageRecords(page);

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
