import { useClient } from '@urql/solid';
import { graphql } from '../generated';
import type { CreateAgentInput, UpdateAgentInput } from '../generated/graphql';
import { perform } from '../graphql/perform';
import { adminWords } from './words';
import { toast } from '../ui/toasts';
import type { AgentInDetail } from './agents-page';

const CreateAgent = graphql(`
  mutation CreateAgent($input: CreateAgentInput!) {
    createAgent(input: $input) {
      __typename
      ... on CreateAgentPayload {
        agent {
          ...AgentDetails
        }
      }
      ...FailureFields
    }
  }
`);

const UpdateAgent = graphql(`
  mutation UpdateAgent($input: UpdateAgentInput!) {
    updateAgent(input: $input) {
      __typename
      ... on UpdateAgentPayload {
        agent {
          ...AgentDetails
        }
      }
      ...FailureFields
    }
  }
`);

const ArchiveAgent = graphql(`
  mutation ArchiveAgent($input: ArchiveAgentInput!) {
    archiveAgent(input: $input) {
      __typename
      ... on ArchiveAgentPayload {
        agent {
          ...AgentDetails
        }
      }
      ...FailureFields
    }
  }
`);

const SetDefaultAgent = graphql(`
  mutation SetDefaultAgent($input: SetDefaultAgentInput!) {
    setDefaultAgent(input: $input) {
      __typename
      ... on SetDefaultAgentPayload {
        agent {
          ...AgentDetails
        }
      }
      ...FailureFields
    }
  }
`);

const changesAgents = { additionalTypenames: ['Agent'] };

export function createAgentActions() {
  const client = useClient();

  return {
    create: (input: CreateAgentInput) => perform(client, CreateAgent, { input }, changesAgents),
    update: (input: UpdateAgentInput) => perform(client, UpdateAgent, { input }, changesAgents),
    archive: async ({ id, name }: AgentInDetail) => {
      const done = await perform(client, ArchiveAgent, { input: { id } }, changesAgents);
      toast(done.payload ? adminWords().archivedToast(name) : done.words);
    },
    makeDefault: async ({ id }: AgentInDetail) => {
      const done = await perform(client, SetDefaultAgent, { input: { id } }, changesAgents);
      if (!done.payload) toast(done.words);
    },
  };
}
