/** Tokens of the API for tests, and programs that ask with them. */
import { Person } from './person.ts';
import { asks } from './plain-requests.ts';

export interface TokenInput {
  scopes: readonly string[];
  chatIds?: readonly string[];
  documentIds?: readonly string[];
  expiresAt?: string | null;
}

/** Asks with a token alone, whatever cookies there are. */
export class Program extends Person {
  readonly #token: { id: string; secret: string };
  readonly #at: string | undefined;

  constructor(token: { id: string; secret: string }, at?: string) {
    super('program', '', '');
    this.#token = token;
    this.#at = at;
  }

  get tokenId(): string {
    return this.#token.id;
  }

  get secret(): string {
    return this.#token.secret;
  }

  override at(url: string): Program {
    return new Program(this.#token, url);
  }

  override get url(): string {
    return this.#at ?? super.url;
  }

  override get headers(): Record<string, string> {
    return { 'content-type': 'application/json', authorization: `Bearer ${this.secret}` };
  }
}

/** With a token that its owner makes through the front door. */
export async function programOf(owner: Person, input: TokenInput): Promise<Program> {
  const query = `mutation Make($input: CreateApiTokenInput!) {
    createApiToken(input: $input) { ... on CreateApiTokenPayload { secret token { id } } ... on Error { reason } }
  }`;
  const { createApiToken: made } = await asks<{ createApiToken: { secret?: string; token?: { id: string } } }>(
    owner,
    query,
    { input: { name: 'A program', ...input } },
  );
  if (!made.secret || !made.token) throw new Error(JSON.stringify(made));
  return new Program({ id: made.token.id, secret: made.secret });
}

export async function revoke(owner: Person, program: Program): Promise<void> {
  const query = `mutation Revoke($input: RevokeApiTokenInput!) { revokeApiToken(input: $input) { __typename } }`;
  const { revokeApiToken } = await asks<{ revokeApiToken: { __typename: string } }>(owner, query, {
    input: { id: program.tokenId },
  });
  if (revokeApiToken.__typename !== 'RevokeApiTokenPayload') throw new Error(JSON.stringify(revokeApiToken));
}
