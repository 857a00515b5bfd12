/** Requests of which a test writes the text itself, and a feed whose events are collected from the beginning. */
import { createClient } from 'graphql-sse';

import type { Person } from './person.ts';
import { mutationDocument } from './samples.ts';

/** What the mutation came to: its payload's name, or the error's. */
export async function does(who: Person, mutation: string, input: Record<string, unknown>): Promise<string> {
  const response = await who.post('/graphql', { query: mutationDocument(mutation), variables: { input } });
  const { data, errors } = (await response.json()) as {
    data?: Record<string, { __typename: string }> | null;
    errors?: unknown;
  };
  const typename = data?.[mutation]?.__typename;
  if (!typename) throw new Error(`${who.name}: ${mutation}: ${JSON.stringify(errors)}`);
  return typename;
}

export async function writes(who: Person, chatId: string, content: string): Promise<string> {
  return does(who, 'sendMessage', { chatId, content, clientId: crypto.randomUUID() });
}

/** The data of a query, or of each event of a subscription. */
export async function asks<Data>(who: Person, query: string, variables: Record<string, unknown>): Promise<Data> {
  const { data, errors } = (await (await who.post('/graphql', { query, variables })).json()) as {
    data?: Data | null;
    errors?: unknown;
  };
  if (!data) throw new Error(`${who.name}: ${JSON.stringify(errors)}`);
  return data;
}

export interface ReceivedEvent {
  __typename: string;
  [field: string]: unknown;
}

/** A feed that is read from now on, as fast as it comes. */
export class HeardFeed implements Disposable {
  readonly events: ReceivedEvent[] = [];
  error: unknown = null;
  hasEnded = false;
  readonly #close: () => void;
  readonly #caughtUp = Promise.withResolvers<void>();

  constructor(
    who: Person,
    query: string,
    variables: Record<string, unknown>,
    onEvent: (event: ReceivedEvent) => void = () => {},
  ) {
    const client = createClient({ url: `${who.url}/graphql`, headers: () => who.headers, retryAttempts: 0 });
    this.#close = client.subscribe<{ feed: ReceivedEvent }>(
      { query, variables },
      {
        next: ({ data, errors }) => {
          if (!data) {
            this.error = errors;
            return;
          }
          this.events.push(data.feed);
          if (data.feed.__typename === 'Tick') this.#caughtUp.resolve();
          onEvent(data.feed);
        },
        error: (error) => (this.error = error),
        complete: () => (this.hasEnded = true),
      },
    );
  }

  of(typename: string): ReceivedEvent[] {
    return this.events.filter((event) => event.__typename === typename);
  }

  /** Resolves when what was missed before it opened has been sent. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp.promise;
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}
