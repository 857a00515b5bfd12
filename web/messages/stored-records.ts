/** The records of all pages of this browser, as they are in localStorage. */
export interface PageRecord {
  key: string;
  value: unknown;
  savedAt: number;
}

export interface Stored {
  /** The page that holds it; null: it is free. */
  page: string | null;
  savedAt: number;
  value: unknown;
}

type StoredRecord = PageRecord & Stored;

export class StoredRecords {
  readonly #storage: () => Storage;
  readonly #now: () => number;

  constructor({ storage, now }: { storage: () => Storage; now: () => number }) {
    this.#storage = storage;
    this.#now = now;
  }

  /** Returns whether there was room. */
  put(key: string, text: string): boolean {
    try {
      this.#storage().setItem(key, text);
      return true;
    } catch {
      return false;
    }
  }

  erase(key: string): void {
    try {
      this.#storage().removeItem(key);
    } catch {
      // A storage that is closed to us holds nothing either.
    }
  }

  all(): StoredRecord[] {
    return this.#read((key) => /^confab\.(draft|new-chat|sending)\./.test(key));
  }

  /** Those whose key is this one or begins with it and a dot, the oldest first. */
  under(key: string): StoredRecord[] {
    const found = this.#read((each) => each === key || each.startsWith(`${key}.`));
    return found.toSorted((one, other) => one.savedAt - other.savedAt);
  }

  #read(isWanted: (key: string) => boolean): StoredRecord[] {
    try {
      const storage = this.#storage();
      // Records are long: only those that are wanted are read.
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').filter(isWanted);
      return keys.map((key) => ({ key, ...parsed(storage.getItem(key) ?? '', this.#now()) }));
    } catch {
      return [];
    }
  }
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
