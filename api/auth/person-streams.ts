import { GraphQLError } from 'graphql';

type Close = (reason: Error) => void;

/** The streams of one kind that are open on this node, by person, in the order in which they were opened. */
export class PersonStreams {
  readonly #kind: string;
  readonly #most: () => number;
  readonly #ofPersons = new Map<string, Set<Close>>();

  /** `kind`: in the plural, for the reason that a closed stream is given. `most`: of one person, over all sessions. */
  constructor(kind: string, most: () => number) {
    this.#kind = kind;
    this.#most = most;
  }

  /** Closes the person's oldest stream where this one is one too many. Dispose of it at the stream's end. */
  open(personId: string, close: Close): Disposable {
    const streams = this.#ofPersons.get(personId) ?? new Set();
    this.#ofPersons.set(personId, streams.add(close));
    for (const oldest of streams) {
      if (streams.size <= this.#most()) break;
      streams.delete(oldest);
      oldest(this.#tooMany());
    }
    return {
      [Symbol.dispose]: () => {
        streams.delete(close);
        if (streams.size === 0 && this.#ofPersons.get(personId) === streams) this.#ofPersons.delete(personId);
      },
    };
  }

  #tooMany(): GraphQLError {
    const message = `You have opened more than ${this.#most()} ${this.#kind} on this server. This one, the oldest, is closed.`;
    return new GraphQLError(message, { extensions: { code: 'TOO_MANY_STREAMS' } });
  }
}
