/** What a subscription tells of events that need no execution: words, of which there are thousands a second. */

/** A value whose fields are what the schema says, scalars all: nothing has to be resolved. */
export interface PlainValue {
  /** The object type that it is of. */
  readonly typename: string;
  /** Asked for once for each key. */
  readonly value: () => object;
  /** The same object whenever the same is told, so that the answer is written down once for all who ask in the same words. */
  readonly key: object;
}

/** In the `extensions` of a subscription's field: what an event is where it needs no execution, else null. */
export interface PlainEvents<Event> {
  plain: (event: Event) => PlainValue | null;
}
