/** Events of a subscription that need no execution: deltas, of which there are thousands a second. */
import type { Viewer } from '../auth/viewer.ts';
import type { AnyMember } from './context.ts';

/** A value whose fields are what the schema says, scalars all: nothing has to be resolved. */
export interface PlainValue {
  /** The object type that it is of. */
  readonly typename: string;
  /** Asked for once for each key. */
  readonly value: () => object;
  /** The same object for the same content, so that it is serialised once for all who sent the same document. */
  readonly key: object;
}

/** What an event has in common for all who receive it. */
export interface SharedPart {
  /** The same object for the same content but for each receiver's own fields: the rest is executed and serialised once. */
  readonly key: object;
  /** What is known of its receivers. The same for one key. */
  readonly to: AnyMember;
}

/** An event that is sent to many, and differs in a few fields of one object in it. */
export interface SharedEvent extends SharedPart {
  /** The fields that differ, as JSON has them. */
  readonly own: Readonly<Record<string, unknown>>;
  /** By `OwnValue.key`: of the objects in a list, the values that this receiver alone is given. The others are null. */
  readonly ownValues: ReadonlyMap<string, string>;
}

/** Begins to make what an event shares, before it is known who receives it. `event` needs nothing that is a receiver's own. */
export type Prepare = (event: unknown, part: SharedPart) => void;

/** A boolean that differs between the receivers of an event, of each of many objects in it. */
export interface OwnMark {
  /** The field, of whatever object. No other type has one of this name. */
  readonly field: string;
  /** The field of the same object that names it: a text without escapes. */
  readonly key: string;
  /** Of these objects those where it is true for that person. Asked with one list of keys for all receivers of the event. */
  readonly of: (viewer: Viewer, keys: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** A text that one of the receivers of an event is given of some objects in it, and the others are not. */
export interface OwnValue {
  /** The field of the event that lists the objects. Elsewhere in it, a field of this name is executed for each receiver. */
  readonly list: string;
  readonly field: string;
  /** The field of the same object that names it: a text without escapes. */
  readonly key: string;
}

/** In the `extensions` of a subscription's field. */
export interface PlainEvents<Event> {
  /** What an event is where it needs no execution, else null. */
  plain: (event: Event) => PlainValue | null;
  /** Where events are sent to many. */
  shared?: {
    /** The field of the event that has what differs. */
    field: string;
    ownFields: ReadonlySet<string>;
    ownMark: OwnMark;
    ownValue: OwnValue;
    /** Null where the event is for this viewer alone. */
    of: (event: Event, viewer: Viewer) => SharedEvent | null;
  };
}
