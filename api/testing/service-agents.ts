/** Service agents for tests: made by an administrator, and asking with a token of their own. */
import type { Person } from './person.ts';
import { Program, type TokenInput } from './tokens.ts';

/** What a mutation gave, or the error. */
export interface Outcome {
  __typename: string;
  code?: string;
  known?: number;
  length?: number;
  run?: { id: string; status: string };
}

export interface AppendInput {
  runId: string;
  from: number;
  kind?: 'TEXT' | 'THINKING';
  text: string;
}

export class ServiceAgent extends Program {
  readonly personId: string;
  readonly handle: string;

  constructor(made: { personId: string; handle: string }, token: { id: string; secret: string }, at?: string) {
    super(token, at);
    this.personId = made.personId;
    this.handle = made.handle;
  }

  override at(url: string): ServiceAgent {
    return new ServiceAgent(this, { id: this.tokenId, secret: this.secret }, url);
  }

  async tries(mutation: 'beginAnswer' | 'appendToAnswer' | 'endAnswer', input: object): Promise<Outcome> {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}`;
    const fields = mutation === 'appendToAnswer' ? 'length' : 'run { id status }';
    const gap = mutation === 'beginAnswer' ? '' : '... on OffsetError { known }';
    const query = `mutation Do($input: ${type}Input!) {
      ${mutation}(input: $input) { __typename ... on Error { code } ${gap} ... on ${type}Payload { ${fields} } }
    }`;
    const data = await dataOf<Record<string, Outcome>>(this, query, { input });
    return data[mutation] as Outcome;
  }

  /** Returns the run's id. */
  async begins(chatId: string, replyToId: string, clientId: string = crypto.randomUUID()): Promise<string> {
    const outcome = await this.tries('beginAnswer', { chatId, replyToId, clientId });
    if (!outcome.run) throw new Error(JSON.stringify(outcome));
    return outcome.run.id;
  }

  appends({ kind = 'TEXT', ...input }: AppendInput): Promise<Outcome> {
    return this.tries('appendToAnswer', { kind, ...input });
  }

  ends(runId: string, more: object = {}): Promise<Outcome> {
    return this.tries('endAnswer', { runId, ...more });
  }
}

export const everyScope = ['READ_CHATS', 'WRITE_CHATS', 'MANAGE_ROOMS', 'RUN_AGENTS', 'ACCOUNT'];

/** `by`: an administrator. */
export async function serviceAgent(by: Person, name = 'Robot', token: Partial<TokenInput> = {}): Promise<ServiceAgent> {
  const handle = `${name.toLowerCase()}-${crypto.randomUUID().slice(0, 8)}`;
  const { createServiceAgent: made } = await dataOf<{ createServiceAgent: { person?: { id: string } } }>(
    by,
    `mutation Make($input: CreateServiceAgentInput!) {
      createServiceAgent(input: $input) { ... on CreateServiceAgentPayload { person { id } } ... on Error { reason } }
    }`,
    { input: { name, handle, clientId: crypto.randomUUID() } },
  );
  if (!made.person) throw new Error(JSON.stringify(made));
  const { createApiToken } = await dataOf<{ createApiToken: { secret?: string; token?: { id: string } } }>(
    by,
    `mutation Token($input: CreateApiTokenInput!) {
      createApiToken(input: $input) { ... on CreateApiTokenPayload { secret token { id } } ... on Error { reason } }
    }`,
    { input: { name: 'A program', scopes: everyScope, serviceAgentId: made.person.id, ...token } },
  );
  if (!createApiToken.secret || !createApiToken.token) throw new Error(JSON.stringify(createApiToken));
  return new ServiceAgent(
    { personId: made.person.id, handle },
    { id: createApiToken.token.id, secret: createApiToken.secret },
  );
}

async function dataOf<Data>(who: Person, query: string, variables: object): Promise<Data> {
  const { data, errors } = (await (await who.post('/graphql', { query, variables })).json()) as {
    data?: Data;
    errors?: unknown;
  };
  if (!data) throw new Error(JSON.stringify(errors));
  return data;
}
