/** The clients that people write programs with, as they come, with a token, against a server. */
import { readFileSync } from 'node:fs';

import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client/core/index.js';
import { relayStylePagination } from '@apollo/client/utilities/index.js';
import { cacheExchange, Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { buildSchema, isAbstractType } from 'graphql';
import { createClient, NetworkError, type RequestParams } from 'graphql-sse';
import { beforeAll, describe, expect, test } from 'vitest';

import { testServer, useConfab } from '../testing/confab.ts';
import { WeakLine } from '../testing/guides.ts';
import { says } from '../testing/model-server.ts';
import { type Person, person } from '../testing/person.ts';
import { does } from '../testing/plain-requests.ts';
import { compileRelay, type RelayArtifact } from '../testing/relay.ts';
import { type Program, programOf } from '../testing/tokens.ts';

useConfab();

let ann: Person;
let program: Program;
const titles = ['One', 'Two', 'Three', 'Four', 'Five'];
/** The newest first, as `chats` has them. */
const newestFirst = titles.toReversed();

beforeAll(async () => {
  ann = await person('ann');
  for (const title of titles) await ann.createsChat(title);
  program = await programOf(ann, { scopes: ['READ_CHATS', 'WRITE_CHATS'] });
});

/** What every client sends beside the operation. */
function headers(): Record<string, string> {
  return { authorization: `Bearer ${program.secret}`, 'x-client-name': 'stock-client' };
}

function address(): string {
  return `${testServer().url}/graphql`;
}

const CHATS = `query Chats($first: Int!, $after: String) {
  chats(first: $first, after: $after) {
    edges { cursor node { id title } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

const SEND = `mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) {
    __typename
    ... on SendMessagePayload { message { id content } runs { id } }
    ... on Error { code reason }
  }
}`;

const FOLLOW = `subscription Follow($run: ID!, $from: Int!) {
  runEvents(runId: $run, from: $from) {
    __typename
    ... on ContentDelta { from to text }
    ... on MessageEnd { run { status } }
  }
}`;

interface Chats {
  chats: { edges: { node: { id: string; title: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
}

interface Sent {
  sendMessage: { __typename: string; code?: string; message?: { content: string }; runs?: { id: string }[] };
}

interface Followed {
  runEvents: { __typename: string; from?: number; to?: number; text?: string; run?: { status: string } };
}

function titlesOf({ chats }: Chats): string[] {
  return chats.edges.map(({ node }) => node.title);
}

function message(chatId: string, content = 'A question'): { input: object } {
  return { input: { chatId, content, clientId: crypto.randomUUID() } };
}

async function archivedChat(): Promise<string> {
  const { id } = await ann.createsChat('Archived');
  await does(ann, 'archiveChat', { id });
  return id;
}

describe('Apollo Client', () => {
  function apollo(): ApolloClient {
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
    const abstract = Object.values(schema.getTypeMap()).filter(isAbstractType);
    return new ApolloClient({
      link: new HttpLink({ uri: address(), headers: headers() }),
      cache: new InMemoryCache({
        // For fragments on interfaces, as its documentation has it.
        possibleTypes: Object.fromEntries(
          abstract.map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
        ),
        typePolicies: { Query: { fields: { chats: relayStylePagination() } } },
      }),
    });
  }

  test('reads the first page, fetches the others, and keeps them as one list', async () => {
    const client = apollo();
    const query = client.watchQuery<Chats>({ query: gql(CHATS), variables: { first: 2 } });
    let { data } = await query.reobserve();
    expect(data && titlesOf(data)).toEqual(newestFirst.slice(0, 2));
    while (data?.chats?.pageInfo?.hasNextPage) {
      await query.fetchMore({ variables: { after: data.chats.pageInfo.endCursor } });
      ({ data } = await client.query<Chats>({ query: gql(CHATS), variables: { first: 2 }, fetchPolicy: 'cache-only' }));
    }
    expect(data && titlesOf(data)).toEqual(newestFirst);
    client.stop();
  });

  test('sends a message, and receives an expected failure as data', async () => {
    const client = apollo();
    testServer().model.next(says('An answer.'));
    const { id } = await ann.createsChat('For Apollo');
    const sent = await client.mutate<Sent>({ mutation: gql(SEND), variables: message(id) });
    expect(sent.data?.sendMessage).toMatchObject({ message: { content: 'A question' }, runs: [{}] });
    const refused = await client.mutate<Sent>({ mutation: gql(SEND), variables: message(await archivedChat()) });
    expect(refused.data?.sendMessage).toMatchObject({ __typename: 'ForbiddenError', code: 'CHAT_ARCHIVED' });
    client.stop();
  });

  test('receives errors with their codes, whatever the status', async () => {
    const client = apollo();
    for (const [query, code] of [
      ['{ primaryContext { content } }', 'FORBIDDEN_SCOPE'],
      ['{ chats(first: 1) { nothing } }', 'GRAPHQL_VALIDATION_FAILED'],
      ['{ chats(first: -1) { nodes { id } } }', 'BAD_PAGE'],
    ] as const) {
      const { error } = await client.query({ query: gql(query), errorPolicy: 'all', fetchPolicy: 'no-cache' });
      if (!CombinedGraphQLErrors.is(error)) throw new Error(`${code}: ${error?.message}`);
      expect(error.errors[0]?.extensions?.['code']).toBe(code);
    }
    client.stop();
  });
});

describe('urql', () => {
  /** Subscriptions by its own exchange, or by graphql-sse as its documentation has it. */
  function urql(by: 'urql' | 'graphql-sse'): Client {
    const sse = createClient({ url: address(), headers: headers() });
    return new Client({
      url: address(),
      preferGetMethod: false,
      fetchOptions: { headers: headers() },
      fetchSubscriptions: by === 'urql',
      exchanges: [
        cacheExchange,
        ...(by === 'urql'
          ? []
          : [
              subscriptionExchange({
                forwardSubscription: (operation) => ({
                  subscribe: (sink) => ({ unsubscribe: sse.subscribe(operation as RequestParams, sink) }),
                }),
              }),
            ]),
        fetchExchange,
      ],
    });
  }

  test('reads, also by GET', async () => {
    const client = urql('urql');
    for (const context of [{}, { preferGetMethod: true as const, requestPolicy: 'network-only' as const }]) {
      const { data, error } = await client.query<Chats>(CHATS, { first: 50 }, context).toPromise();
      expect(error).toBeUndefined();
      expect(data && titlesOf(data)).toEqual(expect.arrayContaining(titles));
    }
    const { error } = await client.query('{ primaryContext { content } }', {}).toPromise();
    expect(error?.graphQLErrors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN_SCOPE', scope: 'READ_CONTEXTS' });
  });

  test.each(['urql', 'graphql-sse'] as const)('sends a message and follows the answer, by %s', async (by) => {
    const client = urql(by);
    testServer().model.next(says('Once ', 'upon ', 'a time.'));
    const { id } = await ann.createsChat('For urql');
    const { data } = await client.mutation<Sent>(SEND, message(id)).toPromise();
    const run = data?.sendMessage.runs?.[0]?.id;
    const events: Followed['runEvents'][] = [];
    await new Promise<void>((resolve, reject) => {
      client.subscription<Followed>(FOLLOW, { run, from: 0 }).subscribe(({ data: told, error }) => {
        if (error) reject(error);
        if (told) events.push(told.runEvents);
        if (told?.runEvents.run) resolve();
      });
    });
    expect(events.map(({ text = '' }) => text).join('')).toBe('Once upon a time.');
    expect(events.at(-1)).toMatchObject({ __typename: 'MessageEnd', run: { status: 'COMPLETED' } });
  });
});

describe('graphql-sse', () => {
  test('resumes an answer over a line that breaks, from the offset it has', async () => {
    await using line = await WeakLine.to(testServer().url);
    const held = testServer().model.hold().begin().write('Once 🐉 ');
    const { run } = await ann.sends('Tell me a story.');
    const client = createClient({ url: `${line.url}/graphql`, headers: headers(), retryAttempts: 0 });
    let text = '';
    let from = 0;

    /** Reads until the answer or the line ends. */
    async function read(onText: () => void = () => {}): Promise<string | undefined> {
      for await (const { data } of client.iterate<Followed>({ query: FOLLOW, variables: { run: run.id, from } })) {
        const event = data?.runEvents;
        if (event?.run) return event.run.status;
        if (event?.to === undefined) continue;
        expect(event.from).toBe(from);
        from = event.to;
        text += event.text;
        onText();
      }
      return undefined;
    }

    const broken = read(() => {
      if (text === 'Once 🐉 ') expect(line.cut()).toBeGreaterThan(0);
    });
    await expect(broken).rejects.toThrow(NetworkError);
    // The rest is written while no client is connected.
    held.write('upon ').write('a time.').end();
    await Array.fromAsync(ann.follows(run.id));
    expect(await read()).toBe('COMPLETED');
    expect(text).toBe('Once 🐉 upon a time.');
    client.dispose();
  });
});

describe('Relay', () => {
  let operations: Map<string, RelayArtifact>;

  beforeAll(async () => {
    operations = await compileRelay('History', [
      `query HistoryQuery { ...History_chats }`,
      `fragment History_chats on Query
        @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
        @refetchable(queryName: "HistoryChatsQuery") {
          chats(first: $count, after: $cursor) @connection(key: "History_chats") {
            edges { node { id title ...History_chat } }
          }
        }`,
      `fragment History_chat on Chat
        @argumentDefinitions(count: { type: "Int", defaultValue: 1 }, cursor: { type: "String" })
        @refetchable(queryName: "HistoryMessagesQuery") {
          messages(last: $count, before: $cursor) @connection(key: "History_messages") {
            edges { node { id content author { name } } }
          }
        }`,
      SEND.replace('mutation Send', 'mutation HistorySendMutation'),
      FOLLOW.replace('subscription Follow', 'subscription HistoryFollowSubscription'),
    ]);
  }, 60_000);

  async function fetched<Data>(name: string, variables: object): Promise<Data> {
    const query = operations.get(name)?.params.text;
    const response = await program.post('/graphql', { query, variables });
    const { data, errors } = (await response.json()) as { data?: Data; errors?: unknown };
    if (errors || !data) throw new Error(JSON.stringify(errors));
    return data;
  }

  test('compiles queries, connections, fragments, a mutation and a subscription', () => {
    expect([...operations.keys()].toSorted()).toEqual([
      'HistoryChatsQuery',
      'HistoryFollowSubscription',
      'HistoryMessagesQuery',
      'HistoryQuery',
      'HistorySendMutation',
    ]);
  });

  test('pages through a connection, and fetches a node again by its id', async () => {
    await ann.sends('Last question', (await ann.createsChat('For Relay')).id);
    type Nodes = { edges: { node: { id: string; title: string } }[] } & Pick<Chats['chats'], 'pageInfo'>;
    const all: string[] = [];
    let { chats } = await fetched<{ chats: Nodes }>('HistoryQuery', {});
    const chatId = chats.edges[0]?.node.id;
    for (;;) {
      all.push(...chats.edges.map(({ node }) => node.title));
      if (!chats.pageInfo.hasNextPage) break;
      ({ chats } = await fetched<{ chats: Nodes }>('HistoryChatsQuery', {
        count: 3,
        cursor: chats.pageInfo.endCursor,
      }));
    }
    expect(all[0]).toBe('For Relay');
    expect(all.filter((title) => titles.includes(title))).toEqual(newestFirst);
    const { node } = await fetched<{ node: { messages: { edges: { node: { content: string } }[] } } }>(
      'HistoryMessagesQuery',
      { id: chatId, count: 5 },
    );
    expect(node.messages.edges[0]?.node.content).toBe('Last question');
  });
});
