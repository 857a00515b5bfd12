import { useClient } from '@urql/solid';
import { graphql } from '../generated';
import type { CreateApiTokenInput, TokenFieldsFragment } from '../generated/graphql';
import { perform } from '../graphql/perform';
import { toast } from '../ui/toasts';
import { tokenWords } from './words';

export type Token = TokenFieldsFragment;

/** Whose tokens they are, where they are not the viewer's own. */
export interface ServiceAgentName {
  id: string;
  name: string;
}

const CreateToken = graphql(`
  mutation CreateToken($input: CreateApiTokenInput!) {
    createApiToken(input: $input) {
      __typename
      ... on CreateApiTokenPayload {
        secret
        token {
          ...TokenFields
        }
      }
      ...FailureFields
    }
  }

  fragment TokenFields on ApiToken {
    id
    name
    prefix
    scopes
    chatIds
    chats(first: 3) {
      id
      title
    }
    documentIds
    expiresAt
    lastUsedAt
    lastUsedAddress
    createdAt
  }
`);

const RevokeToken = graphql(`
  mutation RevokeToken($input: RevokeApiTokenInput!) {
    revokeApiToken(input: $input) {
      __typename
      ... on RevokeApiTokenPayload {
        token {
          id
        }
      }
      ...FailureFields
    }
  }
`);

const changesTokens = { additionalTypenames: ['ApiToken'] };

export function createTokenActions() {
  const client = useClient();

  return {
    create: (input: CreateApiTokenInput) => perform(client, CreateToken, { input }, changesTokens),
    revoke: async ({ id, name }: Token) => {
      const done = await perform(client, RevokeToken, { input: { id } }, changesTokens);
      toast(done.payload ? tokenWords().tokenRevoked(name) : done.words);
    },
  };
}
