/** Who is writing something in the rooms of this node's people, as far as others said. In memory alone, and for a few seconds. */

/** How long a person counts as typing after their last notice. */
export const TYPING_MS = 6_000;
/** Of one room: more names are not shown. */
export const MOST_WRITERS = 10;
const MOST_ROOMS = 10_000;
/** How often the later ones of a room are announced, and expired ones removed. */
const ANNOUNCE_MS = 500;

type Listener = (chatId: string, personIds: string[]) => void;

class Writers {
  /** By room and person: until when. */
  readonly #rooms = new Map<string, Map<string, number>>();
  readonly #announced = new Map<string, string>();
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | null = null;

  /** Called with all who write in a room, whenever that has changed. Returns what ends that, and forgets all without listeners. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#rooms.clear();
      this.#announced.clear();
      this.#rest();
    };
  }

  of(chatId: string): string[] {
    return [...(this.#rooms.get(chatId)?.keys() ?? [])];
  }

  note(chatId: string, personId: string): void {
    const room = this.#rooms.get(chatId) ?? new Map<string, number>();
    const isFull = !this.#rooms.has(chatId) && this.#rooms.size >= MOST_ROOMS;
    if (isFull || (room.size >= MOST_WRITERS && !room.has(personId))) return;
    this.#rooms.set(chatId, room.set(personId, Date.now() + TYPING_MS));
    // The first of them at once; the others in turns, so that a room where all type gets two events a second.
    if (!this.#announced.has(chatId)) this.#announce(chatId);
    this.#timer ??= setInterval(() => this.#announceAll(), ANNOUNCE_MS).unref();
  }

  clear(chatId: string, personIds: Iterable<string>): void {
    const room = this.#rooms.get(chatId);
    if (!room) return;
    for (const personId of personIds) room.delete(personId);
    this.#announce(chatId);
  }

  #announceAll(): void {
    const now = Date.now();
    for (const [chatId, room] of this.#rooms) {
      for (const [personId, until] of room) if (until <= now) room.delete(personId);
      this.#announce(chatId);
    }
    if (this.#rooms.size === 0) this.#rest();
  }

  #announce(chatId: string): void {
    const personIds = this.of(chatId);
    const names = personIds.join(' ');
    const isNews = names !== (this.#announced.get(chatId) ?? '');
    if (names) this.#announced.set(chatId, names);
    else {
      this.#announced.delete(chatId);
      this.#rooms.delete(chatId);
    }
    if (isNews) for (const listener of this.#listeners) listener(chatId, personIds);
  }

  #rest(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}

export const writers = new Writers();
